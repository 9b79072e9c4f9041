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

    /// Reads what is there, as far as there is room; gives the first one's place, and whether there may be more.
    pub(crate) fn receive(&mut self, port: &UdpPort) -> io::Result<(usize, bool)> {
        let first = self.held.len();
        let free = self.bytes[first * SLOT_BYTES..].chunks_exact_mut(SLOT_BYTES).map(|slot| &mut slot[HEADROOM..]);
        self.system.receive(port, free, SLOTS - first, &mut self.held)?;
        Ok((first, self.held.len() == SLOTS))
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
