//! Clients by UDP, and peers.

use std::io;

use antiphon_turn_core::{Client, Transport};

use super::{TURNS, Worker, token::Source};
use crate::batch::{FIRST_READING, SLOTS};

impl Worker {
    pub(super) fn read_clients(&mut self, index: usize) {
        for _ in 0..TURNS {
            if self.arena.is_nearly_full() {
                self.flush();
            }
            let Some(port) = self.udp.get(index) else { return };
            let (first, is_more) = match self.arena.receive(port, SLOTS) {
                Ok(received) => received,
                Err(error) if is_anothers(&error) => continue,
                Err(_) => return,
            };
            for slot in first..self.arena.len() {
                self.take_from_client(index, slot);
            }
            if !is_more {
                return;
            }
        }
        self.unread.push(Source::Udp(index));
    }

    fn take_from_client(&mut self, index: usize, slot: usize) {
        let client = Client {
            transport: Transport::Udp,
            socket: u32::try_from(index).unwrap_or(u32::MAX),
            remote: self.arena.held(slot).from,
        };
        let datagram = self.arena.payload(slot);
        let relayed = self.relay.handle_client(self.now, self.wall, client, datagram);
        // The payload is a part of the datagram, so it is sent from where it stands.
        let relayed =
            relayed.map(|to| (to, to.payload.as_ptr() as usize - datagram.as_ptr() as usize, to.payload.len()));
        match relayed.map(|(to, begin, length)| (to.from, to.peer, begin, length)) {
            Some((from, peer, begin, length)) => {
                let key = Source::Relayed(super::token::relayed_index(from)).key();
                let peer = self.inward(peer);
                self.arena.forward(slot, begin, length, key, peer);
            }
            None => self.carry_out(),
        }
    }

    pub(super) fn read_peers(&mut self, index: usize) {
        let mut most = FIRST_READING;
        for _ in 0..TURNS {
            if self.arena.is_nearly_full() {
                self.flush();
            }
            let Some(Some((id, port))) = self.relayed.get(index) else { return };
            let id = *id;
            let (first, is_more) = match self.arena.receive(port, most) {
                Ok(received) => received,
                Err(error) if is_anothers(&error) => continue,
                Err(_) => return,
            };
            for slot in first..self.arena.len() {
                let held = self.arena.held(slot);
                let peer = self.shared.addresses.outward(held.from, &self.shared.ledger);
                let length = self.arena.payload(slot).len();
                if let Some(to) = self.relay.handle_peer(self.now, id, peer, length) {
                    if to.client.transport.is_stream() {
                        let stream = to.client.socket as usize;
                        self.queue_data(stream, &to, slot);
                    } else {
                        let key = Source::Udp(to.client.socket as usize).key();
                        self.arena.wrap(slot, &to.header, to.padding, key, to.client.remote);
                    }
                }
            }
            if !is_more {
                return;
            }
            most = SLOTS;
        }
        self.unread.push(Source::Relayed(index));
    }
}

/// Some systems tell a reader of what became of something that was sent. There may be more to read behind it.
fn is_anothers(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    )
}
