//! How allocations end.

use std::time::Instant;

use antiphon_ice_core::user_id::UserId;
use antiphon_protocol::TenantId;

use super::{Relay, Slot};
use crate::{AllocationId, Client, Effect, EndReason, RelayedId, allocation::Allocation, stun::Family};

/// Which allocations.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// This tenant's only.
    pub tenant: Option<TenantId>,
    /// This user's only.
    pub user: Option<UserId>,
    /// This one only.
    pub id: Option<AllocationId>,
}

impl Selection {
    pub(super) fn includes(&self, allocation: &Allocation) -> bool {
        let user = allocation.reservation.user();
        self.tenant.as_ref().is_none_or(|tenant| *tenant == user.tenant())
            && self.user.as_ref().is_none_or(|wanted| wanted == user)
            && self.id.is_none_or(|id| id == allocation.id)
    }
}

impl Relay {
    /// Ends what has expired at `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some((at, slot)) = self.expiries.first().copied().filter(|(at, _)| *at <= now) {
            let Some(Slot::Live(allocation)) = self.slots.get(slot as usize) else {
                self.expiries.remove(&(at, slot));
                continue;
            };
            let id = allocation.id;
            let expired: Vec<Family> = allocation
                .relayed
                .iter()
                .filter(|relayed| relayed.expires_at <= now)
                .map(|relayed| relayed.family)
                .collect();
            for family in expired {
                self.close_families(id, Some(family), EndReason::Expired);
            }
        }
    }

    /// A client's connection is gone, and its allocation with it.
    pub fn handle_disconnect(&mut self, client: Client) {
        let Some(slot) = self.by_client.get(&client).copied() else { return };
        match self.slots.get(slot as usize) {
            Some(Slot::Live(allocation)) => self.close_families(allocation.id, None, EndReason::Disconnected),
            // What the shell still binds for it is closed when it says so.
            Some(Slot::Binding(_)) => {
                self.slots.remove(slot as usize);
                self.by_client.remove(&client);
            }
            None => {}
        }
    }

    /// Ends the allocations that are selected; tells how many. Connections of their clients are closed.
    pub fn kill(&mut self, selection: &Selection) -> usize {
        let selected = self.live().filter(|allocation| selection.includes(allocation));
        let selected: Vec<(AllocationId, Client)> =
            selected.map(|allocation| (allocation.id, allocation.client)).collect();
        for (id, client) in &selected {
            self.close_families(*id, None, EndReason::Killed);
            if client.transport.is_stream() {
                self.effects.push_back(Effect::CloseClient(*client));
            }
        }
        selected.len()
    }

    /// Closes the address of this family, or all; with the last one the allocation ends.
    pub(super) fn close_families(&mut self, id: AllocationId, family: Option<Family>, reason: EndReason) {
        let Some(allocation) = self.allocation(id) else { return };
        let (before, view) = (allocation.next_expiry(), allocation.view());
        let mut closed = Vec::with_capacity(2);
        allocation.relayed.retain(|relayed| {
            let stays = family.is_some_and(|family| relayed.family != family);
            if !stays {
                closed.push((relayed.family, relayed.address));
            }
            stays
        });
        let (after, client) = (allocation.next_expiry(), allocation.client);
        for (family, address) in closed {
            self.ledger.set_live(address, false);
            self.effects.push_back(Effect::CloseRelayed(RelayedId { allocation: id, family }));
        }
        self.move_expiry(id.slot, before, after);
        if after.is_none() {
            self.by_client.remove(&client);
            self.slots.remove(id.slot as usize);
            self.effects.push_back(Effect::Ended(view, reason));
        }
    }
}
