//! Who of the replicas lives. All of it lies in the first partition: it is little, and asked for as a whole.

use std::time::Duration;

use antiphon_protocol::{ReplicaId, RoomKey};
use async_trait::async_trait;
use bytes::Bytes;
use redis::{Cmd, Value, cmd};

use super::{
    Redis,
    keys::room_of,
    log::{LATEST_MS, redis_count},
    reply::{self, Unreadable},
    scripts::{FORGET, RENEW, REPLICAS},
};
use crate::{Leases, Partition, Renewed, Replica, Unavailable};

/// Where the leases lie.
const HERE: Partition = Partition(0);

#[async_trait]
impl Leases for Redis {
    async fn renew(&self, replica: ReplicaId, lease: Duration, about: Bytes) -> Result<Renewed, Unavailable> {
        let keys = &self.shared.keys;
        let lease_ms = u64::try_from(lease.as_millis()).unwrap_or(u64::MAX).min(LATEST_MS / 2);
        let arguments = |command: &mut Cmd| {
            command.arg(replica.as_str()).arg(lease_ms).arg(&*about);
        };
        let answer = self.shared.run(HERE, &RENEW, &[&keys.leases(), &keys.replicas()], &arguments).await?;
        Ok(if answer == Value::Int(1) { Renewed::Held } else { Renewed::Begun })
    }

    async fn replicas(&self) -> Result<Vec<Replica>, Unavailable> {
        let keys = &self.shared.keys;
        let answer = self.shared.run(HERE, &REPLICAS, &[&keys.leases(), &keys.replicas()], &|_| {}).await?;
        let mut replicas = read_replicas(answer).map_err(|_| self.shared.unreadable("REPLICAS"))?;
        replicas.sort_by_key(|replica| replica.id);
        Ok(replicas)
    }

    async fn enter(&self, replica: ReplicaId, room: &RoomKey) -> Result<(), Unavailable> {
        let keys = &self.shared.keys;
        let mut command = cmd("SADD");
        command.arg(keys.entered(replica)).arg(keys.room(room).id());
        self.shared.command(HERE, &command).await.map(|_| ())
    }

    async fn leave(&self, replica: ReplicaId, room: &RoomKey) -> Result<(), Unavailable> {
        let keys = &self.shared.keys;
        let mut command = cmd("SREM");
        command.arg(keys.entered(replica)).arg(keys.room(room).id());
        self.shared.command(HERE, &command).await.map(|_| ())
    }

    async fn entered(&self, replica: ReplicaId, limit: usize) -> Result<Vec<RoomKey>, Unavailable> {
        let mut command = cmd("SRANDMEMBER");
        command.arg(self.shared.keys.entered(replica)).arg(redis_count(limit));
        let answer = self.shared.command(HERE, &command).await?;
        let read = |id| room_of(&reply::text(id)?).ok_or(Unreadable);
        let rooms = reply::array(answer).and_then(|ids| ids.into_iter().map(read).collect());
        rooms.map_err(|_| self.shared.unreadable("SRANDMEMBER"))
    }

    async fn release(&self, replica: ReplicaId) -> Result<(), Unavailable> {
        let mut command = cmd("ZREM");
        command.arg(self.shared.keys.leases()).arg(replica.as_str());
        self.shared.command(HERE, &command).await.map(|_| ())
    }

    async fn forget(&self, replica: ReplicaId) -> Result<(), Unavailable> {
        let keys = &self.shared.keys;
        let arguments = |command: &mut Cmd| {
            command.arg(replica.as_str());
        };
        let all = [&*keys.leases(), &keys.replicas(), &keys.entered(replica)];
        self.shared.run(HERE, &FORGET, &all, &arguments).await.map(|_| ())
    }
}

fn read_replicas(answer: Value) -> Result<Vec<Replica>, Unreadable> {
    let read = |replica| {
        let [id, about, has_lapsed] = reply::fields(replica)?;
        let id = reply::text(id)?.parse().map_err(|_| Unreadable)?;
        Ok(Replica { id, about: reply::bytes(about)?, has_lapsed: reply::number(has_lapsed)? == 1 })
    };
    reply::array(answer)?.into_iter().map(read).collect()
}
