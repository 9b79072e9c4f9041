//! What can go wrong for a client, and how often it did.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use antiphon_protocol::DecodeError;
use serde::Serialize;

/// An answer that is wrong or missing. Each one fails the run.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// No connection, no upgrade.
    #[error("no connection: {0}")]
    Connect(String),
    /// The connection broke, or was closed.
    #[error("the connection ended: {0}")]
    Ended(String),
    /// No answer in time.
    #[error("no answer in time to {0}")]
    Silence(String),
    /// Bytes that are no frame.
    #[error(transparent)]
    Malformed(#[from] DecodeError),
    /// An `error` frame.
    #[error("refused with {code}: {message} (seq {seq})")]
    Refused {
        /// Its code.
        code: String,
        /// Its message.
        message: String,
        /// The client frame that it names.
        seq: u32,
    },
    /// A frame that does not belong here.
    #[error("unexpected: {0}")]
    Unexpected(String),
    /// Another message than the one that was sent.
    #[error("expected {expected}, received {received}")]
    WrongMessage {
        /// What was sent.
        expected: String,
        /// What came.
        received: String,
    },
    /// The right message with another content.
    #[error("damaged: {0}")]
    Damaged(String),
    /// A message from somebody whose `participantJoined` has not come.
    #[error("a message from {0}, who has not been announced")]
    Stranger(String),
    /// A message that a resume could not replay.
    #[error("a message without a cursor: {0}")]
    NoCursor(String),
    /// An acknowledgement of what was never sent.
    #[error("seq {acknowledged} acknowledged, {sent} sent")]
    AcknowledgedUnsent {
        /// By the server.
        acknowledged: u32,
        /// By this client.
        sent: u32,
    },
    /// An answer over HTTP that is not what was asked for.
    #[error("a wrong answer to \"{request}\": {why}")]
    WrongAnswer {
        /// What was asked for.
        request: &'static str,
        /// What is wrong about it.
        why: String,
    },
    /// More packets did not come than may be lost.
    #[error("{lost} of {sent} packets lost")]
    Loss {
        /// How many.
        lost: u64,
        /// Of how many.
        sent: u64,
    },
    /// No access token could be had.
    #[error("no token: {0}")]
    Token(String),
}

impl Fault {
    /// Whether a server that is correct but busy gives it too, so that trying again makes sense; no answer that is wrong is
    /// such a one.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Connect(_) | Self::Ended(_) | Self::Silence(_) => true,
            Self::Refused { code, .. } => matches!(code.as_str(), "unavailable" | "rate_limited" | "timed_out"),
            Self::Malformed(_)
            | Self::Unexpected(_)
            | Self::WrongMessage { .. }
            | Self::Damaged(_)
            | Self::Stranger(_)
            | Self::NoCursor(_)
            | Self::AcknowledgedUnsent { .. }
            | Self::WrongAnswer { .. }
            | Self::Loss { .. }
            | Self::Token(_) => false,
        }
    }

    /// A short stable name to count by.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self {
            Self::Connect(_) => "connect",
            Self::Ended(_) => "ended",
            Self::Silence(_) => "silence",
            Self::Malformed(_) => "malformed",
            Self::Refused { .. } => "refused",
            Self::Unexpected(_) => "unexpected",
            Self::WrongMessage { .. } => "wrong_message",
            Self::Damaged(_) => "damaged",
            Self::Stranger(_) => "stranger",
            Self::NoCursor(_) => "no_cursor",
            Self::AcknowledgedUnsent { .. } => "acknowledged_unsent",
            Self::WrongAnswer { .. } => "wrong_answer",
            Self::Loss { .. } => "loss",
            Self::Token(_) => "token",
        }
    }
}

/// Faults of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// How many.
    pub count: u64,
    /// What the first one said.
    pub first: String,
}

/// Faults, counted by label.
#[derive(Debug, Default)]
pub struct Tally {
    faults: Mutex<BTreeMap<&'static str, Counted>>,
}

impl Tally {
    /// Counts a fault.
    pub fn record(&self, fault: &Fault) {
        self.lock().entry(fault.label()).or_insert_with(|| Counted { count: 0, first: fault.to_string() }).count += 1;
    }

    /// All of them together.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.lock().values().map(|counted| counted.count).sum()
    }

    /// What was counted so far.
    #[must_use]
    pub fn snapshot(&self) -> BTreeMap<&'static str, Counted> {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Counted>> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The end of a report: the faults, or that there are none.
pub(crate) fn write_faults(
    faults: &BTreeMap<&'static str, Counted>,
    formatter: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    for (label, counted) in faults {
        writeln!(formatter, "  FAULT {label}: {} times, first: {}", counted.count, counted.first)?;
    }
    if faults.is_empty() {
        writeln!(formatter, "  {:<28} {:>14}", "faults", 0)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_busy_server_says_may_pass_and_a_wrong_answer_may_not() {
        let refused = |code: &str| Fault::Refused { code: code.to_owned(), message: String::new(), seq: 0 };
        for passing in [Fault::Connect("refused".to_owned()), refused("unavailable"), refused("rate_limited")] {
            assert!(passing.may_pass(), "{passing}");
        }
        for wrong in [Fault::Unexpected("joined".to_owned()), refused("banned"), refused("malformed")] {
            assert!(!wrong.may_pass(), "{wrong}");
        }
    }

    #[test]
    fn faults_are_counted_by_label_and_the_first_one_is_kept() {
        let tally = Tally::default();
        tally.record(&Fault::Stranger("a".to_owned()));
        tally.record(&Fault::Stranger("b".to_owned()));
        tally.record(&Fault::Silence("an offer".to_owned()));
        let snapshot = tally.snapshot();
        assert_eq!(tally.total(), 3);
        assert_eq!(snapshot["stranger"].count, 2);
        assert!(snapshot["stranger"].first.contains("from a"));
    }
}
