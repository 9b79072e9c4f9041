//! Webhooks without sockets.
//!
//! [`signature`] is what Standard Webhooks (<https://www.standardwebhooks.com>) puts into the header `webhook-signature`;
//! [`Scheduler`] says what is sent to an endpoint when; [`judge`] reads a receiver's answer; [`is_public`] tells addresses
//! of the Internet from those of one's own network. No clock, no randomness, no IO: they come with each call.

mod address;
mod answer;
mod backoff;
mod lane;
mod schedule;
mod secret;
mod sign;

pub use address::is_public;
pub use answer::judge;
pub use backoff::RetryPolicy;
pub use schedule::{Due, Message, Outcome, Scheduler, Verdict};
pub use secret::{InvalidSecret, SigningSecret};
pub use sign::signature;
