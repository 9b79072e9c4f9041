//! Allocate (RFC 8656 §7.2).

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use smallvec::SmallVec;

use super::{Relay, Slot, authenticate::Asker, relayed_id};
use crate::{
    AllocationId, BindError, Bound, Budget, Client, Effect, ErrorCode, PortWish, RelayedId, ReservationToken,
    allocation::{Allocation, Parts, Relayed},
    ledger::Reservation,
    stun::{Class, Family, IntegrityKey, Message, TransactionId, Writer, attribute},
};

/// The number of UDP in REQUESTED-TRANSPORT (RFC 8656 §18.8).
const UDP: u8 = 17;

/// An Allocate that waits for its relayed addresses.
pub(super) struct Binding {
    id: AllocationId,
    client: Client,
    username: Box<str>,
    key: IntegrityKey,
    reservation: Reservation,
    transaction_id: TransactionId,
    has_fingerprint: bool,
    lifetime: Duration,
    /// What was asked for; the second one in addition, so that its failure is not the first one's.
    wanted: SmallVec<[Family; 2]>,
    bound: SmallVec<[(Family, Result<SocketAddr, ErrorCode>); 2]>,
    reserved: Option<ReservationToken>,
}

/// What an Allocate asks for.
struct Wanted {
    families: SmallVec<[Family; 2]>,
    lifetime: Duration,
    port: PortWish,
}

impl Relay {
    pub(super) fn allocate(&mut self, from: Client, request: &Message<'_>, asker: Asker) {
        if let Some(slot) = self.by_client.get(&from) {
            return self.answer_again(*slot, from, request, &asker.key);
        }
        let wanted = match self.read_allocate(request) {
            Ok(wanted) => wanted,
            Err(code) => return self.refuse(from, request, &asker.key, code),
        };
        if self.is_draining {
            return self.refuse(from, request, &asker.key, ErrorCode::Forbidden);
        }
        let Some(reservation) = self.ledger.reserve(asker.user) else {
            return self.refuse(from, request, &asker.key, ErrorCode::AllocationQuotaReached);
        };
        self.generation = self.generation.wrapping_add(1);
        let entry = self.slots.vacant_entry();
        let id = AllocationId { slot: slot_number(entry.key()), generation: self.generation };
        let bound = wanted.families.iter().filter(|family| !self.config.families.contains(**family));
        let bound: SmallVec<_> = bound.map(|family| (*family, Err(ErrorCode::AddressFamilyNotSupported))).collect();
        let binding = Binding {
            id,
            client: from,
            username: asker.username,
            key: asker.key,
            reservation,
            transaction_id: *request.transaction_id(),
            has_fingerprint: request.has_fingerprint(),
            lifetime: wanted.lifetime,
            wanted: wanted.families,
            bound,
            reserved: None,
        };
        for family in &binding.wanted {
            if self.config.families.contains(*family) {
                self.effects.push_back(Effect::BindRelayed(relayed_id(id.slot, id.generation, *family), wanted.port));
            }
        }
        self.by_client.insert(from, id.slot);
        entry.insert(Slot::Binding(Box::new(binding)));
    }

    /// Takes what became of [`Effect::BindRelayed`].
    pub fn handle_bound(&mut self, now: Instant, id: RelayedId, bound: Result<Bound, BindError>) {
        let Some(Slot::Binding(binding)) = self.slots.get_mut(id.allocation.slot as usize) else {
            return self.close_unwanted(id, bound.is_ok());
        };
        let is_awaited = binding.id == id.allocation && binding.bound.iter().all(|(family, _)| *family != id.family);
        if !is_awaited {
            return self.close_unwanted(id, bound.is_ok());
        }
        binding.reserved = binding.reserved.or(bound.ok().and_then(|bound| bound.reserved));
        let address = bound.map(|bound| bound.address).map_err(|BindError| ErrorCode::InsufficientCapacity);
        binding.bound.push((id.family, address));
        if binding.bound.len() == binding.wanted.len() {
            self.conclude(now, id.allocation.slot);
        }
    }

    fn close_unwanted(&mut self, id: RelayedId, is_bound: bool) {
        if is_bound {
            self.effects.push_back(Effect::CloseRelayed(id));
        }
    }

    /// Every address is bound or is not to be had: the allocation lives, or its request failed.
    fn conclude(&mut self, now: Instant, slot: u32) {
        let Slot::Binding(binding) = self.slots.remove(slot as usize) else { return };
        let binding = *binding;
        let expires_at = now + binding.lifetime;
        let relayed: SmallVec<[Relayed; 2]> = binding
            .bound
            .iter()
            .filter_map(|(family, bound)| bound.ok().map(|address| Relayed { family: *family, address, expires_at }))
            .collect();
        let missing = binding.bound.iter().find_map(|(family, bound)| bound.err().map(|code| (*family, code)));
        if relayed.is_empty() {
            self.by_client.remove(&binding.client);
            let code = missing.map_or(ErrorCode::InsufficientCapacity, |(_, code)| code);
            self.counters.answer(code);
            let writer =
                Writer::new(crate::stun::Method::Allocate, Class::Error, &binding.transaction_id).error_code(code);
            let writer = writer.integrity(&binding.key);
            let message = if binding.has_fingerprint { writer.fingerprint().finish() } else { writer.finish() };
            return self.send(binding.client, message);
        }
        for relayed in &relayed {
            self.ledger.set_live(relayed.address, true);
        }
        let allocation = Allocation::new(Parts {
            id: binding.id,
            client: binding.client,
            username: binding.username,
            key: binding.key,
            reservation: binding.reservation,
            transaction_id: binding.transaction_id,
            granted: binding.lifetime,
            relayed,
            missing,
            reserved: binding.reserved,
            budget: self.config.bandwidth.map(|bandwidth| Budget::new(bandwidth, now)),
            since: now,
        });
        self.counters.allocations += 1;
        self.expiries.insert((expires_at, slot));
        let message = success(&allocation, binding.has_fingerprint);
        self.send(allocation.client, message);
        self.effects.push_back(Effect::Began(allocation.view()));
        let placed = self.slots.insert(Slot::Live(Box::new(allocation)));
        debug_assert_eq!(placed, slot as usize, "a slab gives the place that was left last");
    }

    /// The client has an allocation, or is about to: the same answer to the same request, 437 to another one (RFC 8656 §7.2).
    fn answer_again(&mut self, slot: u32, from: Client, request: &Message<'_>, key: &IntegrityKey) {
        match self.slots.get(slot as usize) {
            Some(Slot::Live(allocation)) if allocation.transaction_id == *request.transaction_id() => {
                let message = success(allocation, request.has_fingerprint());
                self.send(from, message);
            }
            // The answer is on its way.
            Some(Slot::Binding(binding)) if binding.transaction_id == *request.transaction_id() => {}
            Some(_) | None => self.refuse(from, request, key, ErrorCode::AllocationMismatch),
        }
    }

    /// The checks of RFC 8656 §7.2 in their order, as far as they need nothing but the request.
    fn read_allocate(&self, request: &Message<'_>) -> Result<Wanted, ErrorCode> {
        let transport = request.attribute(attribute::REQUESTED_TRANSPORT).ok_or(ErrorCode::BadRequest)?;
        match transport {
            [UDP, _, _, _] => {}
            [_, _, _, _] => return Err(ErrorCode::UnsupportedTransportProtocol),
            _ => return Err(ErrorCode::BadRequest),
        }
        let even_port = request.attribute(attribute::EVEN_PORT);
        let requested = request.attribute(attribute::REQUESTED_ADDRESS_FAMILY);
        let additional = request.attribute(attribute::ADDITIONAL_ADDRESS_FAMILY);
        let token = request.attribute(attribute::RESERVATION_TOKEN);
        if token.is_some() && (even_port.is_some() || requested.is_some() || additional.is_some()) {
            return Err(ErrorCode::BadRequest);
        }
        let families = families(requested, additional)?;
        let port = port_wish(even_port, token)?;
        if port == PortWish::EvenAndNext && additional.is_some() {
            return Err(ErrorCode::BadRequest);
        }
        if families.iter().all(|family| !self.config.families.contains(*family)) {
            return Err(ErrorCode::AddressFamilyNotSupported);
        }
        Ok(Wanted { families, lifetime: self.lifetime(read_lifetime(request)?), port })
    }

    /// RFC 8656 §7.2: what was asked for, but at least the default and at most the maximum.
    pub(super) fn lifetime(&self, requested: Option<Duration>) -> Duration {
        let default = self.config.default_lifetime;
        requested.unwrap_or(default).min(self.config.max_lifetime).max(default)
    }
}

/// LIFETIME, where there is one.
pub(super) fn read_lifetime(request: &Message<'_>) -> Result<Option<Duration>, ErrorCode> {
    let Some(value) = request.attribute(attribute::LIFETIME) else { return Ok(None) };
    let seconds = value.try_into().map(u32::from_be_bytes).map_err(|_| ErrorCode::BadRequest)?;
    Ok(Some(Duration::from_secs(seconds.into())))
}

/// Which port is asked for (RFC 8656 §18.7, §18.10).
fn port_wish(even_port: Option<&[u8]>, token: Option<&[u8]>) -> Result<PortWish, ErrorCode> {
    match (even_port, token) {
        (None, None) => Ok(PortWish::Any),
        (Some([bits]), _) => Ok(if bits & 0x80 == 0 { PortWish::Even } else { PortWish::EvenAndNext }),
        (Some(_), _) => Err(ErrorCode::BadRequest),
        (None, Some(token)) => token.try_into().map(PortWish::Reserved).map_err(|_| ErrorCode::BadRequest),
    }
}

/// Which families are asked for: IPv4 unless said otherwise (RFC 8656 §7.2).
fn families(requested: Option<&[u8]>, additional: Option<&[u8]>) -> Result<SmallVec<[Family; 2]>, ErrorCode> {
    let read = |value: &[u8]| Family::read(value).ok_or(ErrorCode::BadRequest);
    match (requested, additional) {
        (None, None) => Ok(SmallVec::from_slice(&[Family::V4])),
        (Some(requested), None) => {
            let family = read(requested)?.map_err(|_| ErrorCode::AddressFamilyNotSupported)?;
            Ok(SmallVec::from_slice(&[family]))
        }
        // The attribute is for an IPv6 address beside the IPv4 one and nothing else.
        (None, Some(additional)) => match read(additional)? {
            Ok(Family::V6) => Ok(SmallVec::from_slice(&[Family::V4, Family::V6])),
            Ok(Family::V4) | Err(_) => Err(ErrorCode::BadRequest),
        },
        (Some(_), Some(_)) => Err(ErrorCode::BadRequest),
    }
}

/// The success response (RFC 8656 §7.2). It is the same each time that it is made.
fn success(allocation: &Allocation, has_fingerprint: bool) -> Vec<u8> {
    let seconds = u32::try_from(allocation.granted.as_secs()).unwrap_or(u32::MAX);
    let mut writer = Writer::new(crate::stun::Method::Allocate, Class::Success, &allocation.transaction_id);
    for relayed in &allocation.relayed {
        writer = writer.xor_address(attribute::XOR_RELAYED_ADDRESS, relayed.address);
    }
    writer = writer
        .number(attribute::LIFETIME, seconds)
        .xor_address(attribute::XOR_MAPPED_ADDRESS, allocation.client.remote);
    if let Some(token) = allocation.reserved {
        writer = writer.attribute(attribute::RESERVATION_TOKEN, &token);
    }
    if let Some((family, code)) = allocation.missing {
        // RFC 8656 §18.12
        let mut value = vec![family.code(), 0, code.class(), code.number()];
        value.extend(code.reason().as_bytes());
        writer = writer.attribute(attribute::ADDRESS_ERROR_CODE, &value);
    }
    let writer = writer.integrity(&allocation.key);
    if has_fingerprint { writer.fingerprint().finish() } else { writer.finish() }
}

fn slot_number(slot: usize) -> u32 {
    u32::try_from(slot).expect("quotas and ports end long before 2^32 allocations")
}
