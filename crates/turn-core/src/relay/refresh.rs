//! Refresh (RFC 8656 §8.2).

use std::time::{Duration, Instant};

use super::{Relay, allocate::read_lifetime, authenticate::Asker, finish};
use crate::{
    Client, EndReason, ErrorCode,
    stun::{Class, Family, Message, Writer, attribute},
};

impl Relay {
    pub(super) fn refresh(&mut self, now: Instant, from: Client, request: &Message<'_>, asker: &Asker) {
        match self.try_refresh(now, from, request) {
            Ok(lifetime) => {
                let seconds = u32::try_from(lifetime.as_secs()).unwrap_or(u32::MAX);
                let writer = Writer::answer(request, Class::Success).number(attribute::LIFETIME, seconds);
                self.send(from, finish(request, writer, Some(&asker.key)));
            }
            Err(code) => self.refuse(from, request, &asker.key, code),
        }
    }

    fn try_refresh(&mut self, now: Instant, from: Client, request: &Message<'_>) -> Result<Duration, ErrorCode> {
        let family = read_family(request)?;
        let requested = read_lifetime(request)?;
        let lifetime = if requested == Some(Duration::ZERO) { Duration::ZERO } else { self.lifetime(requested) };
        let Some(allocation) = self.allocation_of(&from) else {
            // To delete what is gone succeeds: the answer to an earlier try was lost, maybe (RFC 8656 §8.2).
            return if lifetime.is_zero() { Ok(lifetime) } else { Err(ErrorCode::AllocationMismatch) };
        };
        if family.is_some_and(|family| !allocation.has_family(family)) {
            return Err(ErrorCode::PeerAddressFamilyMismatch);
        }
        let id = allocation.id;
        if lifetime.is_zero() {
            self.close_families(id, family, EndReason::Deleted);
            return Ok(lifetime);
        }
        let before = allocation.next_expiry();
        for relayed in &mut allocation.relayed {
            if family.is_none_or(|family| relayed.family == family) {
                relayed.expires_at = now + lifetime;
            }
        }
        let after = allocation.next_expiry();
        self.move_expiry(id.slot, before, after);
        Ok(lifetime)
    }

    /// Keeps the order of expiries right.
    pub(super) fn move_expiry(&mut self, slot: u32, before: Option<Instant>, after: Option<Instant>) {
        if let Some(before) = before {
            self.expiries.remove(&(before, slot));
        }
        if let Some(after) = after {
            self.expiries.insert((after, slot));
        }
    }
}

/// Which of two addresses is meant; `None`: both.
fn read_family(request: &Message<'_>) -> Result<Option<Family>, ErrorCode> {
    let Some(value) = request.attribute(attribute::REQUESTED_ADDRESS_FAMILY) else { return Ok(None) };
    match Family::read(value) {
        Some(Ok(family)) => Ok(Some(family)),
        Some(Err(_)) => Err(ErrorCode::PeerAddressFamilyMismatch),
        None => Err(ErrorCode::BadRequest),
    }
}
