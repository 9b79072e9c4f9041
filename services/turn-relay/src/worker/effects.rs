//! What the relay wants done.

use std::{io, net::SocketAddr};

use antiphon_turn_core::{BindError, Bound, Client, Effect, EndReason, PortWish, RelayedId, stun::Family};
use mio::Interest;

use super::{
    Worker,
    token::{Source, relayed_index},
};
use crate::batch::UdpPort;

impl Worker {
    pub(super) fn carry_out(&mut self) {
        while let Some(effect) = self.relay.poll_output() {
            match effect {
                Effect::Send { client, message } => self.answer(client, &message),
                Effect::BindRelayed(id, wish) => self.bind(id, wish),
                Effect::CloseRelayed(id) => self.unbind(id),
                Effect::CloseClient(client) => self.close_stream(client.socket as usize),
                Effect::Began(view) => {
                    self.spare_stream(view.client);
                    tracing::debug!(user = %view.user, transport = view.client.transport.as_str(), "an allocation began");
                }
                Effect::Ended(view, reason) => {
                    self.counts.ended[reason as usize] += 1;
                    self.begin_deadline(view.client);
                    self.log_end(&view, reason);
                }
            }
        }
    }

    fn answer(&mut self, client: Client, message: &[u8]) {
        if client.transport.is_stream() {
            return self.queue_answer(client.socket as usize, message);
        }
        let Some(port) = self.udp.get(client.socket as usize) else { return };
        if port.socket.send_to(message, client.remote).is_err() {
            self.counts.unsent += 1;
        }
    }

    fn bind(&mut self, id: RelayedId, wish: PortWish) {
        let bound = self.try_bind(id, wish);
        if let Err(error) = &bound {
            tracing::debug!(%error, family = ?id.family, "no relayed address could be bound");
        }
        self.relay.handle_bound(self.now, id, bound.map_err(|_| BindError));
    }

    fn try_bind(&mut self, id: RelayedId, wish: PortWish) -> io::Result<Bound> {
        let relay = self.shared.addresses.of(id.family).ok_or(io::ErrorKind::AddrNotAvailable)?;
        let (socket, reserved) = match wish {
            PortWish::Any => (relay.ports.bind(relay.bound)?, None),
            PortWish::Even => (relay.ports.bind_even(relay.bound)?, None),
            PortWish::EvenAndNext => {
                let (even, next) = relay.ports.bind_pair(relay.bound)?;
                (even, Some(next))
            }
            PortWish::Reserved(token) => {
                let kept = self.shared.reservations.redeem(&token, relay.bound, self.now);
                (kept.ok_or(io::ErrorKind::NotFound)?, None)
            }
        };
        let mut port = UdpPort::new(socket)?;
        let index = relayed_index(id);
        let token = Source::Relayed(index).token();
        let registered = self.poll.registry().register(&mut port.socket, token, Interest::READABLE);
        let number = port.local.port();
        let kept = reserved.map(|next| self.shared.reservations.keep(next, self.now)).transpose();
        if registered.is_err() || kept.is_err() {
            drop(port);
            relay.ports.release(number);
            if kept.is_err() {
                // The next one, which is closed already.
                relay.ports.release(number + 1);
            }
            return Err(registered.err().unwrap_or(io::ErrorKind::QuotaExceeded.into()));
        }
        let address = SocketAddr::new(relay.announced, number);
        if self.relayed.len() <= index {
            self.relayed.resize_with(index + 1, || None);
        }
        self.relayed[index] = Some((id, port));
        Ok(Bound { address, reserved: kept.ok().flatten() })
    }

    fn unbind(&mut self, id: RelayedId) {
        let index = relayed_index(id);
        let Some(place) = self.relayed.get_mut(index) else { return };
        let Some((_, mut port)) = place.take_if(|(bound, _)| *bound == id) else { return };
        // What its client sent just before is lost with it: it must not leave by whose place this becomes.
        self.arena.withhold(Source::Relayed(index).key());
        // What is not deregistered is so by being closed.
        let _ = self.poll.registry().deregister(&mut port.socket);
        let number = port.local.port();
        drop(port);
        if let Some(relay) = self.shared.addresses.of(id.family) {
            relay.ports.release(number);
        }
        self.feed_listeners();
    }

    /// Lets go of ports that were kept for nobody.
    pub(super) fn expire_reservations(&mut self) {
        for socket in self.shared.reservations.expire(self.now) {
            let Ok(local) = socket.local_addr() else { continue };
            drop(socket);
            if let Some(relay) = self.shared.addresses.of(Family::of(local.ip())) {
                relay.ports.release(local.port());
            }
        }
    }

    /// One line for each allocation, by which what was minted can be followed to what was relayed.
    fn log_end(&self, view: &antiphon_turn_core::AllocationView, reason: EndReason) {
        tracing::info!(
            user = %view.user,
            transport = view.client.transport.as_str(),
            reason = reason.as_str(),
            duration_s = self.now.saturating_duration_since(view.since).as_secs(),
            bytes_to_peers = view.bytes_to_peers,
            bytes_to_client = view.bytes_to_client,
            "an allocation ended"
        );
    }
}
