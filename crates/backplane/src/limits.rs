//! What a room may hold in the backplane, the same for every implementation.

/// How much is kept, and what happens beyond it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Entries of a room's log, together with [`Limits::log_bytes`]. Beyond it the oldest entries go, as far as a
    /// snapshot covers them. An entry that no snapshot covers is never dropped, because [`crate::RoomLog::load`] could
    /// not be right without it: storing snapshots in time is the appender's duty.
    pub log_entries: usize,
    /// Bytes of payload in a room's log; see [`Limits::log_entries`].
    pub log_bytes: usize,
    /// Messages in a mailbox. Beyond it the oldest that were marked written go; where all are unwritten, the posting is
    /// refused as [`crate::SendError::Full`].
    pub mailbox_messages: usize,
    /// Bytes of bodies in a mailbox, as [`Limits::mailbox_messages`]. A body that is larger by itself is always
    /// refused.
    pub mailbox_bytes: usize,
    /// Bans of one room. Beyond it the ban that would have run out first goes.
    pub bans: usize,
    /// Unsettled messages in a partition's outbox, together with [`Limits::outbox_bytes`]. Beyond it the oldest go and are
    /// counted as [`crate::OutboxPage::lost`]: an append never waits for a receiver. A consumer that runs keeps well below it.
    pub outbox_messages: usize,
    /// Bytes of payload in a partition's outbox; see [`Limits::outbox_messages`].
    pub outbox_bytes: usize,
    /// Dead letters of a lane, together with [`Limits::dead_letter_bytes`]. Beyond it the oldest go, and
    /// [`crate::Outbox::bury`] says how many.
    pub dead_letters: usize,
    /// Bytes of payload in a lane's dead letters; see [`Limits::dead_letters`].
    pub dead_letter_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            log_entries: 1_024,
            log_bytes: 1 << 20,
            mailbox_messages: 512,
            mailbox_bytes: 1 << 20,
            bans: 10_000,
            outbox_messages: 100_000,
            outbox_bytes: 64 << 20,
            dead_letters: 10_000,
            dead_letter_bytes: 16 << 20,
        }
    }
}
