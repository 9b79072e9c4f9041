//! What was found to be wrong.

use std::{collections::BTreeMap, fmt};

use antiphon_protocol::Sid;
use serde::Serialize;

use super::At;

/// Violations of one kind that are kept to be shown; the others are counted.
const SHOWN: usize = 20;

/// What a server must never do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Wrong {
    /// Acknowledged, never delivered to somebody who was there, and not in an announced hole.
    Lost,
    /// Delivered twice, after the reader dropped what had the same sender and `seq`.
    Doubled,
    /// Two readers disagree about the order, or a sender's messages came in another one, or before it was announced.
    Reordered,
    /// In a roster longer than the bound after its client was gone.
    Ghosts,
    /// Two in one room that do not see each other, or see different things; two epochs at a time.
    SplitRooms,
    /// A client that the server did not take back until the end.
    Stranded,
    /// An answer that no correct server gives.
    WrongAnswers,
}

impl Wrong {
    /// All of them, in the order in which they are printed.
    pub const ALL: [Self; 7] = [
        Self::Lost,
        Self::Doubled,
        Self::Reordered,
        Self::Ghosts,
        Self::SplitRooms,
        Self::Stranded,
        Self::WrongAnswers,
    ];

    /// The name of its figure.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Doubled => "doubled",
            Self::Reordered => "reordered",
            Self::Ghosts => "ghosts",
            Self::SplitRooms => "split_rooms",
            Self::Stranded => "stranded",
            Self::WrongAnswers => "wrong_answers",
        }
    }
}

/// One thing that is wrong, with what a person needs to look into it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// What.
    pub wrong: Wrong,
    /// Where.
    pub room: u32,
    /// Whose client noticed; `None` where it takes the whole room to see it.
    #[serde(serialize_with = "as_text")]
    pub reader: Option<Sid>,
    /// Milliseconds since the run began.
    pub at_ms: u64,
    /// Sids, numbers, positions and times.
    pub what: String,
}

fn as_text<S: serde::Serializer>(sid: &Option<Sid>, serializer: S) -> Result<S::Ok, S::Error> {
    sid.map(|sid| sid.to_string()).serialize(serializer)
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} at {} in room {}", self.wrong.label(), At(self.at_ms), self.room)?;
        if let Some(reader) = self.reader {
            write!(formatter, ", seen by {reader}")?;
        }
        write!(formatter, ": {}", self.what)
    }
}

/// What was checked, and what was found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Findings {
    counts: BTreeMap<Wrong, u64>,
    /// Some of each kind.
    pub violations: Vec<Violation>,
    /// Messages that were accepted, and that everyone who had to have them was looked at for.
    pub messages_checked: u64,
    /// Deliveries that were checked.
    pub deliveries_checked: u64,
    /// Times that a client was told of a hole in what it was shown.
    pub announced_holes: u64,
    /// Sessions of which something was checked.
    pub sessions: u64,
}

impl Findings {
    pub(crate) fn report(&mut self, violation: Violation) {
        let count = self.counts.entry(violation.wrong).or_default();
        *count += 1;
        if *count <= SHOWN as u64 {
            self.violations.push(violation);
        }
    }

    /// How often this was found.
    #[must_use]
    pub fn count(&self, wrong: Wrong) -> u64 {
        self.counts.get(&wrong).copied().unwrap_or_default()
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.counts.is_empty()
    }
}
