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
}

impl Numbering {
    /// Goes on behind what was settled on earlier connections.
    #[must_use]
    pub(crate) fn after(settled: u32) -> Self {
        Self { settled }
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
        } else if seq - 1 == self.settled {
            Order::Next
        } else {
            Order::Gap { expected: self.settled + 1 }
        }
    }

    /// The next one is accepted or refused for good.
    pub(crate) fn settle(&mut self, seq: u32) {
        debug_assert_eq!(self.order(seq), Order::Next);
        self.settled = seq;
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
    fn the_last_number_is_no_overflow() {
        let mut numbering = Numbering::after(u32::MAX - 1);
        assert_eq!(numbering.order(u32::MAX), Order::Next);
        numbering.settle(u32::MAX);
        assert_eq!(numbering.order(u32::MAX), Order::Repeated);
    }
}
