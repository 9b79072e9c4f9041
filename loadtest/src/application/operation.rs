//! What an application asks for, and how long the answers took.

use std::time::Duration;

use crate::histogram::Histogram;

/// A kind of request (docs/rest.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named by the API")]
pub enum Operation {
    CreateRoom,
    ListRooms,
    GetRoom,
    WriteChat,
    SendData,
    ReadHistory,
    PatchRoom,
    ListParticipants,
    DeleteRoom,
}

impl Operation {
    /// All of them, in the order of a cycle.
    pub const ALL: [Self; 9] = [
        Self::CreateRoom,
        Self::ListRooms,
        Self::GetRoom,
        Self::WriteChat,
        Self::SendData,
        Self::ReadHistory,
        Self::PatchRoom,
        Self::ListParticipants,
        Self::DeleteRoom,
    ];

    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CreateRoom => "create room",
            Self::ListRooms => "list rooms",
            Self::GetRoom => "get room",
            Self::WriteChat => "write chat",
            Self::SendData => "send data",
            Self::ReadHistory => "read history",
            Self::PatchRoom => "patch room",
            Self::ListParticipants => "list participants",
            Self::DeleteRoom => "delete room",
        }
    }
}

/// From sending a request to its whole answer, by kind and of all together.
#[derive(Debug, Default)]
pub struct Times {
    by_operation: [Histogram; Operation::ALL.len()],
    all: Histogram,
}

impl Times {
    /// Counts an answer.
    pub fn record(&self, operation: Operation, time: Duration) {
        self.by_operation[operation as usize].record_time(time);
        self.all.record_time(time);
    }

    /// Takes what another counted in.
    pub fn add(&self, other: &Self) {
        for (own, others) in self.by_operation.iter().zip(&other.by_operation) {
            own.add(others);
        }
        self.all.add(&other.all);
    }

    /// Of one kind.
    #[must_use]
    pub fn of(&self, operation: Operation) -> &Histogram {
        &self.by_operation[operation as usize]
    }

    /// Of all kinds.
    #[must_use]
    pub fn all(&self) -> &Histogram {
        &self.all
    }
}
