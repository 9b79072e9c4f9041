//! One WebSocket client: small enough for ten thousand in a process, and suspicious of everything it receives.

mod session;
mod socket;

use std::sync::Arc;

use antiphon_protocol::{
    Format, decode_server, encode_client,
    v1::{Ack, ClientFrame, Join, Resume, client_frame},
};
use bytes::{BufMut as _, Bytes, BytesMut};
use tokio::time::{Instant, timeout, timeout_at};

use self::session::Session;
pub(crate) use self::socket::Socket;
use crate::{
    content::{Kind, Parcel},
    fault::Fault,
    target::{Member, Target, Wire},
};

/// A message that was sent, as its recipients have to receive it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// What it is.
    pub kind: Kind,
    /// Which one.
    pub number: u32,
    /// The sender's address.
    pub from: String,
    /// The sender's `seq`; 0 where the wire has none.
    pub seq: u32,
}

impl Expected {
    /// Whether it is this message that came.
    ///
    /// # Errors
    /// When it is not.
    pub fn check(&self, received: &Parcel) -> Result<(), Fault> {
        let is_it = received.kind == self.kind
            && received.number == self.number
            && received.from == self.from
            && received.seq == self.seq;
        if is_it {
            return Ok(());
        }
        Err(Fault::WrongMessage { expected: format!("{self:?}"), received: format!("{received:?}") })
    }
}

/// A client that has joined its room.
#[derive(Debug)]
pub struct Client {
    target: Arc<Target>,
    member: Member,
    socket: Socket,
    seat: Seat,
}

#[derive(Debug)]
enum Seat {
    Antiphon { format: Format, session: Box<Session> },
    Floor,
}

/// How a client came back after its connection was cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    /// The session went on, with every frame.
    Recovered,
    /// The session went on from a snapshot.
    FromSnapshot,
    /// A new session.
    Rejoined,
}

/// A client whose connection was cut.
#[derive(Debug)]
pub struct Absent {
    target: Arc<Target>,
    member: Member,
    seat: Seat,
}

impl Client {
    /// Connects and joins.
    ///
    /// # Errors
    /// When the server does not answer as it should, or not in time.
    pub async fn join(target: Arc<Target>, member: Member) -> Result<Self, Fault> {
        let mut socket = Socket::connect(&target, &member).await?;
        let seat = match target.wire {
            Wire::Floor => Seat::Floor,
            Wire::Antiphon(format) => {
                let join = client_frame::Kind::Join(Join { room: member.room.clone(), ..Join::default() });
                let answer = socket.ask(&target, format, join).await?;
                Seat::Antiphon { format, session: Box::new(Session::joined(answer, Instant::now())?) }
            }
        };
        Ok(Self { target, member, socket, seat })
    }

    /// Who it is.
    #[must_use]
    pub fn member(&self) -> &Member {
        &self.member
    }

    /// What others write to: the sid, or the floor's name.
    #[must_use]
    pub fn address(&self) -> &str {
        match &self.seat {
            Seat::Antiphon { session, .. } => session.sid(),
            Seat::Floor => &self.member.identity,
        }
    }

    /// Whether a message to the room comes back to its sender.
    #[must_use]
    pub fn hears_itself(&self, kind: Kind) -> bool {
        match self.seat {
            Seat::Antiphon { .. } => kind == Kind::Chat,
            Seat::Floor => false,
        }
    }

    /// Sends a message to a peer's address, or to the room (`""`).
    ///
    /// # Errors
    /// When the connection ended.
    pub async fn send(&mut self, kind: Kind, number: u32, to: &str) -> Result<Expected, Fault> {
        let (message, seq) = match &mut self.seat {
            Seat::Antiphon { format, session } => {
                let seq = session.next_seq();
                let ack_cursor = session.take_ack(Instant::now());
                let kind = self.target.content.from_client(kind, number, to);
                (encode_client(*format, &ClientFrame { seq, ack_cursor, kind: Some(kind) }), seq)
            }
            Seat::Floor => {
                let kind = self.target.content.from_server(kind, number, &self.member.identity);
                (address_floor_message(to, kind), 0)
            }
        };
        self.socket.send(self.format(), message).await?;
        Ok(Expected { kind, number, from: self.address().to_owned(), seq })
    }

    /// The next message from a peer. Acknowledges what is due meanwhile. Cancel it only to give the
    /// connection up.
    ///
    /// # Errors
    /// When something comes that a correct server does not send, or the connection ends.
    pub async fn receive(&mut self) -> Result<Parcel, Fault> {
        loop {
            if let Some(parcel) = self.step().await? {
                return Ok(parcel);
            }
        }
    }

    /// Receives this message and no other.
    ///
    /// # Errors
    /// When another one comes, or none in time.
    pub async fn expect(&mut self, expected: &Expected) -> Result<(), Fault> {
        match timeout(self.target.patience, self.receive()).await {
            Ok(received) => expected.check(&received?),
            Err(_) => Err(Fault::Silence(format!("{expected:?}"))),
        }
    }

    /// Waits until everything that was sent is acknowledged, and nothing else comes.
    ///
    /// # Errors
    /// When an acknowledgement is missing.
    pub async fn settle(&mut self) -> Result<(), Fault> {
        let deadline = Instant::now() + self.target.patience;
        while !self.is_settled() {
            match timeout_at(deadline, self.step()).await {
                Ok(Ok(None)) => {}
                Ok(Ok(Some(parcel))) => return Err(Fault::Unexpected(format!("a second {parcel:?}"))),
                Ok(Err(fault)) => return Err(fault),
                Err(_) => return Err(Fault::Silence("what was sent: not acknowledged".to_owned())),
            }
        }
        Ok(())
    }

    /// Cuts the connection without a word.
    #[must_use]
    pub fn cut(self) -> Absent {
        drop(self.socket);
        Absent { target: self.target, member: self.member, seat: self.seat }
    }

    /// Takes one message in, or sends an acknowledgement that is due.
    async fn step(&mut self) -> Result<Option<Parcel>, Fault> {
        let due = match &self.seat {
            Seat::Antiphon { session, .. } => session.ack_due(),
            Seat::Floor => None,
        };
        let received = match due {
            Some(due) => timeout_at(due, self.socket.receive()).await.ok(),
            None => Some(self.socket.receive().await),
        };
        let parcel = match (received, &mut self.seat) {
            (None, _) => None,
            (Some(bytes), Seat::Antiphon { format, session }) => {
                session.accept(decode_server(*format, &bytes?)?, &self.target.content, Instant::now())?
            }
            (Some(bytes), Seat::Floor) => Some(self.read_floor_message(&bytes?)?),
        };
        self.acknowledge().await?;
        Ok(parcel)
    }

    async fn acknowledge(&mut self) -> Result<(), Fault> {
        let Seat::Antiphon { format, session } = &mut self.seat else { return Ok(()) };
        let ack_cursor = session.take_ack(Instant::now());
        if ack_cursor.is_empty() {
            return Ok(());
        }
        let kind = Some(client_frame::Kind::Ack(Ack {}));
        self.socket.send(*format, encode_client(*format, &ClientFrame { seq: 0, ack_cursor, kind })).await
    }

    fn read_floor_message(&self, bytes: &[u8]) -> Result<Parcel, Fault> {
        let space = bytes.iter().position(|byte| *byte == b' ').unwrap_or_default();
        let (address, frame) = bytes.split_at(space);
        if address != b"*" && address != self.member.identity.as_bytes() {
            return Err(Fault::Unexpected("a message for somebody else".to_owned()));
        }
        let frame = decode_server(Format::Json, frame)?;
        self.target
            .content
            .read(frame)
            .filter(|parcel| parcel.intact)
            .ok_or_else(|| Fault::Damaged("a message".to_owned()))
    }

    fn format(&self) -> Format {
        match &self.seat {
            Seat::Antiphon { format, .. } => *format,
            Seat::Floor => Format::Json,
        }
    }

    fn is_settled(&self) -> bool {
        match &self.seat {
            Seat::Antiphon { session, .. } => session.is_settled(),
            Seat::Floor => true,
        }
    }
}

impl Absent {
    /// Connects again and resumes; joins afresh where the server does not know the session any more.
    ///
    /// # Errors
    /// The client as it was, to try again, and why it failed.
    pub async fn come_back(mut self) -> Result<(Client, Return), (Self, Fault)> {
        match self.try_resume().await {
            Ok(Some((socket, how))) => {
                let Self { target, member, seat } = self;
                Ok((Client { target, member, socket, seat }, how))
            }
            Ok(None) => match Client::join(self.target.clone(), self.member.clone()).await {
                Ok(client) => Ok((client, Return::Rejoined)),
                Err(fault) => Err((self, fault)),
            },
            Err(fault) => Err((self, fault)),
        }
    }

    /// `None`: there is nothing to resume.
    async fn try_resume(&mut self) -> Result<Option<(Socket, Return)>, Fault> {
        let Seat::Antiphon { format, session } = &mut self.seat else { return Ok(None) };
        let mut socket = Socket::connect(&self.target, &self.member).await?;
        let (token, cursor) = session.resume_point();
        let resume = Resume { resume_token: token.to_owned(), cursor: cursor.to_owned() };
        let answer = socket.ask(&self.target, *format, client_frame::Kind::Resume(resume)).await?;
        match session.resumed(answer, Instant::now()) {
            Ok(true) => Ok(Some((socket, Return::Recovered))),
            Ok(false) => Ok(Some((socket, Return::FromSnapshot))),
            Err(Fault::Refused { code, .. }) if code == "resume_failed" => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}

fn address_floor_message(to: &str, kind: antiphon_protocol::v1::server_frame::Kind) -> Bytes {
    let frame = antiphon_protocol::Fragment::encode(Format::Json, kind);
    let address = if to.is_empty() { "*" } else { to };
    let mut message = BytesMut::with_capacity(address.len() + 1 + frame.as_bytes().len());
    message.put_slice(address.as_bytes());
    message.put_u8(b' ');
    message.put_slice(frame.as_bytes());
    message.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parcel() -> Parcel {
        Parcel { kind: Kind::Offer, number: 7, from: "a".to_owned(), seq: 3, intact: true }
    }

    #[test]
    fn the_message_that_was_sent_passes_the_check() {
        let expected = Expected { kind: Kind::Offer, number: 7, from: "a".to_owned(), seq: 3 };
        assert!(expected.check(&parcel()).is_ok());
    }

    #[test]
    fn another_kind_number_sender_or_seq_is_a_wrong_message() {
        let expected = Expected { kind: Kind::Offer, number: 7, from: "a".to_owned(), seq: 3 };
        for wrong in [
            Parcel { kind: Kind::Answer, ..parcel() },
            Parcel { number: 6, ..parcel() },
            Parcel { from: "b".to_owned(), ..parcel() },
            Parcel { seq: 4, ..parcel() },
        ] {
            assert!(matches!(expected.check(&wrong), Err(Fault::WrongMessage { .. })), "{wrong:?}");
        }
    }
}
