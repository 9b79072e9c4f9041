//! The client's `seq`.

/// Where a numbered frame stands among those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// The one to settle now.
    Next,
    /// Settled before: acknowledge it again.
    Repeated,
    /// Numbers are missing before it.
    Gap {
        /// The number to send.
        expected: u32,
    },
}

/// Counts the settled frames of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Numbering {
    settled: u32,
    /// The next frame may skip numbers.
    may_skip: bool,
}

impl Numbering {
    /// Goes on behind what was settled on earlier connections.
    #[must_use]
    pub(crate) fn after(settled: u32) -> Self {
        Self { settled, may_skip: false }
    }

    /// Numbers behind `settled` were settled too, and the count of them is lost: whichever the client sends next is the next.
    pub(crate) fn forgive_gap(&mut self) {
        self.may_skip = true;
    }

    /// The highest settled number; 0: none yet.
    #[must_use]
    pub(crate) fn settled(self) -> u32 {
        self.settled
    }

    /// Where `seq` stands.
    #[must_use]
    pub(crate) fn order(self, seq: u32) -> Order {
        if seq <= self.settled {
            Order::Repeated
        } else if self.may_skip || seq - 1 == self.settled {
            Order::Next
        } else {
            Order::Gap { expected: self.settled + 1 }
        }
    }

    /// The next one is accepted or refused for good.
    pub(crate) fn settle(&mut self, seq: u32) {
        debug_assert_eq!(self.order(seq), Order::Next);
        self.settled = seq;
        self.may_skip = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_taken_in_order_and_each_once() {
        let mut numbering = Numbering::default();
        assert_eq!(numbering.order(2), Order::Gap { expected: 1 });
        assert_eq!(numbering.order(1), Order::Next);
        numbering.settle(1);
        assert_eq!(numbering.order(1), Order::Repeated);
        assert_eq!(numbering.order(2), Order::Next);
        assert_eq!(numbering.order(u32::MAX), Order::Gap { expected: 2 });
    }

    #[test]
    fn where_the_count_was_lost_the_client_goes_on_where_it_is() {
        let mut numbering = Numbering::after(3);
        numbering.forgive_gap();
        assert_eq!(numbering.order(3), Order::Repeated);
        assert_eq!(numbering.order(9), Order::Next);
        numbering.settle(9);
        assert_eq!(numbering.order(11), Order::Gap { expected: 10 });
        assert_eq!(numbering.order(10), Order::Next);
    }

    #[test]
    fn the_last_number_is_no_overflow() {
        let mut numbering = Numbering::after(u32::MAX - 1);
        assert_eq!(numbering.order(u32::MAX), Order::Next);
        numbering.settle(u32::MAX);
        assert_eq!(numbering.order(u32::MAX), Order::Repeated);
    }
}
