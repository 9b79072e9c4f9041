//! Where an event stands in its room.

use std::{fmt, str::FromStr};

/// An event's `id`: the life of the room's log, and the place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) epoch: u64,
    pub(super) offset: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.epoch, self.offset)
    }
}

/// No position that this server has given.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoPosition;

impl FromStr for Position {
    type Err = NoPosition;

    fn from_str(text: &str) -> Result<Self, NoPosition> {
        let (epoch, offset) = text.split_once('.').ok_or(NoPosition)?;
        let number = |text: &str| match text.parse::<u64>() {
            // Not "+1" or "01".
            Ok(number) if number.to_string() == text => Ok(number),
            Ok(_) | Err(_) => Err(NoPosition),
        };
        Ok(Self { epoch: number(epoch)?, offset: number(offset)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_reads_back_and_nothing_else_does() {
        for position in [Position { epoch: 0, offset: 0 }, Position { epoch: u64::MAX, offset: 42 }] {
            assert_eq!(position.to_string().parse(), Ok(position));
        }
        for text in ["", ".", "1", "1.", ".1", "1.2.3", "+1.2", "01.2", "-1.2", "1.18446744073709551616", "a.b"] {
            assert_eq!(text.parse::<Position>(), Err(NoPosition), "{text:?}");
        }
    }
}
