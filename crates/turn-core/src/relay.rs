//! The server: one for each thread of a shell.

mod allocate;
mod answer;
mod authenticate;
mod data;
mod end;
mod permit;
mod refresh;

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    fmt,
    net::IpAddr,
    sync::Arc,
    time::Instant,
};

use antiphon_ice_core::{UnixTime, credentials::RotatingSecrets};
use slab::Slab;

use crate::{
    AllocationId, AllocationView, Client, Config, Counters, Discard, Effect, ErrorCode, Ledger, PrefixRate, RelayedId,
    ToPeer,
    allocation::Allocation,
    nonce::NonceKey,
    stun::{Class, Message, Method, Writer, attribute},
};
use allocate::Binding;
pub use end::Selection;

/// A STUN and TURN server without sockets.
///
/// [`handle_client`](Self::handle_client) and [`handle_peer`](Self::handle_peer) take what came in; what is only to be passed on they
/// give back at once, without copying it. Everything else is an [`Effect`] that [`poll_output`](Self::poll_output) gives.
pub struct Relay {
    config: Config,
    secrets: RotatingSecrets,
    ledger: Arc<Ledger>,
    nonces: NonceKey,
    slots: Slab<Slot>,
    /// Told apart from those that had the same slot: the count of all that were begun.
    generation: u32,
    by_client: HashMap<Client, u32>,
    /// When the next address of each allocation expires.
    expiries: BTreeSet<(Instant, u32)>,
    effects: VecDeque<Effect>,
    strangers: PrefixRate,
    is_draining: bool,
    counters: Counters,
    /// The transaction of the next Data indication.
    indication: u128,
}

/// A client's place.
enum Slot {
    /// Its relayed addresses are being bound.
    Binding(Box<Binding>),
    /// It holds an allocation.
    Live(Box<Allocation>),
}

/// The time of a call: the monotonic one, and that of the wall.
#[derive(Debug, Clone, Copy)]
struct Now {
    instant: Instant,
    wall: UnixTime,
}

impl Relay {
    /// A relay without allocations. `random` must be the same for all relays of a process whose clients may come to either, and
    /// unknown to clients.
    #[must_use]
    pub fn new(config: Config, secrets: RotatingSecrets, ledger: Arc<Ledger>, random: &[u8; 32]) -> Self {
        let seed = random.first_chunk::<8>().copied().map(u64::from_be_bytes).unwrap_or_default();
        Self {
            strangers: PrefixRate::new(config.stranger_rate, config.stranger_burst, seed),
            config,
            secrets,
            ledger,
            nonces: NonceKey::new(random),
            slots: Slab::new(),
            generation: 0,
            by_client: HashMap::new(),
            expiries: BTreeSet::new(),
            effects: VecDeque::new(),
            is_draining: false,
            counters: Counters::default(),
            indication: u128::from(seed) << 32,
        }
    }

    /// Takes a datagram or a frame of a client. Gives what is to be sent to a peer. `wall` is what credentials and nonces expire by.
    #[must_use]
    pub fn handle_client<'a>(
        &mut self,
        now: Instant,
        wall: UnixTime,
        from: Client,
        bytes: &'a [u8],
    ) -> Option<ToPeer<'a>> {
        if bytes.first().is_some_and(|first| first >> 6 == 1) {
            return self.relay_channel_data(now, from, bytes);
        }
        let Ok(message) = Message::read(bytes) else {
            self.counters.discard(Discard::Malformed);
            return None;
        };
        match message.class() {
            Class::Indication if message.method() == Method::Send => return self.relay_send(now, from, &message),
            // A Binding indication keeps a NAT's binding alive (RFC 8489 §6.3.2); of others nothing is known.
            Class::Indication => {}
            Class::Request => self.handle_request(Now { instant: now, wall }, from, &message),
            Class::Success | Class::Error => self.counters.discard(Discard::Response),
        }
        None
    }

    fn handle_request(&mut self, now: Now, from: Client, request: &Message<'_>) {
        if request.method() == Method::Binding {
            return self.answer_binding(now.instant, from, request);
        }
        // Nobody is answered by what has just expired.
        self.handle_timeout(now.instant);
        let Some(asker) = self.authenticate(now, from, request) else { return };
        if let Some(unknown) = unknown_attributes(request) {
            return self.refuse_unknown(from, request, Some(&asker.key), &unknown);
        }
        match request.method() {
            Method::Allocate => self.allocate(from, request, asker),
            Method::Refresh => self.refresh(now.instant, from, request, &asker),
            Method::CreatePermission => self.create_permission(now.instant, from, request, &asker),
            Method::ChannelBind => self.bind_channel(now.instant, from, request, &asker),
            Method::Binding | Method::Send | Method::Data | Method::Other(_) => {
                self.refuse(from, request, &asker.key, ErrorCode::BadRequest);
            }
        }
    }

    /// What is to be done next. To be asked after each other call, until there is nothing.
    #[must_use]
    pub fn poll_output(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.expiries.first().map(|(at, _)| *at)
    }

    /// New Allocates are answered 403 from now on, as coturn does when it drains; what lives goes on.
    pub fn drain(&mut self) {
        self.is_draining = true;
    }

    /// What was counted.
    #[must_use]
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The allocations that are selected.
    pub fn allocations(&self, selection: &Selection) -> impl Iterator<Item = AllocationView> {
        self.live().filter(move |allocation| selection.includes(allocation)).map(Allocation::view)
    }

    fn live(&self) -> impl Iterator<Item = &Allocation> {
        self.slots.iter().filter_map(|(_, slot)| match slot {
            Slot::Live(allocation) => Some(allocation.as_ref()),
            Slot::Binding(_) => None,
        })
    }

    fn allocation_of(&mut self, client: &Client) -> Option<&mut Allocation> {
        let slot = *self.by_client.get(client)?;
        match self.slots.get_mut(slot as usize)? {
            Slot::Live(allocation) => Some(allocation),
            Slot::Binding(_) => None,
        }
    }

    fn allocation(&mut self, id: AllocationId) -> Option<&mut Allocation> {
        match self.slots.get_mut(id.slot as usize)? {
            Slot::Live(allocation) if allocation.id == id => Some(allocation),
            Slot::Live(_) | Slot::Binding(_) => None,
        }
    }

    /// May something be sent to this address? Our own ones are open where a relayed address lives, or where the policy lists them.
    fn judge_peer(&self, peer: std::net::SocketAddr) -> bool {
        let ip = peer.ip();
        if self.config.own_addresses.contains(&ip) {
            let is_listed = self.config.policy.allowed.iter().any(|network| network.contains(&ip));
            return self.ledger.is_live(peer) || (is_listed && self.config.policy.judge(ip).is_ok());
        }
        self.config.policy.judge(ip).is_ok()
    }

    fn is_own(&self, peer: IpAddr) -> bool {
        self.config.own_addresses.contains(&peer)
    }
}

/// The attributes that must be understood and are not (RFC 8489 §6.3.1). DONT-FRAGMENT is one of them: a relay that cannot set the bit
/// for each packet treats it so (RFC 8656 §7.2).
fn unknown_attributes(message: &Message<'_>) -> Option<Vec<u16>> {
    let is_known = |kind: u16| {
        matches!(
            kind,
            attribute::USERNAME
                | attribute::REALM
                | attribute::NONCE
                | attribute::CHANNEL_NUMBER
                | attribute::LIFETIME
                | attribute::XOR_PEER_ADDRESS
                | attribute::DATA
                | attribute::REQUESTED_ADDRESS_FAMILY
                | attribute::EVEN_PORT
                | attribute::REQUESTED_TRANSPORT
                | attribute::RESERVATION_TOKEN
        )
    };
    let kinds = message.attributes().map(|(kind, _)| kind);
    let unknown: Vec<u16> = kinds.filter(|kind| attribute::must_be_understood(*kind) && !is_known(*kind)).collect();
    (!unknown.is_empty()).then_some(unknown)
}

impl fmt::Debug for Relay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Relay").field("allocations", &self.by_client.len()).finish_non_exhaustive()
    }
}

/// Names the relayed addresses of an allocation that is being bound or lives.
fn relayed_id(slot: u32, generation: u32, family: crate::stun::Family) -> RelayedId {
    RelayedId { allocation: AllocationId { slot, generation }, family }
}

/// Signs an answer, and ends it as its request ended.
fn finish(request: &Message<'_>, writer: Writer, key: Option<&crate::stun::IntegrityKey>) -> Vec<u8> {
    let writer = match key {
        Some(key) => writer.integrity(key),
        None => writer,
    };
    if request.has_fingerprint() { writer.fingerprint().finish() } else { writer.finish() }
}
