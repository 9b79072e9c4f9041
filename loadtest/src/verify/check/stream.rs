//! The messages of one sender to the room, or to one recipient: numbered 1, 2, 3 … by their content.

use std::collections::VecDeque;

use super::At;

/// What became of a message, as its sender knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Not known yet.
    Open,
    /// The server accepted it by then.
    Accepted(At),
    /// Refused, or never to be known: the session ended, or its answer fell into an announced hole.
    Void,
}

/// A message that was sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record {
    /// Its client frame.
    pub(super) seq: u32,
    /// When it was first sent.
    pub(super) sent: At,
    pub(super) fate: Fate,
    /// Its sender is shown it too.
    pub(super) echoed: bool,
}

/// What was sent, and is still to be checked.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// Numbers that are checked and gone.
    trimmed: u32,
    records: VecDeque<Record>,
}

impl Stream {
    /// Takes message `number` in.
    pub(super) fn push(&mut self, number: u32, record: Record) {
        debug_assert_eq!(number, self.last() + 1, "a stream is numbered without gaps");
        self.records.push_back(record);
    }

    /// The number that was sent last.
    pub(super) fn last(&self) -> u32 {
        self.trimmed + u32::try_from(self.records.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    pub(super) fn get(&self, number: u32) -> Option<&Record> {
        self.records.get(number.checked_sub(self.trimmed + 1)? as usize)
    }

    pub(super) fn settle(&mut self, number: u32, fate: Fate) {
        let index = number.checked_sub(self.trimmed + 1);
        if let Some(record) = index.and_then(|index| self.records.get_mut(index as usize)) {
            record.fate = fate;
        }
    }

    /// Ends every open question: nobody will ever know.
    pub(super) fn give_up(&mut self) {
        for record in self.records.iter_mut().filter(|record| record.fate == Fate::Open) {
            record.fate = Fate::Void;
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &Record)> {
        (self.trimmed + 1..).zip(&self.records)
    }

    /// Drops what is settled up to `number`; how many of those were accepted.
    pub(super) fn trim(&mut self, number: u32) -> u64 {
        let mut accepted = 0;
        while self.trimmed < number
            && let Some(record) = self.records.pop_front_if(|record| record.fate != Fate::Open)
        {
            self.trimmed += 1;
            accepted += u64::from(matches!(record.fate, Fate::Accepted(_)));
        }
        accepted
    }
}

/// How a message arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    /// Behind all that came before.
    InOrder,
    /// Later than one that was sent after it.
    Late,
    /// A second time.
    Again,
}

/// What one reader was delivered of a stream.
#[derive(Debug, Default)]
pub(super) struct Track {
    /// The last one before the reader's last hole.
    floor: u32,
    /// The first one since; 0: none yet.
    start: u32,
    last: u32,
    /// Passed over since then: ranges, in order, both ends included.
    missing: Vec<(u32, u32)>,
}

impl Track {
    pub(super) fn arrive(&mut self, number: u32) -> Arrival {
        if number > self.last {
            if self.start == 0 {
                self.start = number;
            } else if number > self.last + 1 {
                self.missing.push((self.last + 1, number - 1));
            }
            self.last = number;
            return Arrival::InOrder;
        }
        if (self.floor + 1..self.start).contains(&number) {
            if number + 1 < self.start {
                self.missing.insert(0, (number + 1, self.start - 1));
            }
            self.start = number;
            return Arrival::Late;
        }
        let Some(place) = self.missing.iter().position(|(low, high)| (*low..=*high).contains(&number)) else {
            return Arrival::Again;
        };
        let (low, high) = self.missing.remove(place);
        for part in [(number + 1, high), (low, number - 1)] {
            if part.0 <= part.1 {
                self.missing.insert(place, part);
            }
        }
        Arrival::Late
    }

    /// The reader was told that it missed something.
    pub(super) fn announce_hole(&mut self) {
        (self.floor, self.start) = (self.last, 0);
        self.missing.clear();
    }

    pub(super) fn last(&self) -> u32 {
        self.last
    }

    /// Passed over between two that came.
    pub(super) fn is_passed_over(&self, number: u32) -> bool {
        self.missing.iter().any(|(low, high)| (*low..=*high).contains(&number))
    }

    pub(super) fn is_delivered(&self, number: u32) -> bool {
        self.start != 0 && (self.start..=self.last).contains(&number) && !self.is_passed_over(number)
    }

    /// Numbers up to here are checked: gaps among them were no loss.
    pub(super) fn forget_gaps(&mut self, up_to: u32) {
        self.missing.retain_mut(|(low, high)| {
            *low = (*low).max(up_to + 1);
            low <= high
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrivals(numbers: &[u32]) -> (Track, Vec<Arrival>) {
        let mut track = Track::default();
        let arrivals = numbers.iter().map(|number| track.arrive(*number)).collect();
        (track, arrivals)
    }

    #[test]
    fn a_gap_that_is_filled_later_was_a_reorder_and_what_comes_again_a_duplicate() {
        use Arrival::{Again, InOrder, Late};
        let (track, arrivals) = arrivals(&[3, 4, 8, 6, 6, 5, 7, 4]);
        assert_eq!(arrivals, [InOrder, InOrder, InOrder, Late, Again, Late, Late, Again]);
        assert!(track.is_delivered(5) && !track.is_delivered(2) && !track.is_delivered(9));
    }

    #[test]
    fn what_lies_in_an_announced_hole_was_not_passed_over() {
        let (mut track, _) = arrivals(&[1, 2, 5]);
        assert!(track.is_passed_over(3));
        track.announce_hole();
        assert_eq!(track.arrive(9), Arrival::InOrder);
        assert!((1..9).all(|number| !track.is_passed_over(number)));
        assert_eq!(track.arrive(5), Arrival::Again);
        assert_eq!(track.arrive(7), Arrival::Late);
        assert!(track.is_passed_over(8) && !track.is_passed_over(6));
    }

    #[test]
    fn what_comes_behind_the_first_one_that_came_was_late() {
        let (track, arrivals) = arrivals(&[2, 1, 1]);
        assert_eq!(arrivals, [Arrival::InOrder, Arrival::Late, Arrival::Again]);
        assert!(track.is_delivered(1) && track.is_delivered(2));
    }

    #[test]
    fn a_stream_is_trimmed_up_to_the_first_open_question() {
        let mut stream = Stream::default();
        for number in 1..=4 {
            stream.push(number, Record { seq: number, sent: At(0), fate: Fate::Open, echoed: false });
        }
        stream.settle(1, Fate::Accepted(At(1)));
        stream.settle(2, Fate::Void);
        assert_eq!(stream.trim(4), 1);
        assert_eq!((stream.len(), stream.last()), (2, 4));
        assert_eq!(stream.get(3).map(|record| record.seq), Some(3));
        assert!(stream.get(2).is_none() && stream.get(0).is_none() && stream.get(5).is_none());
        stream.settle(4, Fate::Accepted(At(2)));
        assert_eq!(stream.trim(3), 0);
    }
}
