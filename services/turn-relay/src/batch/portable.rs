//! One datagram after the other, where the system has no call for several.

use std::io;

use super::{Held, Outgoing, UdpPort};

pub(super) struct System;

impl System {
    pub(super) fn new() -> Self {
        Self
    }

    /// Reads at most `count` datagrams into as many buffers.
    pub(super) fn receive<'b>(
        &mut self,
        port: &UdpPort,
        buffers: impl Iterator<Item = &'b mut [u8]>,
        count: usize,
        held: &mut Vec<Held>,
    ) -> io::Result<()> {
        for (number, buffer) in buffers.take(count).enumerate() {
            match port.socket.recv_from(buffer) {
                Ok((length, from)) => held.push(Held { from, length }),
                Err(error) if number == 0 => return Err(error),
                Err(_) => break,
            }
        }
        Ok(())
    }

    /// Writes a run of one socket's datagrams; gives how many were not taken.
    pub(super) fn send(&mut self, port: &UdpPort, bytes: &[u8], run: &[Outgoing]) -> u64 {
        let send = |outgoing: &Outgoing| port.socket.send_to(&bytes[outgoing.begin..outgoing.end], outgoing.to);
        run.iter().filter(|outgoing| send(outgoing).is_err()).count() as u64
    }
}
