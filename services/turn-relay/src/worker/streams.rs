//! Clients by TCP and TLS.

use std::{
    io,
    net::SocketAddr,
    sync::PoisonError,
    time::{Duration, Instant},
};

use antiphon_service_kit::client_address::limit_key;
use antiphon_turn_core::{Client, ToClient, Transport, framing};
use mio::{Interest, net::TcpStream};

use super::{
    TURNS, Worker,
    stream::{Reading, Stream},
    token::{Source, relayed_index},
};

/// Failures to accept that follow each other so soon are told as one.
const SAME_SHORTAGE: Duration = Duration::from_secs(60);

impl Worker {
    pub(super) fn accept(&mut self, index: usize) {
        for _ in 0..TURNS {
            let Some((listener, transport)) = self.listeners.get(index) else { return };
            let transport = *transport;
            match listener.accept() {
                Ok((socket, remote)) => {
                    if !self.admit(socket, remote, transport) {
                        self.counts.refused_connections += 1;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    return self.starve(index, &error);
                }
            }
        }
        self.unread.push(Source::Listener(index));
    }

    /// Out of files, most likely. What waits is accepted when a connection or an allocation has gone, or at the next one.
    fn starve(&mut self, index: usize, error: &io::Error) {
        if !self.starved.contains(&index) {
            self.starved.push(index);
        }
        // Once for as long as it lasts: whoever fills the place of each that goes would fill the log, too.
        if self.starved_at.is_none_or(|at| self.now.saturating_duration_since(at) > SAME_SHORTAGE) {
            tracing::warn!(%error, "cannot accept connections");
        }
        self.starved_at = Some(self.now);
    }

    /// A file was closed.
    pub(super) fn feed_listeners(&mut self) {
        self.unread.extend(self.starved.drain(..).map(Source::Listener));
    }

    /// Gives a connection its place, if there is one.
    fn admit(&mut self, mut socket: TcpStream, remote: SocketAddr, transport: Transport) -> bool {
        if !self.shared.connections.enter(limit_key(remote.ip())) {
            return false;
        }
        let entry = self.streams.vacant_entry();
        let slot = entry.key();
        let client = Client { transport, socket: u32::try_from(slot).unwrap_or(u32::MAX), remote };
        let deadline = self.now + self.shared.idle_timeout;
        let tls = (transport == Transport::Tls).then(|| self.shared.tls.as_ref().map(|tls| tls.current())).flatten();
        // Small messages, each to be answered at once. Where it cannot be set, they are slower.
        let _ = socket.set_nodelay(true);
        let interests = Interest::READABLE | Interest::WRITABLE;
        let registered = self.poll.registry().register(&mut socket, Source::Stream(slot).token(), interests);
        let is_whole = registered.is_ok() && (transport != Transport::Tls || tls.is_some());
        match Stream::new(client, socket, tls, deadline) {
            Ok(stream) if is_whole => {
                entry.insert(stream);
                self.deadlines.insert((deadline, slot));
                self.counts.connections[transport as usize] += 1;
                self.unread.push(Source::Stream(slot));
                true
            }
            Ok(_) | Err(_) => {
                self.shared.connections.leave(limit_key(remote.ip()));
                false
            }
        }
    }

    pub(super) fn read_stream(&mut self, slot: usize) {
        for _ in 0..TURNS {
            let Some(stream) = self.streams.get_mut(slot) else { return };
            let reading = stream.read();
            if stream.is_unwritten {
                stream.is_unwritten = false;
                self.unwritten.push(slot);
            }
            if reading == Reading::Nothing {
                return;
            }
            let is_sound = self.take_frames(slot);
            if reading == Reading::Over || !is_sound {
                return self.close_stream(slot);
            }
        }
        self.unread.push(Source::Stream(slot));
    }

    /// Takes the whole frames that have come. `false`: it is no TURN.
    fn take_frames(&mut self, slot: usize) -> bool {
        let Some(stream) = self.streams.get_mut(slot) else { return true };
        let (client, inbound) = (stream.client, stream.take_inbound());
        let mut taken = 0;
        let mut is_sound = true;
        // What a frame asks for may close the stream.
        while self.streams.get(slot).is_some_and(|stream| stream.client == client) {
            let frame = match framing::first_frame(&inbound[taken..]) {
                Ok(Some(frame)) if taken + frame.padded <= inbound.len() => frame,
                Ok(_) => break,
                Err(framing::NotTurn) => {
                    is_sound = false;
                    break;
                }
            };
            self.take_from_stream(client, &inbound[taken..taken + frame.length]);
            taken += frame.padded;
        }
        if let Some(stream) = self.streams.get_mut(slot) {
            stream.put_back(inbound, taken);
        }
        is_sound
    }

    fn take_from_stream(&mut self, client: Client, frame: &[u8]) {
        let Some(to) = self.relay.handle_client(self.now, self.wall, client, frame) else { return self.carry_out() };
        let key = Source::Relayed(relayed_index(to.from)).key();
        let peer = self.inward(to.peer);
        if !self.arena.push(to.payload, key, peer) {
            self.flush();
            self.arena.push(to.payload, key, peer);
        }
    }

    /// Passes on to a stream what a peer sent.
    pub(super) fn queue_data(&mut self, slot: usize, to: &ToClient, held: usize) {
        let Some(stream) = self.streams.get_mut(slot) else { return };
        if stream.queue_data([&to.header, self.arena.payload(held)], to.padding) {
            self.note_unwritten(slot);
        } else {
            self.counts.overflowed += 1;
        }
    }

    pub(super) fn queue_answer(&mut self, slot: usize, message: &[u8]) {
        let Some(stream) = self.streams.get_mut(slot) else { return };
        if stream.queue_answer(message) {
            self.note_unwritten(slot);
        } else {
            self.close_stream(slot);
        }
    }

    fn note_unwritten(&mut self, slot: usize) {
        if self.unwritten.last() != Some(&slot) {
            self.unwritten.push(slot);
        }
    }

    /// The system has room again for what a stream writes.
    pub(super) fn note_writable(&mut self, source: Source) {
        if let Source::Stream(slot) = source {
            self.note_unwritten(slot);
        }
    }

    pub(super) fn write_stream(&mut self, slot: usize) {
        if self.streams.get_mut(slot).is_some_and(|stream| !stream.write()) {
            self.close_stream(slot);
        }
    }

    pub(super) fn close_stream(&mut self, slot: usize) {
        let Some(mut stream) = self.streams.try_remove(slot) else { return };
        stream.say_goodbye();
        let _ = self.poll.registry().deregister(&mut stream.socket);
        if let Some(deadline) = stream.deadline {
            self.deadlines.remove(&(deadline, slot));
        }
        self.shared.connections.leave(limit_key(stream.remote().ip()));
        self.counts.connections[stream.client.transport as usize] -= 1;
        self.relay.handle_disconnect(stream.client);
        drop(stream);
        self.feed_listeners();
        self.carry_out();
    }

    /// A stream that has an allocation lives as long as that.
    pub(super) fn spare_stream(&mut self, client: Client) {
        if let Some((slot, stream)) = self.stream_of(client)
            && let Some(deadline) = stream.deadline.take()
        {
            self.deadlines.remove(&(deadline, slot));
        }
    }

    pub(super) fn begin_deadline(&mut self, client: Client) {
        let deadline: Instant = self.now + self.shared.idle_timeout;
        if let Some((slot, stream)) = self.stream_of(client)
            && stream.deadline.is_none()
        {
            stream.deadline = Some(deadline);
            self.deadlines.insert((deadline, slot));
        }
    }

    fn stream_of(&mut self, client: Client) -> Option<(usize, &mut Stream)> {
        let slot = client.socket as usize;
        let stream = self.streams.get_mut(slot).filter(|_| client.transport.is_stream())?;
        (stream.client == client).then_some((slot, stream))
    }

    pub(super) fn close_idle_streams(&mut self) {
        while let Some((at, slot)) = self.deadlines.first().copied().filter(|(at, _)| *at <= self.now) {
            self.deadlines.remove(&(at, slot));
            self.close_stream(slot);
        }
    }
}

impl crate::shared::Connections {
    /// Takes a place for one connection more from this address.
    fn enter(&self, address: std::net::IpAddr) -> bool {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let of_address = counts.by_address.get(&address).copied().unwrap_or_default();
        let fits = counts.total < self.limit && of_address < self.limit_per_address;
        if fits {
            counts.total += 1;
            counts.by_address.insert(address, of_address + 1);
        }
        fits
    }

    fn leave(&self, address: std::net::IpAddr) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.total = counts.total.saturating_sub(1);
        if let Some(count) = counts.by_address.get_mut(&address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.by_address.remove(&address);
            }
        }
    }
}
