//! What things are called in Redis.
//!
//! Everything of a room lies in one partition, and every key of a partition has the same hash tag, so that one script may touch
//! all of them also in a cluster. The partition of a room is the CRC-32 (IEEE) of the length of the tenant's name as two bytes,
//! big endian, the tenant's name and the room's name, modulo the number of partitions. Names stand in keys behind their
//! lengths, so no name can be made to look like another.

use antiphon_protocol::{ReplicaId, RoomKey, Sid, TenantId};

use crate::Partition;

/// Keys of one backplane.
#[derive(Debug, Clone)]
pub(super) struct Keys {
    prefix: Box<str>,
    partitions: u16,
}

/// The keys of one room.
pub(super) struct RoomKeys {
    pub(super) partition: Partition,
    base: String,
    id: String,
}

impl Keys {
    pub(super) fn new(prefix: &str, partitions: u16) -> Self {
        Self { prefix: prefix.into(), partitions }
    }

    pub(super) fn partitions(&self) -> u16 {
        self.partitions
    }

    pub(super) fn every_partition(&self) -> impl Iterator<Item = Partition> + use<> {
        (0..self.partitions).map(Partition)
    }

    /// In which slot of a cluster a partition lies.
    pub(super) fn slot(&self, partition: Partition) -> u16 {
        crc16::State::<crc16::XMODEM>::calculate(format!("p{}", partition.0).as_bytes()) % SLOTS
    }

    pub(super) fn room(&self, room: &RoomKey) -> RoomKeys {
        let partition = self.partition_of(&[room.tenant.as_str().as_bytes(), room.room.as_str().as_bytes()]);
        RoomKeys { partition, base: self.base(partition), id: room_id(room) }
    }

    /// What says how the data is laid out, so that nobody reads it otherwise.
    pub(super) fn layout(&self) -> String {
        self.of(Partition(0), "layout")
    }

    pub(super) fn leases(&self) -> String {
        self.of(Partition(0), "leases")
    }

    /// What replicas say of themselves.
    pub(super) fn replicas(&self) -> String {
        self.of(Partition(0), "replicas")
    }

    /// The rooms that a replica has sessions in.
    pub(super) fn entered(&self, replica: ReplicaId) -> String {
        self.of(Partition(0), "entered:") + replica.as_str()
    }

    pub(super) fn floor(&self, partition: Partition) -> String {
        self.of(partition, "floor")
    }

    pub(super) fn due(&self, partition: Partition) -> String {
        self.of(partition, "due")
    }

    pub(super) fn rooms(&self, partition: Partition, tenant: &TenantId) -> String {
        self.base(partition) + "rooms:" + tenant.as_str()
    }

    /// Also the name of the channel on which its messages are announced.
    pub(super) fn outbox(&self, partition: Partition) -> String {
        self.of(partition, "outbox")
    }

    pub(super) fn outbox_state(&self, partition: Partition) -> String {
        self.of(partition, "outbox-state")
    }

    /// Where a lane's dead letters lie: the letters, and their ids.
    pub(super) fn dead_letters(&self, lane: &str) -> (Partition, [String; 2]) {
        let partition = self.partition_of(&[lane.as_bytes()]);
        let base = self.base(partition);
        (partition, [format!("{base}dead:{lane}"), format!("{base}dead-ids:{lane}")])
    }

    /// The partition of a channel or key.
    pub(super) fn partition_in(&self, key: &[u8]) -> Option<Partition> {
        let tag = key.get(self.prefix.len()..)?.strip_prefix(b":{p")?;
        let end = tag.iter().position(|byte| *byte == b'}')?;
        let partition = str::from_utf8(&tag[..end]).ok()?.parse().ok()?;
        (partition < self.partitions).then_some(Partition(partition))
    }

    fn partition_of(&self, parts: &[&[u8]]) -> Partition {
        let mut hash = crc32fast::Hasher::new();
        hash.update(&(parts[0].len() as u16).to_be_bytes());
        for part in parts {
            hash.update(part);
        }
        Partition((hash.finalize() % u32::from(self.partitions)) as u16)
    }

    fn of(&self, partition: Partition, what: &str) -> String {
        self.base(partition) + what
    }

    fn base(&self, partition: Partition) -> String {
        format!("{}:{{p{}}}:", self.prefix, partition.0)
    }
}

/// Slots of every Redis cluster.
const SLOTS: u16 = 16_384;

impl RoomKeys {
    /// Also the name of the room's channel.
    pub(super) fn room(&self) -> String {
        self.of("room")
    }

    pub(super) fn log(&self) -> String {
        self.of("log")
    }

    pub(super) fn bans(&self) -> String {
        self.of("bans")
    }

    /// The last epoch that a batch ended, for a while.
    pub(super) fn ended(&self) -> String {
        self.of("ended")
    }

    pub(super) fn sessions(&self) -> String {
        self.of("sessions")
    }

    pub(super) fn mailbox(&self, owner: Sid) -> String {
        format!("{}{}{}", self.mail_prefix(), owner.as_str(), self.mail_suffix())
    }

    /// What stands before the sid in the key of a mailbox.
    pub(super) fn mail_prefix(&self) -> String {
        format!("{}mail:", self.base)
    }

    /// What stands behind it.
    pub(super) fn mail_suffix(&self) -> String {
        format!(":{}", self.id)
    }

    /// The room in sets of its partition.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    fn of(&self, what: &str) -> String {
        format!("{}{what}:{}", self.base, self.id)
    }
}

fn room_id(room: &RoomKey) -> String {
    let tenant = room.tenant.as_str();
    format!("{}:{tenant}:{}", tenant.len(), room.room.as_str())
}

/// The room that [`RoomKeys::id`] names.
pub(super) fn room_of(id: &str) -> Option<RoomKey> {
    let (length, rest) = id.split_once(':')?;
    let length: usize = length.parse().ok()?;
    let room = rest.get(length..)?.strip_prefix(':')?;
    Some(RoomKey { tenant: rest[..length].parse().ok()?, room: room.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(tenant: &str, name: &str) -> RoomKey {
        RoomKey { tenant: tenant.parse().expect("short"), room: name.parse().expect("short") }
    }

    #[test]
    fn a_room_keeps_its_keys_whatever_the_program_is_built_with() {
        let keys = Keys::new("antiphon", 64).room(&room("acme", "daily"));
        assert_eq!(keys.room(), "antiphon:{p18}:room:4:acme:daily");
    }

    #[test]
    fn a_room_is_found_again_by_its_id() {
        for (tenant, name) in [("acme", "daily"), ("a:b", "c"), ("a", "b:c"), ("ä", "1:ö:{x}"), ("1", "1")] {
            let room = room(tenant, name);
            assert_eq!(room_of(Keys::new("p", 8).room(&room).id()), Some(room));
        }
        for wrong in ["", "x", "9:a:b", "1:ab", "1:a:", "2:ä:", "1:ä:b"] {
            assert_eq!(room_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_key_of_a_room_tells_its_partition() {
        let keys = Keys::new("antiphon", 64);
        for name in ["a", "{p3}", "}", ":{p9}:"] {
            let of_room = keys.room(&room("t", name));
            let mailbox = of_room.mailbox(Sid::from_random([7; 10]));
            for key in [of_room.room(), of_room.log(), of_room.bans(), of_room.sessions(), mailbox] {
                assert_eq!(keys.partition_in(key.as_bytes()), Some(of_room.partition), "{key}");
            }
        }
        assert_eq!(keys.partition_in(b"antiphon:{p64}:room"), None);
        assert_eq!(keys.partition_in(b"other:{p1}:room"), None);
    }

    #[test]
    fn partitions_spread_over_a_cluster_of_three() {
        let keys = Keys::new("antiphon", 64);
        let mut nodes = [0; 3];
        for partition in keys.every_partition() {
            nodes[usize::from(keys.slot(partition) / 5_462)] += 1;
        }
        assert!(nodes.iter().all(|partitions| *partitions >= 12), "{nodes:?}");
    }
}
