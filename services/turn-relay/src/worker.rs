//! A thread that relays: its own sockets, its own [`Relay`], no locks on the way of a packet.

mod control;
mod datagrams;
mod effects;
mod stream;
mod streams;
mod token;

use std::{
    collections::{BTreeSet, HashMap},
    io,
    net::SocketAddr,
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

use antiphon_ice_core::UnixTime;
use antiphon_service_kit::clock::unix_now_s;
use antiphon_turn_core::{Relay, RelayedId, Transport};
use mio::{Events, Interest, Poll, Waker};
use slab::Slab;

use crate::{
    batch::{Arena, UdpPort},
    shared::{Shared, Snapshot},
};
pub(crate) use control::{Command, Inbox, Outbox, inbox};
use stream::Stream;
use token::Source;

/// How long counts may be unpublished.
const PUBLISH_INTERVAL: Duration = Duration::from_millis(200);

/// Readings of one socket before the others have their turn.
const TURNS: usize = 16;

/// The sockets that a worker begins with.
#[derive(Debug)]
pub(crate) struct Listeners {
    pub(crate) udp: Vec<UdpPort>,
    pub(crate) streams: Vec<(mio::net::TcpListener, Transport)>,
}

pub(crate) struct Worker {
    number: usize,
    shared: Arc<Shared>,
    poll: Poll,
    commands: Inbox,
    relay: Relay,
    udp: Vec<UdpPort>,
    listeners: Vec<(mio::net::TcpListener, Transport)>,
    /// By [`token::relayed_index`].
    relayed: Vec<Option<(RelayedId, UdpPort)>>,
    streams: Slab<Stream>,
    /// When streams without an allocation are closed.
    deadlines: BTreeSet<(Instant, usize)>,
    /// What has more to be read than one turn was enough for: the system tells only of what is new.
    unread: Vec<Source>,
    /// Listeners with connections that wait for a file to be closed: the system tells of them no more.
    starved: Vec<usize>,
    /// When that was last so.
    starved_at: Option<Instant>,
    /// Streams with something to be written.
    unwritten: Vec<usize>,
    arena: Arena,
    now: Instant,
    wall: UnixTime,
    counts: Snapshot,
    published_at: Instant,
    is_stopping: bool,
}

impl Worker {
    /// Takes the sockets over. `waker` wakes it for commands.
    pub(crate) fn new(
        number: usize,
        shared: Arc<Shared>,
        poll: Poll,
        commands: Inbox,
        relay: Relay,
        listeners: Listeners,
    ) -> io::Result<Self> {
        let Listeners { mut udp, streams: mut listeners } = listeners;
        for (index, port) in udp.iter_mut().enumerate() {
            poll.registry().register(&mut port.socket, Source::Udp(index).token(), Interest::READABLE)?;
        }
        for (index, (listener, _)) in listeners.iter_mut().enumerate() {
            poll.registry().register(listener, Source::Listener(index).token(), Interest::READABLE)?;
        }
        let now = Instant::now();
        Ok(Self {
            number,
            shared,
            poll,
            commands,
            relay,
            udp,
            listeners,
            relayed: Vec::new(),
            streams: Slab::new(),
            deadlines: BTreeSet::new(),
            unread: Vec::new(),
            starved: Vec::new(),
            starved_at: None,
            unwritten: Vec::new(),
            arena: Arena::new(),
            now,
            wall: UnixTime(unix_now_s()),
            counts: Snapshot::default(),
            published_at: now,
            is_stopping: false,
        })
    }

    /// What wakes a worker that polls by this.
    pub(crate) fn waker(poll: &Poll) -> io::Result<Waker> {
        Waker::new(poll.registry(), Source::Commands.token())
    }

    /// Relays until it is told to stop.
    pub(crate) fn run(mut self) {
        let mut events = Events::with_capacity(1_024);
        while !self.is_stopping {
            if let Err(error) = self.poll.poll(&mut events, self.timeout())
                && error.kind() != io::ErrorKind::Interrupted
            {
                tracing::error!(%error, worker = self.number, "the relay cannot wait for its sockets");
                break;
            }
            self.now = Instant::now();
            self.wall = UnixTime(unix_now_s());
            for source in std::mem::take(&mut self.unread) {
                self.serve(source);
            }
            for event in &events {
                if let Some(source) = Source::of(event.token()) {
                    if event.is_writable() {
                        self.note_writable(source);
                    }
                    self.serve(source);
                }
            }
            self.relay.handle_timeout(self.now);
            self.carry_out();
            self.close_idle_streams();
            self.expire_reservations();
            self.flush();
            self.publish();
        }
        self.counts = Snapshot::default();
        self.publish_now();
    }

    fn serve(&mut self, source: Source) {
        match source {
            Source::Commands => self.obey(),
            Source::Udp(index) => self.read_clients(index),
            Source::Listener(index) => self.accept(index),
            Source::Stream(slot) => self.read_stream(slot),
            Source::Relayed(index) => self.read_peers(index),
        }
    }

    fn timeout(&self) -> Option<Duration> {
        if !self.unread.is_empty() {
            return Some(Duration::ZERO);
        }
        let publish = self.is_unpublished().then_some(self.published_at + PUBLISH_INTERVAL);
        let idle = self.deadlines.first().map(|(at, _)| *at);
        let kept = self.shared.reservations.next_expiry();
        let next = [self.relay.poll_timeout(), idle, publish, kept].into_iter().flatten().min()?;
        // A millisecond more: what the system counts in would wake us just before.
        Some(next.saturating_duration_since(Instant::now()) + Duration::from_millis(1))
    }

    /// Sends what is on its way out.
    fn flush(&mut self) {
        let (udp, relayed) = (&self.udp, &self.relayed);
        let lost = self.arena.flush(|key| match Source::of_key(key)? {
            Source::Udp(index) => udp.get(index),
            Source::Relayed(index) => relayed.get(index)?.as_ref().map(|(_, port)| port),
            Source::Commands | Source::Listener(_) | Source::Stream(_) => None,
        });
        self.counts.unsent += lost;
        for slot in std::mem::take(&mut self.unwritten) {
            self.write_stream(slot);
        }
    }

    fn is_unpublished(&self) -> bool {
        let published = self.shared.snapshots[self.number].lock().unwrap_or_else(PoisonError::into_inner);
        *published != Snapshot { counters: *self.relay.counters(), ..self.counts }
    }

    fn publish(&mut self) {
        if self.now.saturating_duration_since(self.published_at) >= PUBLISH_INTERVAL {
            self.publish_now();
        }
    }

    fn publish_now(&mut self) {
        self.published_at = self.now;
        let snapshot = Snapshot { counters: *self.relay.counters(), ..self.counts };
        *self.shared.snapshots[self.number].lock().unwrap_or_else(PoisonError::into_inner) = snapshot;
    }

    /// A peer's address as the machine knows it: where a NAT gives our own addresses other names, nobody here answers to those.
    fn inward(&self, peer: SocketAddr) -> SocketAddr {
        self.shared.addresses.inward(peer)
    }
}

/// Connections of one address, for all workers.
pub(crate) type ConnectionCounts = HashMap<std::net::IpAddr, u32>;
