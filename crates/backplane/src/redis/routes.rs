//! Which server has which partition.

use std::{collections::BTreeMap, sync::Arc};

use redis::Value;

use super::{
    Address,
    keys::Keys,
    node::{Node, Place},
    reply::{self, Unreadable},
};
use crate::Partition;

/// Where the partitions are.
#[derive(Clone, Default)]
pub(super) struct Routes {
    nodes: Vec<Arc<Node>>,
    /// By partition, an index into `nodes`.
    of: Vec<Option<usize>>,
}

impl Routes {
    /// Everything is in one place.
    pub(super) fn one(node: Node, keys: &Keys) -> Self {
        Self { nodes: vec![Arc::new(node)], of: keys.every_partition().map(|_| Some(0)).collect() }
    }

    /// As a cluster says. Servers that are known already stay.
    pub(super) fn cluster(&self, slots: &Slots, keys: &Keys, new: impl Fn(Place) -> Node) -> Self {
        let mut routes = Self::default();
        for partition in keys.every_partition() {
            let node = slots.owner(keys.slot(partition)).map(|address| routes.node(self, address, &new));
            routes.of.push(node);
        }
        routes
    }

    fn node(&mut self, before: &Self, address: &Address, new: impl Fn(Place) -> Node) -> usize {
        let is_there = |node: &&Arc<Node>| node.place == Place::At(address.clone());
        if let Some(index) = self.nodes.iter().position(|node| is_there(&node)) {
            return index;
        }
        let node = before.nodes.iter().find(is_there).map(Arc::clone);
        self.nodes.push(node.unwrap_or_else(|| Arc::new(new(Place::At(address.clone())))));
        self.nodes.len() - 1
    }

    /// Nobody has said yet where the partitions are.
    pub(super) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    pub(super) fn nodes(&self) -> &[Arc<Node>] {
        &self.nodes
    }

    pub(super) fn node_of(&self, partition: Partition) -> Option<&Arc<Node>> {
        let index = (*self.of.get(usize::from(partition.0))?)?;
        self.nodes.get(index)
    }

    pub(super) fn partitions_of(&self, node: &Arc<Node>) -> Vec<Partition> {
        let partitions = (0..self.of.len() as u16).map(Partition);
        partitions.filter(|partition| self.node_of(*partition).is_some_and(|of| Arc::ptr_eq(of, node))).collect()
    }

    /// Every partition has a server, and all of them are in reach.
    pub(super) fn are_up(&self) -> bool {
        !self.of.is_empty() && self.of.iter().all(Option::is_some) && self.nodes.iter().all(|node| node.is_up())
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        let same_nodes = self.nodes.len() == other.nodes.len()
            && self.nodes.iter().zip(&other.nodes).all(|(one, other)| Arc::ptr_eq(one, other));
        same_nodes && self.of == other.of
    }
}

/// The primaries of a cluster, by their slots.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Slots(BTreeMap<u16, (u16, Address)>);

impl Slots {
    /// Reads the answer to CLUSTER SLOTS. A server that does not know its own address is at the one that was asked.
    pub(super) fn read(answer: Value, asked: &Address) -> Result<Self, Unreadable> {
        let mut slots = BTreeMap::new();
        for range in reply::array(answer)? {
            let mut range = reply::array(range)?.into_iter();
            let mut next = || range.next().ok_or(Unreadable);
            let (first, last) = (reply::number(next()?)?, reply::number(next()?)?);
            let mut primary = reply::array(next()?)?.into_iter();
            let host = primary.next().and_then(|host| reply::text(host).ok()).filter(|host| !host.is_empty());
            let port = primary.next().ok_or(Unreadable).and_then(reply::number)?;
            let narrow = |number: u64| u16::try_from(number).map_err(|_| Unreadable);
            let address = Address { host: host.unwrap_or_else(|| asked.host.clone()), port: narrow(port)? };
            slots.insert(narrow(first)?, (narrow(last)?, address));
        }
        Ok(Self(slots))
    }

    fn owner(&self, slot: u16) -> Option<&Address> {
        let (_, (last, address)) = self.0.range(..=slot).next_back()?;
        (slot <= *last).then_some(address)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn text(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    fn range(first: i64, last: i64, host: &str, port: i64) -> Value {
        let primary = Value::Array(vec![text(host), Value::Int(port), text("id"), Value::Array(vec![])]);
        let replica = Value::Array(vec![text("replica"), Value::Int(1), text("id"), Value::Array(vec![])]);
        Value::Array(vec![Value::Int(first), Value::Int(last), primary, replica])
    }

    fn at(host: &str, port: u16) -> Address {
        Address { host: host.to_owned(), port }
    }

    #[test]
    fn slots_belong_to_the_primaries_of_their_ranges() {
        let answer = Value::Array(vec![range(0, 99, "a", 1), range(200, 16_383, "", 2)]);
        let slots = Slots::read(answer, &at("asked", 9)).expect("an answer");
        for (slot, owner) in [(0, Some(("a", 1))), (99, Some(("a", 1))), (100, None), (200, Some(("asked", 2)))] {
            assert_eq!(slots.owner(slot), owner.map(|(host, port)| at(host, port)).as_ref(), "{slot}");
        }
        for wrong in [Value::Nil, Value::Array(vec![Value::Int(1)]), Value::Array(vec![range(0, 70_000, "a", 1)])] {
            assert_eq!(Slots::read(wrong, &at("asked", 9)), Err(Unreadable));
        }
    }

    #[test]
    fn servers_that_stay_are_kept_and_those_that_go_are_not() {
        let keys = Keys::new("p", 64);
        let new = |place| Node::new(place, 1, Duration::from_secs(1));
        let slots = |ranges| Slots::read(Value::Array(ranges), &at("asked", 9)).expect("an answer");
        let two =
            Routes::default().cluster(&slots(vec![range(0, 8_000, "a", 1), range(8_001, 16_383, "b", 1)]), &keys, new);
        assert_eq!(two.nodes().len(), 2);
        let one = two.cluster(&slots(vec![range(0, 16_383, "b", 1)]), &keys, new);
        assert_eq!(one.nodes().len(), 1);
        let b = two.nodes().iter().find(|node| node.place == Place::At(at("b", 1))).expect("b");
        assert!(Arc::ptr_eq(b, &one.nodes()[0]));
        assert_eq!(one.partitions_of(b).len(), 64);
        assert!(!one.is_same(&two) && one.is_same(&one.clone()));
        assert!(!one.are_up());
    }
}
