//! When to acknowledge: on whatever is sent anyway, else after 32 frames or 200 ms.

use std::time::{Duration, Instant};

/// Frames after which an acknowledgement is sent alone.
pub(crate) const EVERY: u32 = 32;

/// Time after which an acknowledgement is sent alone.
pub(crate) const DELAY: Duration = Duration::from_millis(200);

/// What is owed to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum AckState {
    #[default]
    Clear,
    Owed {
        frames: u32,
        due: Instant,
    },
}

impl AckState {
    /// One more frame is settled.
    pub(crate) fn owe(&mut self, now: Instant) {
        *self = match *self {
            Self::Clear => Self::Owed { frames: 1, due: now + DELAY },
            Self::Owed { frames, due } if frames + 1 >= EVERY => Self::Owed { frames: EVERY, due: due.min(now) },
            Self::Owed { frames, due } => Self::Owed { frames: frames + 1, due },
        };
    }

    /// Something is on its way that carries the acknowledgement.
    pub(crate) fn pay(&mut self) -> bool {
        std::mem::take(self) != Self::Clear
    }

    pub(crate) fn due(&self) -> Option<Instant> {
        match self {
            Self::Clear => None,
            Self::Owed { due, .. } => Some(*due),
        }
    }
}
