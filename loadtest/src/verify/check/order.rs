//! One common order of what several readers were shown, by content alone.
//!
//! Each reader gives a chain: this came before that. The chains have a common order exactly as long as together they have no cycle.
//! The order is kept up to date edge by edge: A. Marchetti-Spaccamela, U. Nanni, H. Rohnert, "Maintaining a topological order under
//! edge insertions", Information Processing Letters 59 (1996).

use std::collections::{BTreeMap, VecDeque};

/// What a reader was shown does not go with what others were shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contradiction {
    /// Others were shown the same two items the other way round, or several a circle of them.
    Order,
    /// Others were told that the item stands elsewhere.
    Place(u64),
}

/// The newest items of one log, in an order that agrees with every reader.
///
/// Items that fell out of the window are forgotten; then a contradiction with them goes unseen, and none is invented.
#[derive(Debug)]
pub(super) struct Order<T> {
    nodes: VecDeque<Node<T>>,
    /// The rank of the first node.
    first: u64,
    ranks: BTreeMap<T, u64>,
    window: usize,
}

#[derive(Debug)]
struct Node<T> {
    item: T,
    /// Where it stands, as a reader was told.
    place: Option<u64>,
    /// What some reader was shown next.
    next: Vec<T>,
}

impl<T: Copy + Ord> Order<T> {
    /// Remembers so many items.
    pub(super) fn new(window: usize) -> Self {
        Self { nodes: VecDeque::new(), first: 0, ranks: BTreeMap::new(), window }
    }

    /// A reader was shown `item`, told that it stands at `place`, and was shown `previous` before it, if anything.
    ///
    /// # Errors
    /// When no order agrees with this and with what was shown before, which is not taken into account then; or when others were told
    /// another place.
    pub(super) fn show(&mut self, previous: Option<T>, item: T, place: Option<u64>) -> Result<(), Contradiction> {
        let to = self.ranks.get(&item).copied().unwrap_or_else(|| self.append(item));
        self.follow(previous, item, to)?;
        let rank = self.ranks[&item];
        let index = self.index(rank);
        let known = &mut self.nodes[index].place;
        match (*known, place) {
            (Some(known), Some(place)) if known != place => Err(Contradiction::Place(known)),
            _ => {
                *known = known.or(place);
                Ok(())
            }
        }
    }

    fn follow(&mut self, previous: Option<T>, item: T, to: u64) -> Result<(), Contradiction> {
        let Some((previous, from)) = previous.and_then(|previous| Some((previous, *self.ranks.get(&previous)?))) else {
            return Ok(());
        };
        if previous == item {
            return Err(Contradiction::Order);
        }
        if from > to {
            self.move_behind(to, from)?;
        }
        let from = self.index(self.ranks[&previous]);
        let next = &mut self.nodes[from].next;
        if !next.contains(&item) {
            next.push(item);
        }
        Ok(())
    }

    fn append(&mut self, item: T) -> u64 {
        if self.nodes.len() == self.window
            && let Some(oldest) = self.nodes.pop_front()
        {
            self.ranks.remove(&oldest.item);
            self.first += 1;
        }
        let rank = self.first + self.nodes.len() as u64;
        self.nodes.push_back(Node { item, place: None, next: Vec::new() });
        self.ranks.insert(item, rank);
        rank
    }

    fn index(&self, rank: u64) -> usize {
        usize::try_from(rank - self.first).expect("the window fits in memory")
    }

    /// Moves the item at `low`, and all that must follow it, behind the one at `high`.
    fn move_behind(&mut self, low: u64, high: u64) -> Result<(), Contradiction> {
        let (low, high) = (self.index(low), self.index(high));
        let follows = self.followers(low, high);
        if follows[high - low] {
            return Err(Contradiction::Order);
        }
        let segment: Vec<Node<T>> = self.nodes.drain(low..=high).collect();
        let (mut stay, mut moved) = (Vec::new(), Vec::new());
        for (node, follows) in segment.into_iter().zip(follows) {
            if follows { &mut moved } else { &mut stay }.push(node);
        }
        let tail = self.nodes.split_off(low);
        for node in stay.into_iter().chain(moved) {
            self.ranks.insert(node.item, self.first + self.nodes.len() as u64);
            self.nodes.push_back(node);
        }
        self.nodes.extend(tail);
        Ok(())
    }

    /// Which of the nodes `low..=high` are `low` or must follow it.
    fn followers(&self, low: usize, high: usize) -> Vec<bool> {
        let mut follows = vec![false; high - low + 1];
        follows[0] = true;
        // An edge leads to a higher rank, so one pass in order finds all.
        for index in low..=high {
            if !follows[index - low] {
                continue;
            }
            for next in &self.nodes[index].next {
                if let Some(place) = self.ranks.get(next).map(|rank| self.index(*rank)).filter(|place| *place <= high) {
                    follows[place - low] = true;
                }
            }
        }
        follows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the readers were shown, in turn: one item of each reader that has one left, as the run's clock would have it.
    fn show(readers: &[&[u32]]) -> Result<(), Contradiction> {
        let mut order = Order::new(16);
        let longest = readers.iter().map(|shown| shown.len()).max().unwrap_or_default();
        for step in 0..longest {
            for shown in readers {
                if let Some(item) = shown.get(step) {
                    order.show(step.checked_sub(1).map(|before| shown[before]), *item, None)?;
                }
            }
        }
        Ok(())
    }

    #[test]
    fn readers_that_see_parts_of_one_order_agree() {
        assert_eq!(show(&[&[1, 2, 3, 4], &[2, 4], &[1, 3], &[1, 2, 3, 4]]), Ok(()));
    }

    #[test]
    fn items_may_become_known_in_another_order_than_they_have() {
        // The second reader learns of 9 before 1, and nobody has seen both until the third.
        assert_eq!(show(&[&[9, 10], &[1, 2], &[5, 1, 2, 9, 10]]), Ok(()));
        assert_eq!(show(&[&[9, 10], &[1, 2], &[5, 1, 2, 9, 10], &[5, 9, 2]]), Err(Contradiction::Order));
    }

    #[test]
    fn two_readers_that_see_two_items_the_other_way_round_disagree() {
        assert_eq!(show(&[&[1, 2], &[2, 1]]), Err(Contradiction::Order));
        assert_eq!(show(&[&[1, 5, 6, 2], &[2, 7, 8, 1]]), Err(Contradiction::Order));
    }

    #[test]
    fn a_circle_that_no_two_readers_see_alone_is_found() {
        assert_eq!(show(&[&[1, 2], &[2, 3], &[3, 1]]), Err(Contradiction::Order));
    }

    #[test]
    fn a_reader_that_is_shown_an_item_again_contradicts_itself() {
        assert_eq!(show(&[&[1, 2, 1]]), Err(Contradiction::Order));
        assert_eq!(show(&[&[1, 1]]), Err(Contradiction::Order));
    }

    #[test]
    fn readers_are_told_the_same_place() {
        let mut order = Order::new(16);
        assert_eq!(order.show(None, 1, None), Ok(()));
        assert_eq!(order.show(None, 1, Some(5)), Ok(()));
        assert_eq!(order.show(None, 1, Some(5)), Ok(()));
        assert_eq!(order.show(None, 1, Some(6)), Err(Contradiction::Place(5)));
    }

    #[test]
    fn what_fell_out_of_the_window_is_no_contradiction() {
        let mut order = Order::new(2);
        for item in 1..=4 {
            assert_eq!(order.show(Some(item - 1), item, None), Ok(()));
        }
        assert_eq!(order.nodes.len(), 2);
        assert_eq!(order.show(Some(4), 1, None), Ok(()));
    }

    #[test]
    fn an_order_stays_an_order_however_it_is_learnt() {
        // Readers of every other subset of one log, each told in one piece, from the last to the first.
        let log: Vec<u32> = (0..12).collect();
        let mut order = Order::new(64);
        for subset in (1_u32..4096).rev().step_by(7) {
            let mut previous = None;
            for item in log.iter().copied().filter(|item| subset & (1 << item) != 0) {
                assert_eq!(order.show(previous, item, None), Ok(()));
                previous = Some(item);
            }
        }
        assert_eq!(order.nodes.iter().map(|node| node.item).collect::<Vec<_>>(), log);
        assert_eq!(order.show(Some(7), 6, None), Err(Contradiction::Order));
    }
}
