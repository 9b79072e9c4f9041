//! This replica's lease, and what it does for those whose lease has run out.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use antiphon_backplane::{Renewed, Unavailable};
use antiphon_protocol::{ReplicaId, RoomKey};
use antiphon_room_core::{Author, Command};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use super::{Fellows, RoomError, RoomHandle, Rooms};

/// A lease is renewed so often while it lasts: two renewals may be late or lost.
const RENEWALS: u32 = 3;

/// Rooms of a lost replica that are seen to at once.
const BURIALS: usize = 32;

/// Rooms of a lost replica that are asked for at once.
const BURIAL_PAGE: usize = 256;

impl Rooms {
    /// Notes that this replica has, or is about to have, sessions in the room, so that whoever buries it looks there.
    pub(crate) async fn enter(&self, room: &RoomHandle) -> Result<(), Unavailable> {
        self.first_lease.get_or_try_init(|| self.renew()).await?;
        let enter = || async {
            let _in_order = self.order_of(&room.key).lock().await;
            self.backplane.leases.enter(self.replica, &room.key).await
        };
        room.entered.get_or_try_init(enter).await.copied()
    }

    /// Keeps this replica's lease, shares out the work with the others, and sees to those that died; for ever.
    pub(crate) async fn keep_lease(self: Arc<Self>) {
        let mut tick = tokio::time::interval(self.lease / RENEWALS);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut is_away = false;
        let mut renewals = 0_u32;
        loop {
            tick.tick().await;
            let kept = self.keep_once().await;
            renewals = if kept.is_ok() { renewals.wrapping_add(1) } else { 0 };
            // Nobody is looked for before everybody had the time to say that they are alive.
            if renewals > RENEWALS && renewals.is_multiple_of(RENEWALS) {
                let fellows = Arc::clone(&self.fellows.borrow());
                self.all_live().iter().for_each(|room| room.audit(&fellows));
            }
            if kept.is_err() != is_away {
                is_away = kept.is_err();
                if is_away {
                    tracing::warn!("the lease waits: the backplane is out of reach");
                } else {
                    tracing::info!("the lease is held again");
                }
            }
        }
    }

    async fn keep_once(self: &Arc<Self>) -> Result<(), Unavailable> {
        if self.is_released.load(Ordering::Acquire) {
            return Ok(());
        }
        self.first_lease.get_or_try_init(|| self.renew()).await?;
        if self.renew_lease().await? == Renewed::Begun {
            // Whoever buried this replica, or an engine that forgot, knows nothing of its rooms.
            self.enter_again().await?;
        }
        let replicas = self.backplane.leases.replicas().await?;
        let fellows = Arc::new(Fellows::of(self.replica, &replicas));
        self.fellows.send_if_modified(|known| {
            let differs = **known != *fellows;
            *known = Arc::clone(&fellows);
            differs
        });
        self.leave_rooms().await;
        for lost in fellows.to_bury() {
            self.bury(lost).await?;
        }
        Ok(())
    }

    async fn renew(&self) -> Result<(), Unavailable> {
        self.renew_lease().await.map(drop)
    }

    async fn renew_lease(&self) -> Result<Renewed, Unavailable> {
        self.backplane.leases.renew(self.replica, self.lease, Bytes::new()).await
    }

    async fn enter_again(&self) -> Result<(), Unavailable> {
        for room in self.all_live() {
            if room.entered.initialized() {
                self.backplane.leases.enter(self.replica, &room.key).await?;
            }
        }
        Ok(())
    }

    /// Takes the rooms that are not live here any more out of the index.
    async fn leave_rooms(&self) {
        for key in self.take_left() {
            let _in_order = self.order_of(&key).lock().await;
            if self.live(&key).is_none() && self.backplane.leases.leave(self.replica, &key).await.is_err() {
                self.note_left(key);
            }
        }
    }

    /// The connections of a replica that is lost count as gone, in every room that it was in.
    async fn bury(self: &Arc<Self>, lost: ReplicaId) -> Result<(), Unavailable> {
        loop {
            let rooms = self.backplane.leases.entered(lost, BURIAL_PAGE).await?;
            if rooms.is_empty() {
                return self.backplane.leases.forget(lost).await;
            }
            tracing::warn!(replica = %lost, rooms = rooms.len(), "a replica is lost: its connections count as gone");
            let mut burials =
                stream::iter(rooms).map(|key| Arc::clone(self).bury_in(lost, key)).buffer_unordered(BURIALS);
            while let Some(buried) = burials.next().await {
                buried?;
            }
        }
    }

    async fn bury_in(self: Arc<Self>, lost: ReplicaId, key: RoomKey) -> Result<(), Unavailable> {
        let submitted = self.open(&key).submit(Author::Server, Command::ReplicaLost { replica: lost }).await;
        match submitted {
            Ok(_) | Err(RoomError::Refused(_) | RoomError::Ended) => self.backplane.leases.leave(lost, &key).await,
            Err(RoomError::Unavailable | RoomError::Uncertain) => Err(Unavailable),
        }
    }

    /// This replica stops: what is left of it is for the others to see to, now and not when its lease runs out.
    pub(crate) async fn release(&self) {
        self.is_released.store(true, Ordering::Release);
        let leases = &self.backplane.leases;
        let released = async {
            self.leave_rooms().await;
            leases.release(self.replica).await?;
            leases.forget(self.replica).await
        };
        // Where that cannot be said, the lease runs out.
        let _ = tokio::time::timeout(Duration::from_secs(1), released).await;
    }
}
