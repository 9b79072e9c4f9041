//! Connections that are cut at every point of an exchange: nothing is lost, nothing stays doubled, the order holds.

use std::collections::BTreeSet;

use antiphon_protocol::{
    Format,
    v1::{self, client_frame, server_frame::Kind},
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use crate::support::{Budget, Came, Client, Person, Session, Socket, TestServer, breaking, within};

const MESSAGES: u32 = 120;

/// What one client heard, without repetitions.
#[derive(Debug, Default)]
struct Heard {
    keys: BTreeSet<(String, u32)>,
    chats: Vec<(String, u32)>,
    candidates: Vec<String>,
    cuts: u32,
}

/// A client that keeps what is not acknowledged, resumes whenever it is cut, and sends again.
struct Tenacious {
    session: Session,
    address: std::net::SocketAddr,
    peer: String,
    random: StdRng,
    settled: u32,
    heard: Heard,
}

/// Odd numbers are chat, even ones candidates.
fn message(peer: &str, seq: u32) -> client_frame::Kind {
    if seq % 2 == 1 {
        client_frame::Kind::Chat(v1::SendChat { text: seq.to_string(), to: String::new() })
    } else {
        let (to, candidate) = (peer.to_owned(), Some(seq.to_string()));
        client_frame::Kind::Candidate(v1::Candidate { to, candidate, ..v1::Candidate::default() })
    }
}

impl Tenacious {
    fn new(client: Client, address: std::net::SocketAddr, peer: &str, seed: u64) -> (Self, Socket) {
        let (session, socket) = client.split();
        let random = StdRng::seed_from_u64(seed);
        let heard = Heard::default();
        (Self { session, address, peer: peer.to_owned(), random, settled: 0, heard }, socket)
    }

    fn is_done(&self) -> bool {
        let of_both = MESSAGES as usize / 2;
        self.settled == MESSAGES && self.heard.chats.len() == 2 * of_both && self.heard.candidates.len() == of_both
    }

    async fn run(mut self, socket: Socket) -> Heard {
        let mut socket = Some(socket);
        while !self.is_done() {
            match socket.take() {
                Some(mut open) => {
                    self.talk(&mut open).await;
                    self.heard.cuts += 1;
                }
                None => socket = self.reconnect().await,
            }
        }
        self.heard
    }

    /// Sends and reads until the connection breaks or all is done.
    async fn talk(&mut self, socket: &mut Socket) {
        let mut next = self.settled + 1;
        let mut takes = true;
        while !self.is_done() {
            if takes && next <= MESSAGES && next <= self.settled + 8 {
                let cursor = if next.is_multiple_of(5) { self.session.cursor.clone() } else { String::new() };
                // What had come before the cut can be read all the same.
                takes = socket.try_send(next, &cursor, message(&self.peer, next)).await.is_ok();
                next += 1;
                continue;
            }
            match within("the other side", socket.came_ever()).await {
                Came::Frame(frame) => self.take(frame),
                Came::Closed(_) => return,
            }
        }
    }

    fn take(&mut self, frame: v1::ServerFrame) {
        if !frame.cursor.is_empty() {
            self.session.cursor = frame.cursor;
        }
        self.settled = self.settled.max(frame.ack_seq);
        let kind = frame.kind.expect("a kind");
        if let Kind::Chat(chat) = kind {
            if self.heard.keys.insert((chat.sid.clone(), chat.seq)) {
                self.heard.chats.push((chat.sid, chat.seq));
            }
        } else if let Kind::Candidate(candidate) = kind {
            if self.heard.keys.insert((candidate.from, candidate.seq)) {
                self.heard.candidates.push(candidate.candidate.expect("a candidate"));
            }
        } else if let Kind::Error(error) = kind {
            panic!("nothing was wrong: {error:?}");
        }
    }

    /// One attempt to resume, over a connection that breaks too.
    async fn reconnect(&mut self) -> Option<Socket> {
        let budget =
            Budget { to_server: self.random.random_range(1..6_000), to_client: self.random.random_range(1..12_000) };
        let stream = breaking(self.address, budget).await;
        let format = self.session.person.format();
        let mut socket = Socket::open_on(stream, &self.session.person.token(), format).await.ok()?;
        let (resume_token, cursor) = (self.session.resume_token.clone(), self.session.cursor.clone());
        let resume = client_frame::Kind::Resume(v1::Resume { resume_token, cursor });
        socket.try_send(0, "", resume).await.ok()?;
        let Came::Frame(frame) = socket.came().await else { return None };
        let Some(Kind::Resumed(resumed)) = frame.kind else { panic!("was to resume: {frame:?}") };
        assert_eq!(
            resumed.recovered,
            Some(true),
            "nothing was trimmed behind {}, now {}",
            self.session.cursor,
            frame.cursor
        );
        assert!(resumed.last_seq >= self.settled, "what was acknowledged stays settled");
        self.session.resume_token = resumed.resume_token;
        self.session.cursor = frame.cursor;
        self.settled = resumed.last_seq;
        Some(socket)
    }
}

async fn exchange(server: &TestServer, seed: u64) -> u32 {
    let room = format!("room {seed}");
    let person = |name: &str, format| -> Person { server.person(name).in_room(&room).speaking(format) };
    let ada = person("ada", Format::Json).join().await;
    let bob = person("bob", Format::Proto).join().await;
    let (ada_sid, bob_sid) = (ada.sid.clone(), bob.sid.clone());
    let (ada, ada_socket) = Tenacious::new(ada, server.address, &bob_sid, 2 * seed);
    let (bob, bob_socket) = Tenacious::new(bob, server.address, &ada_sid, 2 * seed + 1);
    // Both begin with a cut.
    drop((ada_socket, bob_socket));
    let both = async {
        let (ada, bob) = tokio::join!(tokio::spawn(again(ada)), tokio::spawn(again(bob)));
        (ada.expect("ada"), bob.expect("bob"))
    };
    let (ada, bob) = within("an exchange over broken connections", both).await;

    assert_eq!(ada.chats, bob.chats, "one order for both, seed {seed}");
    let odd: Vec<u32> = (1..=MESSAGES).step_by(2).collect();
    for sid in [&ada_sid, &bob_sid] {
        let numbers = ada.chats.iter().filter(|(sender, _)| sender == sid).map(|(_, seq)| *seq);
        assert_eq!(numbers.collect::<Vec<_>>(), odd, "every chat once and in order, seed {seed}");
    }
    let even: Vec<String> = (2..=MESSAGES).step_by(2).map(|seq| seq.to_string()).collect();
    assert_eq!(ada.candidates, even, "every directed frame once and in order, seed {seed}");
    assert_eq!(bob.candidates, even, "every directed frame once and in order, seed {seed}");
    ada.cuts + bob.cuts
}

async fn again(mut client: Tenacious) -> Heard {
    loop {
        if let Some(socket) = client.reconnect().await {
            return client.run(socket).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_message_arrives_once_and_in_order_over_connections_that_are_cut_anywhere() {
    let server = TestServer::start();
    let mut cuts = 0;
    let mut seed = 0;
    while cuts < 200 {
        cuts += exchange(&server, seed).await;
        seed += 1;
        assert!(seed < 100, "the connections hardly break: {cuts} cuts");
    }
}
