//! Names of sockets, as the system gives them back.

use antiphon_turn_core::{RelayedId, stun::Family};
use mio::Token;

/// What there is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// Commands.
    Commands,
    /// Clients by UDP.
    Udp(usize),
    /// New connections.
    Listener(usize),
    /// A client by TCP or TLS.
    Stream(usize),
    /// Peers.
    Relayed(usize),
}

/// Above these bits stands the kind.
const NUMBER_BITS: u32 = 48;

impl Source {
    /// Its name as a number, which also sorts datagrams by their socket.
    pub(super) fn key(self) -> u64 {
        let (kind, number) = match self {
            Self::Commands => (0_u64, 0),
            Self::Udp(number) => (1, number),
            Self::Listener(number) => (2, number),
            Self::Stream(number) => (3, number),
            Self::Relayed(number) => (4, number),
        };
        kind << NUMBER_BITS | number as u64
    }

    pub(super) fn of_key(key: u64) -> Option<Self> {
        let number = usize::try_from(key & ((1 << NUMBER_BITS) - 1)).ok()?;
        match key >> NUMBER_BITS {
            0 => Some(Self::Commands),
            1 => Some(Self::Udp(number)),
            2 => Some(Self::Listener(number)),
            3 => Some(Self::Stream(number)),
            4 => Some(Self::Relayed(number)),
            _ => None,
        }
    }

    pub(super) fn token(self) -> Token {
        // 64 bits on every platform that this runs on.
        Token(self.key() as usize)
    }

    pub(super) fn of(token: Token) -> Option<Self> {
        Self::of_key(token.0 as u64)
    }
}

/// Where the socket of a relayed address stands.
pub(super) fn relayed_index(id: RelayedId) -> usize {
    let family = match id.family {
        Family::V4 => 0,
        Family::V6 => 1,
    };
    id.allocation.slot as usize * 2 + family
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_read_back_from_its_token() {
        for source in
            [Source::Commands, Source::Udp(3), Source::Listener(2), Source::Stream(70_000), Source::Relayed(131_071)]
        {
            assert_eq!(Source::of(source.token()), Some(source));
        }
        assert_eq!(Source::of(Token(usize::MAX)), None);
    }
}
