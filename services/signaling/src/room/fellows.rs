//! The replicas that share the rooms, as this one last saw them. Pure.

use std::hash::{Hash, Hasher};

use antiphon_backplane::Replica;
use antiphon_protocol::ReplicaId;

/// Who is alive, this replica among them, and who is not any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fellows {
    me: ReplicaId,
    /// By id; this replica too.
    alive: Vec<ReplicaId>,
    /// Their leases have run out, and they were in rooms.
    lost: Vec<ReplicaId>,
}

impl Fellows {
    /// Nobody else is known.
    pub(crate) fn alone(me: ReplicaId) -> Self {
        Self { me, alive: vec![me], lost: Vec::new() }
    }

    pub(crate) fn of(me: ReplicaId, replicas: &[Replica]) -> Self {
        let those_who = |lapsed| {
            let others = replicas.iter().filter(move |replica| replica.id != me && replica.has_lapsed == lapsed);
            others.map(|replica| replica.id)
        };
        let mut alive: Vec<_> = those_who(false).chain([me]).collect();
        alive.sort_unstable();
        Self { me, alive, lost: those_who(true).collect() }
    }

    /// Whether this replica is alive.
    pub(crate) fn has(&self, replica: ReplicaId) -> bool {
        self.alive.binary_search(&replica).is_ok()
    }

    /// The replicas that are dead and that this one sees to.
    pub(crate) fn to_bury(&self) -> impl Iterator<Item = ReplicaId> {
        self.lost.iter().copied().filter(|lost| self.is_mine(lost))
    }

    /// Whether this replica does what one of them has to do about something: each thing has one, as long as all see the same. Another
    /// one takes little else over when one comes or goes (rendezvous hashing: Thaler and Ravishankar, 1998).
    pub(crate) fn is_mine(&self, what: &impl Hash) -> bool {
        let weight = |replica: &ReplicaId| {
            let mut hasher = Fnv1a::default();
            (replica.as_str(), what).hash(&mut hasher);
            hasher.finish()
        };
        self.alive.iter().max_by_key(|replica| (weight(replica), **replica)) == Some(&self.me)
    }
}

/// FNV-1a of 64 bits with a final mix: the same in every build, which replicas of two versions have to agree on.
struct Fnv1a(u64);

impl Default for Fnv1a {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv1a {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        let mixed = (self.0 ^ (self.0 >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        mixed ^ (mixed >> 33)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn id(number: u8) -> ReplicaId {
        ReplicaId::from_random([number; 10])
    }

    fn replica(number: u8, has_lapsed: bool) -> Replica {
        Replica { id: id(number), about: Bytes::new(), has_lapsed }
    }

    /// What each of these, who see each other, does of a thousand things.
    fn shares(numbers: &[u8]) -> Vec<Vec<u32>> {
        let all: Vec<_> = numbers.iter().map(|number| replica(*number, false)).collect();
        let mine = |fellows: Fellows| (0..1_000_u32).filter(|thing| fellows.is_mine(thing)).collect();
        numbers.iter().map(|number| mine(Fellows::of(id(*number), &all))).collect()
    }

    #[test]
    fn each_thing_is_one_replicas_and_each_replica_has_its_share() {
        let shares = shares(&[1, 2, 3]);
        let mut all = shares.concat();
        all.sort_unstable();
        assert_eq!(all, (0..1_000).collect::<Vec<_>>());
        assert!(shares.iter().all(|share| (250..420).contains(&share.len())), "{:?}", shares.iter().map(Vec::len));
    }

    #[test]
    fn those_who_stay_keep_what_they_had() {
        let (three, two) = (shares(&[1, 2, 3]), shares(&[1, 3]));
        assert!(three[0].iter().all(|thing| two[0].contains(thing)));
        assert!(three[2].iter().all(|thing| two[1].contains(thing)));
    }

    #[test]
    fn who_does_not_yet_see_itself_in_the_list_counts_itself() {
        let fellows = Fellows::of(id(1), &[replica(2, true)]);
        assert!(fellows.has(id(1)) && !fellows.has(id(2)));
        assert_eq!(fellows.to_bury().collect::<Vec<_>>(), [id(2)]);
        assert!(Fellows::alone(id(1)).is_mine(&7));
    }

    #[test]
    fn a_dead_replica_is_buried_by_one_other() {
        let all = [replica(1, false), replica(2, false), replica(3, false), replica(4, true)];
        let buriers = (1..=3).filter(|number| Fellows::of(id(*number), &all).to_bury().next().is_some());
        assert_eq!(buriers.count(), 1);
    }
}
