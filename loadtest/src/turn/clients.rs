//! Many TURN clients behind one socket: client number n is the address 127.64.0.1 + n.

use std::{
    collections::{BTreeMap, HashMap},
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

use stun_types::message::{MessageHeader, TransactionId};

use super::{
    message::Request,
    socket::{BatchSocket, Datagram, wait_for_any},
};
use crate::fault::Fault;

/// Requests in flight.
const WINDOW: usize = 64;
/// RFC 8489 §6.2.1: the first retransmission, then twice as long each time.
const RETRANSMISSION: Duration = Duration::from_millis(500);
const POLL: Duration = Duration::from_millis(20);
const FIRST_ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 64, 0, 1);

/// All clients of a run.
#[derive(Debug)]
pub(super) struct Clients {
    socket: BatchSocket,
    server: SocketAddr,
    patience: Duration,
}

#[derive(Debug)]
struct Pending {
    asked_at: Instant,
    again_at: Instant,
    pause: Duration,
}

impl Clients {
    pub(super) fn new(server: SocketAddr, patience: Duration) -> io::Result<Self> {
        let socket = BatchSocket::bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)))?;
        Ok(Self { socket, server, patience })
    }

    /// Where client number `client` is.
    pub(super) fn address(client: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from(u32::from(FIRST_ADDRESS) + client))
    }

    pub(super) fn socket(&self) -> &BatchSocket {
        &self.socket
    }

    /// Sends one datagram to the server.
    pub(super) fn send(&self, client: u32, bytes: &[u8]) -> io::Result<()> {
        self.socket.sender.send(Some(Self::address(client)), self.server, bytes)
    }

    /// Takes what the server sent, at most one batch.
    pub(super) fn receive(&mut self, mut take: impl FnMut(Datagram<'_>)) -> io::Result<usize> {
        let server = self.server;
        self.socket.receive(|_, datagram| {
            if datagram.from == server {
                take(datagram);
            }
        })
    }

    /// Asks and waits for every answer; the answers are in the order of the requests.
    ///
    /// # Errors
    /// When one does not come in time, or comes to another client.
    pub(super) fn transact(&mut self, requests: &[Request]) -> Result<Vec<Vec<u8>>, Fault> {
        let by_id: HashMap<TransactionId, usize> =
            requests.iter().enumerate().map(|(index, request)| (request.id, index)).collect();
        let mut answers = vec![Vec::new(); requests.len()];
        let mut pending: BTreeMap<usize, Pending> = BTreeMap::new();
        let mut unsent = requests.iter().enumerate();
        let mut stray = None;
        loop {
            while pending.len() < WINDOW
                && let Some((index, request)) = unsent.next()
            {
                self.ask(request)?;
                let now = Instant::now();
                let again_at = now + RETRANSMISSION;
                pending.insert(index, Pending { asked_at: now, again_at, pause: RETRANSMISSION });
            }
            if pending.is_empty() {
                return Ok(answers);
            }
            let came = self.receive(|datagram| {
                // What was relayed earlier may still be on its way.
                let Ok(header) = MessageHeader::from_bytes(datagram.bytes) else { return };
                let Some(&index) = by_id.get(&header.transaction_id()) else { return };
                if datagram.to != Some(Self::address(requests[index].client)) {
                    stray = Some(requests[index].name);
                }
                if pending.remove(&index).is_some() {
                    answers[index] = datagram.bytes.to_vec();
                }
            });
            if let Some(request) = stray {
                return Err(Fault::WrongAnswer { request, why: "it came to another client".to_owned() });
            }
            if came.map_err(ended)? == 0 {
                wait_for_any([&self.socket], POLL).map_err(ended)?;
                self.ask_again(requests, &mut pending)?;
            }
        }
    }

    fn ask_again(&self, requests: &[Request], pending: &mut BTreeMap<usize, Pending>) -> Result<(), Fault> {
        let now = Instant::now();
        for (index, waiting) in pending {
            if now >= waiting.asked_at + self.patience {
                return Err(Fault::Silence(requests[*index].name.to_owned()));
            }
            if now >= waiting.again_at {
                self.ask(&requests[*index])?;
                waiting.pause *= 2;
                waiting.again_at = now + waiting.pause;
            }
        }
        Ok(())
    }

    fn ask(&self, request: &Request) -> Result<(), Fault> {
        self.send(request.client, &request.bytes).map_err(ended)
    }
}

pub(super) fn ended(error: io::Error) -> Fault {
    Fault::Ended(error.to_string())
}
