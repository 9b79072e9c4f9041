//! Where a client stands in what its session was sent.

use std::{fmt, str::FromStr};

/// The position behind a server frame: of the room's log and of the session's mailbox, in one epoch.
///
/// Opaque to clients; on the wire `epoch.log.mail`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Cursor {
    /// The life of the log.
    pub epoch: u64,
    /// The last log entry that was delivered.
    pub log: u64,
    /// The last message of the mailbox that was delivered.
    pub mail: u64,
}

/// Not a cursor that a server gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a cursor must be one that the server sent")]
pub struct InvalidCursor;

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.epoch, self.log, self.mail)
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let mut numbers = text.split('.').map(|part| {
            let canonical = part.bytes().all(|byte| byte.is_ascii_digit()) && (part == "0" || !part.starts_with('0'));
            if canonical { part.parse::<u64>().map_err(|_| InvalidCursor) } else { Err(InvalidCursor) }
        });
        let mut next = || numbers.next().unwrap_or(Err(InvalidCursor));
        let cursor = Self { epoch: next()?, log: next()?, mail: next()? };
        if numbers.next().is_none() { Ok(cursor) } else { Err(InvalidCursor) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_as_it_was_written() {
        let cursor = Cursor { epoch: u64::MAX, log: 0, mail: 17 };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in
            ["", "1", "1.2", "1.2.3.4", "1.2.", "1.2.-3", "1.2.+3", "01.2.3", "1.2.99999999999999999999", "a.b.c"]
        {
            assert_eq!(text.parse::<Cursor>(), Err(InvalidCursor), "{text:?}");
        }
    }
}
