//! A client of the protocol that does what docs/protocol.md tells clients to do, and remembers all it was sent.

use std::net::SocketAddr;

use antiphon_protocol::{
    Format,
    v1::{self, ServerFrame, client_frame, server_frame::Kind},
};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use super::{ACME, Came, Key, Socket, token, within};

/// Somebody who has not joined yet.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    address: SocketAddr,
    key: Key,
    identity: String,
    room: String,
    grants: Value,
    format: Format,
    token: Option<String>,
    join: v1::Join,
}

/// Not let in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rejected {
    pub(crate) error: v1::Error,
    pub(crate) close: u16,
}

impl Rejected {
    pub(crate) fn code(&self) -> &str {
        &self.error.code
    }
}

impl Person {
    pub(crate) fn new(address: SocketAddr, identity: &str) -> Self {
        Self {
            address,
            key: ACME,
            identity: identity.to_owned(),
            room: "rehearsal".to_owned(),
            grants: json!({}),
            format: Format::Json,
            token: None,
            join: v1::Join::default(),
        }
    }

    pub(crate) fn of(mut self, key: Key) -> Self {
        self.key = key;
        self
    }

    pub(crate) fn in_room(mut self, room: &str) -> Self {
        room.clone_into(&mut self.room);
        self
    }

    /// Grants beside `join`.
    pub(crate) fn granted(mut self, grants: Value) -> Self {
        self.grants = grants;
        self
    }

    pub(crate) fn moderator(self) -> Self {
        self.granted(json!({ "moderate": true }))
    }

    pub(crate) fn speaking(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// Uses this token.
    pub(crate) fn with_token(mut self, token: String) -> Self {
        self.token = Some(token);
        self
    }

    /// Joins with this frame.
    pub(crate) fn joining_as(mut self, join: v1::Join) -> Self {
        self.join = join;
        self
    }

    pub(crate) fn token(&self) -> String {
        self.token.clone().unwrap_or_else(|| token(self.key, &self.identity, &self.room, &self.grants))
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Connects and says nothing yet.
    pub(crate) async fn connect(&self) -> Socket {
        Socket::open(self.address, &self.token(), self.format).await
    }

    pub(crate) async fn join(&self) -> Client {
        self.try_join().await.unwrap_or_else(|rejected| panic!("{} was to be let in: {rejected:?}", self.identity))
    }

    /// Is to be turned away.
    pub(crate) async fn rejected(&self) -> Rejected {
        match self.try_join().await {
            Ok(client) => panic!("{} was not to be let in: {:?}", self.identity, client.joined),
            Err(rejected) => rejected,
        }
    }

    pub(crate) async fn try_join(&self) -> Result<Client, Rejected> {
        self.join_on(self.connect().await).await
    }

    /// Joins over a socket that is open already.
    pub(crate) async fn join_on(&self, mut socket: Socket) -> Result<Client, Rejected> {
        socket.send(0, "", client_frame::Kind::Join(self.join.clone())).await;
        let (frame, socket) = entered(socket).await?;
        let Some(Kind::Joined(joined)) = frame.kind.clone() else { panic!("no answer to join: {frame:?}") };
        let session = Session {
            sid: joined.sid.clone(),
            resume_token: joined.resume_token.clone(),
            cursor: frame.cursor.clone(),
            acked: 0,
            seen: vec![frame],
            joined,
            sent: 0,
            person: self.clone(),
        };
        Ok(Client { session, socket })
    }
}

/// The answer to the first frame.
async fn entered(mut socket: Socket) -> Result<(ServerFrame, Socket), Rejected> {
    let frame = match socket.came().await {
        Came::Frame(frame) => frame,
        Came::Closed(code) => panic!("closed with {code} before an answer"),
    };
    if let Some(Kind::Error(error)) = frame.kind {
        return match socket.came().await {
            Came::Closed(close) => Err(Rejected { error, close }),
            Came::Frame(frame) => panic!("a close was to follow {error:?}, not {frame:?}"),
        };
    }
    Ok((frame, socket))
}

/// A session, with or without a connection.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) sid: String,
    pub(crate) resume_token: String,
    /// Of the newest frame that had one.
    pub(crate) cursor: String,
    pub(crate) joined: v1::Joined,
    /// The highest `ackSeq`.
    pub(crate) acked: u32,
    /// Every frame, in order.
    pub(crate) seen: Vec<ServerFrame>,
    /// The newest number.
    pub(crate) sent: u32,
    pub(crate) person: Person,
}

/// A session that is connected.
pub(crate) struct Client {
    session: Session,
    socket: Socket,
}

impl std::ops::Deref for Client {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

impl std::ops::DerefMut for Client {
    fn deref_mut(&mut self) -> &mut Session {
        &mut self.session
    }
}

impl Client {
    /// Sends a numbered frame and gives its number.
    pub(crate) async fn send(&mut self, kind: client_frame::Kind) -> u32 {
        self.sent += 1;
        let seq = self.sent;
        self.send_numbered(seq, kind).await;
        seq
    }

    /// Sends a frame under any number.
    pub(crate) async fn send_numbered(&mut self, seq: u32, kind: client_frame::Kind) {
        self.socket.send(seq, "", kind).await;
    }

    /// Acknowledges everything that was seen.
    pub(crate) async fn ack(&mut self) {
        let cursor = self.cursor.clone();
        self.socket.send(0, &cursor, client_frame::Kind::Ack(v1::Ack {})).await;
    }

    pub(crate) async fn chat(&mut self, text: &str) -> u32 {
        self.send(client_frame::Kind::Chat(v1::SendChat { text: text.to_owned(), to: String::new() })).await
    }

    pub(crate) async fn whisper(&mut self, to: &str, text: &str) -> u32 {
        self.send(client_frame::Kind::Chat(v1::SendChat { text: text.to_owned(), to: to.to_owned() })).await
    }

    pub(crate) async fn offer(&mut self, to: &str, sdp: &str) -> u32 {
        let (to, sdp) = (to.to_owned(), sdp.to_owned());
        self.send(client_frame::Kind::Offer(v1::Offer { to, sdp, ..v1::Offer::default() })).await
    }

    pub(crate) async fn candidate(&mut self, to: &str, candidate: &str) -> u32 {
        let (to, candidate) = (to.to_owned(), Some(candidate.to_owned()));
        self.send(client_frame::Kind::Candidate(v1::Candidate { to, candidate, ..v1::Candidate::default() })).await
    }

    pub(crate) async fn update_room(&mut self, update: v1::UpdateRoom) -> u32 {
        self.send(client_frame::Kind::UpdateRoom(update)).await
    }

    /// What comes next, remembered.
    pub(crate) async fn came(&mut self) -> Came {
        let came = self.socket.came().await;
        if let Came::Frame(frame) = &came {
            self.session.remember(frame.clone());
        }
        came
    }

    /// The next frame's kind.
    pub(crate) async fn next(&mut self) -> Kind {
        match self.came().await {
            Came::Frame(frame) => frame.kind.expect("a kind that this client knows"),
            Came::Closed(code) => panic!("{} was closed with {code}", self.person.identity),
        }
    }

    /// Reads until `choose` gives something. What it passes over can be found in `seen`.
    pub(crate) async fn expect<T>(&mut self, choose: impl Fn(&Kind) -> Option<T>) -> T {
        let before = self.seen.len();
        let reading = async {
            loop {
                match self.socket.came_ever().await {
                    Came::Frame(frame) => {
                        let chosen = frame.kind.as_ref().and_then(&choose);
                        self.session.remember(frame);
                        if let Some(chosen) = chosen {
                            return Ok(chosen);
                        }
                    }
                    Came::Closed(code) => return Err(format!("closed with {code}")),
                }
            }
        };
        let outcome = tokio::time::timeout(super::PATIENCE, reading).await.unwrap_or(Err("waited too long".to_owned()));
        let name = &self.person.identity;
        outcome.unwrap_or_else(|why| panic!("{name} did not get what it expected: {why}; {:?}", &self.seen[before..]))
    }

    /// The error that names `seq`.
    pub(crate) async fn expect_error(&mut self, seq: u32) -> v1::Error {
        self.expect(|kind| {
            if let Kind::Error(error) = kind { Some(error.clone()) } else { None }.filter(|e| e.seq == seq)
        })
        .await
    }

    /// The next chat message with this text.
    pub(crate) async fn expect_chat(&mut self, text: &str) -> v1::ChatMessage {
        self.expect(|kind| {
            if let Kind::Chat(chat) = kind { Some(chat.clone()) } else { None }.filter(|c| c.text == text)
        })
        .await
    }

    /// Reads until every frame up to `seq` is acknowledged.
    pub(crate) async fn expect_ack(&mut self, seq: u32) {
        while self.acked < seq {
            self.next().await;
        }
    }

    /// Whether a frame is settled, or answered by an error.
    pub(crate) async fn settles(&mut self, seq: u32) -> bool {
        loop {
            if self.acked >= seq {
                return true;
            }
            if let Kind::Error(error) = self.next().await
                && error.seq == seq
            {
                return false;
            }
        }
    }

    /// The next change of this participant that brings it into `state`.
    pub(crate) async fn expect_state(&mut self, sid: &str, state: v1::participant::State) {
        self.expect(|kind| {
            let Kind::ParticipantUpdated(v1::ParticipantUpdated { participant: Some(participant) }) = kind else {
                return None;
            };
            (participant.sid == sid && participant.state() == state).then_some(())
        })
        .await;
    }

    /// Reads the rest: the `left` that ends the session, if there is one, and the close code.
    pub(crate) async fn closed(&mut self) -> (Option<v1::Left>, u16) {
        let mut left = None;
        loop {
            match self.came().await {
                Came::Frame(ServerFrame { kind: Some(Kind::Left(said)), .. }) => left = Some(said),
                Came::Frame(_) => {}
                Came::Closed(code) => return (left, code),
            }
        }
    }

    /// What has been on its way to this client when it asks: the kinds, but for acknowledgements.
    pub(crate) async fn flush(&mut self) -> Vec<Kind> {
        let before = self.seen.len();
        // What the server is about to write when it reads the first ping stands before the second pong.
        for id in [1, 2] {
            self.socket.send(0, "", client_frame::Kind::Ping(v1::Ping { id })).await;
            self.expect(|kind| matches!(kind, Kind::Pong(pong) if pong.id == id).then_some(())).await;
        }
        let kinds = self.seen[before..].iter().filter_map(|frame| frame.kind.clone());
        kinds.filter(|kind| !matches!(kind, Kind::Ack(_) | Kind::Pong(_))).collect()
    }

    /// The connection breaks behind everything that was sent.
    pub(crate) async fn cut(self) -> Session {
        self.socket.cut().await;
        self.session
    }

    /// The session and its connection, apart.
    pub(crate) fn split(self) -> (Session, Socket) {
        (self.session, self.socket)
    }

    pub(crate) fn socket(&mut self) -> &mut Socket {
        &mut self.socket
    }
}

impl Session {
    fn remember(&mut self, frame: ServerFrame) {
        if !frame.cursor.is_empty() {
            frame.cursor.clone_into(&mut self.cursor);
        }
        self.acked = self.acked.max(frame.ack_seq);
        self.seen.push(frame);
    }

    /// The kinds of all frames so far.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = &Kind> {
        self.seen.iter().filter_map(|frame| frame.kind.as_ref())
    }

    /// The texts of every chat message so far, in order.
    pub(crate) fn chats(&self) -> Vec<&str> {
        self.kinds()
            .filter_map(|kind| if let Kind::Chat(chat) = kind { Some(chat.text.as_str()) } else { None })
            .collect()
    }

    /// The next connection goes to this server.
    pub(crate) fn at(mut self, address: SocketAddr) -> Self {
        self.person.address = address;
        self
    }

    pub(crate) async fn resume(self) -> (Client, v1::Resumed) {
        let name = self.person.identity.clone();
        self.try_resume().await.unwrap_or_else(|rejected| panic!("{name} was to resume: {rejected:?}"))
    }

    /// Is to be turned away.
    pub(crate) async fn rejected(&self) -> Rejected {
        match self.clone().try_resume().await {
            Ok((_, resumed)) => panic!("{} was not to resume: {resumed:?}", self.person.identity),
            Err(rejected) => rejected,
        }
    }

    pub(crate) async fn try_resume(mut self) -> Result<(Client, v1::Resumed), Rejected> {
        let mut socket = self.person.connect().await;
        let resume = v1::Resume { resume_token: self.resume_token.clone(), cursor: self.cursor.clone() };
        socket.send(0, "", client_frame::Kind::Resume(resume)).await;
        let (frame, socket) = entered(socket).await?;
        let Some(Kind::Resumed(resumed)) = frame.kind.clone() else { panic!("no answer to resume: {frame:?}") };
        assert_eq!(resumed.sid, self.sid);
        resumed.resume_token.clone_into(&mut self.resume_token);
        self.remember(frame);
        Ok((Client { session: self, socket }, resumed))
    }
}

/// Opens a TCP connection for a test that speaks for itself.
pub(crate) async fn tcp(address: SocketAddr) -> TcpStream {
    within("a connection", TcpStream::connect(address)).await.expect("connected")
}
