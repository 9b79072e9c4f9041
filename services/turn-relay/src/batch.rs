//! Datagrams by the dozen: one system call reads or writes several, where the system has such a call.

#[cfg_attr(target_os = "linux", path = "batch/linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "batch/portable.rs")]
mod system;

use std::{io, net::SocketAddr};

use mio::net::UdpSocket;

use system::System;

/// What may be written before a datagram: a Data indication's header is 48 bytes at most.
const HEADROOM: usize = 64;

/// The longest datagram, and what fills it up to a multiple of four.
const SLOT_BYTES: usize = HEADROOM + 65_536;

/// Datagrams that are held at once.
pub(crate) const SLOTS: usize = 64;

/// What is read first from a socket that seldom holds more: one datagram, and the word that there is no other.
pub(crate) const FIRST_READING: usize = 2;

/// Fewer are not worth a system call.
const FEW: usize = 16;

/// Datagrams between being read and being written. They stay where they were read; what goes before them is written there. Memory that
/// no datagram has reached is never touched.
pub(crate) struct Arena {
    bytes: Box<[u8]>,
    held: Vec<Held>,
    outgoing: Vec<Outgoing>,
    system: System,
}

/// A UDP socket, and what it is bound to.
#[derive(Debug)]
pub(crate) struct UdpPort {
    pub(crate) socket: UdpSocket,
    pub(crate) local: SocketAddr,
}

impl UdpPort {
    pub(crate) fn new(socket: UdpSocket) -> io::Result<Self> {
        let local = socket.local_addr()?;
        Ok(Self { socket, local })
    }
}

/// A datagram that was read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    pub(crate) from: SocketAddr,
    length: usize,
}

/// A part of the arena on its way out.
#[derive(Debug, Clone, Copy)]
struct Outgoing {
    socket: u64,
    begin: usize,
    end: usize,
    to: SocketAddr,
}

impl Arena {
    pub(crate) fn new() -> Self {
        Self {
            bytes: vec![0; SLOTS * SLOT_BYTES].into(),
            held: Vec::with_capacity(SLOTS),
            outgoing: Vec::with_capacity(SLOTS),
            system: System::new(),
        }
    }

    /// Reads what is there, as far as there is room and `most` datagrams at most; gives the first one's place, and whether there may be
    /// more.
    pub(crate) fn receive(&mut self, port: &UdpPort, most: usize) -> io::Result<(usize, bool)> {
        let first = self.held.len();
        let most = most.min(SLOTS - first);
        let free = self.bytes[first * SLOT_BYTES..].chunks_exact_mut(SLOT_BYTES).map(|slot| &mut slot[HEADROOM..]);
        self.system.receive(port, free, most, &mut self.held)?;
        Ok((first, self.held.len() == first + most))
    }

    /// Is there so little room that it should be emptied first?
    pub(crate) fn is_nearly_full(&self) -> bool {
        self.held.len() + FEW > SLOTS
    }

    pub(crate) fn len(&self) -> usize {
        self.held.len()
    }

    pub(crate) fn held(&self, slot: usize) -> Held {
        self.held[slot]
    }

    pub(crate) fn payload(&self, slot: usize) -> &[u8] {
        let begin = slot * SLOT_BYTES + HEADROOM;
        &self.bytes[begin..begin + self.held[slot].length]
    }

    /// Copies in what did not come as a datagram. `false`: there is no room.
    pub(crate) fn push(&mut self, payload: &[u8], socket: u64, to: SocketAddr) -> bool {
        let slot = self.held.len();
        let begin = slot * SLOT_BYTES + HEADROOM;
        let Some(room) = self.bytes.get_mut(begin..begin + payload.len()).filter(|_| slot < SLOTS) else {
            return false;
        };
        room.copy_from_slice(payload);
        self.held.push(Held { from: to, length: payload.len() });
        self.outgoing.push(Outgoing { socket, begin, end: begin + payload.len(), to });
        true
    }

    /// Sends on a part of a datagram; `begin` and `length` are within its payload.
    pub(crate) fn forward(&mut self, slot: usize, begin: usize, length: usize, socket: u64, to: SocketAddr) {
        let begin = slot * SLOT_BYTES + HEADROOM + begin;
        self.outgoing.push(Outgoing { socket, begin, end: begin + length, to });
    }

    /// Sends on a whole datagram behind a header and before zeros.
    pub(crate) fn wrap(&mut self, slot: usize, header: &[u8], padding: usize, socket: u64, to: SocketAddr) {
        let payload = slot * SLOT_BYTES + HEADROOM;
        let end = payload + self.held[slot].length;
        self.bytes[payload - header.len()..payload].copy_from_slice(header);
        self.bytes[end..end + padding].fill(0);
        self.outgoing.push(Outgoing { socket, begin: payload - header.len(), end: end + padding, to });
    }

    /// Does not write what was to leave by this socket: its name may soon be another one's.
    pub(crate) fn withhold(&mut self, socket: u64) {
        self.outgoing.retain(|outgoing| outgoing.socket != socket);
    }

    /// Writes all that is on its way out, those of one socket together and in their order, and has room again. Gives how many the
    /// system did not take.
    pub(crate) fn flush<'s>(&mut self, socket: impl Fn(u64) -> Option<&'s UdpPort>) -> u64 {
        let mut lost = 0;
        self.outgoing.sort_by_key(|outgoing| outgoing.socket);
        for run in self.outgoing.chunk_by(|one, other| one.socket == other.socket) {
            if let Some(socket) = socket(run[0].socket) {
                lost += self.system.send(socket, &self.bytes, run);
            }
        }
        self.outgoing.clear();
        self.held.clear();
        lost
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// A socket of the relay's kind, and somebody who hears.
    fn pair() -> (UdpPort, std::net::UdpSocket, SocketAddr) {
        let loopback = "127.0.0.1:0".parse().expect("an address");
        let port = UdpPort::new(UdpSocket::bind(loopback).expect("a port")).expect("bound");
        let other = std::net::UdpSocket::bind(loopback).expect("a port");
        other.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
        let at = other.local_addr().expect("bound");
        (port, other, at)
    }

    fn heard(by: &std::net::UdpSocket) -> Vec<u8> {
        let mut buffer = [0; 65_536];
        let length = by.recv(&mut buffer).expect("something comes");
        buffer[..length].to_vec()
    }

    /// Fills the arena; loopback has delivered what was sent.
    fn receive(arena: &mut Arena, port: &UdpPort, count: usize) {
        while arena.len() < count {
            if let Err(error) = arena.receive(port, SLOTS) {
                assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
            }
        }
    }

    #[test]
    fn datagrams_are_sent_on_whole_in_part_and_wrapped_in_their_order() {
        let (mut arena, (port, other, at)) = (Arena::new(), pair());
        for number in 0..70_u8 {
            other.send_to(&[number; 10], port.local).expect("sent");
        }
        receive(&mut arena, &port, SLOTS);
        assert!(arena.is_nearly_full() && arena.receive(&port, SLOTS).is_ok_and(|(first, _)| first == SLOTS));
        assert_eq!((arena.payload(3), arena.held(3).from), (&[3; 10][..], at));
        arena.forward(0, 0, 10, 1, at);
        arena.forward(1, 4, 5, 1, at);
        arena.wrap(2, b"header", 2, 1, at);
        assert!(!arena.push(b"no room", 1, at));
        assert_eq!(arena.flush(|_| Some(&port)), 0);
        assert_eq!(
            [heard(&other), heard(&other), heard(&other)],
            [vec![0; 10], vec![1; 5], [&b"header"[..], &[2; 10], &[0; 2]].concat()]
        );
        receive(&mut arena, &port, 6);
        assert_eq!(arena.payload(5), [69; 10], "nothing was lost");
        assert!(arena.push(b"pushed", 1, at));
        assert_eq!(arena.flush(|_| Some(&port)), 0);
        assert_eq!(heard(&other), b"pushed");
    }

    #[test]
    fn what_cannot_be_sent_is_counted_and_the_others_go() {
        let (mut arena, (port, other, at)) = (Arena::new(), pair());
        let too_long = vec![0; 65_530];
        for payload in [&b"one"[..], &too_long, b"two"] {
            assert!(arena.push(payload, 1, at));
        }
        assert_eq!(arena.flush(|_| Some(&port)), 1);
        assert_eq!([heard(&other), heard(&other)], [b"one", b"two"]);
    }

    #[test]
    fn what_is_withheld_is_not_sent() {
        let (mut arena, (port, other, at)) = (Arena::new(), pair());
        for (socket, payload) in [(1, b"one"), (2, b"two"), (1, b"six")] {
            assert!(arena.push(payload, socket, at));
        }
        arena.withhold(1);
        arena.flush(|_| Some(&port));
        assert_eq!(heard(&other), b"two");
        other.set_nonblocking(true).expect("set");
        assert!(other.recv(&mut [0; 8]).is_err());
    }
}
