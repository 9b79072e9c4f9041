//! One signaling connection of a session as a pure state machine (docs/protocol.md).
//!
//! [`Session::handle_message`] reads what came, numbers it and says what to do; [`Session::settled`] and
//! [`Session::take_ack`] keep the acknowledgements of both directions; [`Session::poll_timeout`] and
//! [`Session::handle_timeout`] run its [`Timer`]s. No sockets, no clock: the time comes with each call.

mod ack;
mod cursor;
mod numbering;
mod rate;
mod session;
mod timer;

pub use cursor::{Cursor, CursorText, InvalidCursor};
pub use rate::{Rate, RateLimiter};
pub use session::{Message, Received, Session, SessionConfig, Verdict};
pub use timer::Timer;
