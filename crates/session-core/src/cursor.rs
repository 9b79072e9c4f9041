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

/// A cursor as it stands on the wire, without an allocation: one is written before every frame.
#[derive(Debug, Clone, Copy)]
pub struct CursorText {
    /// Filled from the end.
    digits: [u8; CursorText::LONGEST],
    start: usize,
}

impl CursorText {
    /// Three numbers of 20 digits and two points.
    const LONGEST: usize = 62;

    fn push(&mut self, byte: u8) {
        self.start -= 1;
        self.digits[self.start] = byte;
    }

    fn push_number(&mut self, mut number: u64) {
        loop {
            self.push(b'0' + (number % 10) as u8);
            number /= 10;
            if number == 0 {
                return;
            }
        }
    }
}

impl std::ops::Deref for CursorText {
    type Target = str;

    fn deref(&self) -> &str {
        str::from_utf8(&self.digits[self.start..]).expect("digits and points are ASCII")
    }
}

impl Cursor {
    /// As it stands on the wire.
    #[must_use]
    pub fn to_text(self) -> CursorText {
        let mut text = CursorText { digits: [0; CursorText::LONGEST], start: CursorText::LONGEST };
        text.push_number(self.mail);
        text.push(b'.');
        text.push_number(self.log);
        text.push(b'.');
        text.push_number(self.epoch);
        text
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.to_text())
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
        assert_eq!(cursor.to_string(), "18446744073709551615.0.17");
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        let longest = Cursor { epoch: u64::MAX, log: u64::MAX, mail: u64::MAX };
        assert_eq!(longest.to_string().parse(), Ok(longest));
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
