//! The leases with a fault in between.

use std::time::Duration;

use antiphon_backplane::{Leases, Renewed, Replica, Unavailable};
use antiphon_protocol::{ReplicaId, RoomKey};
use async_trait::async_trait;
use bytes::Bytes;

use crate::{backend::Broken, fault::Fault};

#[async_trait]
impl Leases for Broken {
    async fn renew(&self, replica: ReplicaId, lease: Duration, about: Bytes) -> Result<Renewed, Unavailable> {
        let about = if self.has(Fault::KeepsTheFirstAbout) {
            self.state().abouts.entry(replica).or_insert(about).clone()
        } else {
            about
        };
        let renewed = self.inner.leases.renew(replica, lease, about).await?;
        Ok(if self.has(Fault::AlwaysBegins) { Renewed::Begun } else { renewed })
    }

    async fn replicas(&self) -> Result<Vec<Replica>, Unavailable> {
        let mut replicas = self.inner.leases.replicas().await?;
        if self.has(Fault::NeverLapses) {
            replicas.iter_mut().for_each(|replica| replica.has_lapsed = false);
        }
        Ok(replicas)
    }

    async fn enter(&self, replica: ReplicaId, room: &RoomKey) -> Result<(), Unavailable> {
        if self.has(Fault::SeesWhoEntered) {
            self.inner.leases.renew(replica, Duration::ZERO, Bytes::new()).await?;
        }
        self.inner.leases.enter(self.replica(replica), room).await
    }

    async fn leave(&self, replica: ReplicaId, room: &RoomKey) -> Result<(), Unavailable> {
        if self.has(Fault::NeverLeaves) {
            return Ok(());
        }
        self.inner.leases.leave(self.replica(replica), room).await
    }

    async fn entered(&self, replica: ReplicaId, limit: usize) -> Result<Vec<RoomKey>, Unavailable> {
        self.inner.leases.entered(self.replica(replica), limit).await
    }

    async fn release(&self, replica: ReplicaId) -> Result<(), Unavailable> {
        if self.has(Fault::NeverReleases) {
            return Ok(());
        }
        self.inner.leases.release(replica).await
    }

    async fn forget(&self, replica: ReplicaId) -> Result<(), Unavailable> {
        if self.has(Fault::ForgetsTheLiving) {
            for room in self.inner.leases.entered(replica, usize::MAX).await? {
                self.inner.leases.leave(replica, &room).await?;
            }
            self.inner.leases.release(replica).await?;
        }
        self.inner.leases.forget(replica).await
    }
}

impl Broken {
    /// The replica that is meant, in this backend's opinion.
    fn replica(&self, replica: ReplicaId) -> ReplicaId {
        if self.has(Fault::MixesReplicas) { ReplicaId::from_random([0; 10]) } else { replica }
    }
}
