//! Why a room says no.

use antiphon_protocol::ErrorCode;

/// A command that was refused, and nothing changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Refusal {
    /// What the client sees as `error.code`.
    pub code: ErrorCode,
    /// What the client sees as `error.message`.
    pub message: String,
    /// The field at fault, where one is.
    pub field: &'static str,
}

impl Refusal {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: "" }
    }

    pub(crate) fn of_field(code: ErrorCode, field: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field }
    }
}
