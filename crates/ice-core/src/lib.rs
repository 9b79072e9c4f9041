//! ICE servers without sockets.
//!
//! [`credentials`] mints and verifies what TURN servers take (draft-uberti-behave-turn-rest-00), [`user_id`] names a participant in
//! it, [`uri`] reads and writes servers' URIs (RFC 7064, RFC 7065). [`chain`] says which provider of servers to ask next,
//! [`selection`] which servers a client is given, [`health`] which of them live. [`peer_policy`] tells a relay which peers it may
//! reach. No clock, no randomness, no IO: they come with each call.

pub mod chain;
pub mod credentials;
#[cfg(feature = "fuzz")]
pub mod fuzz;
pub mod health;
pub mod peer_policy;
pub mod selection;
mod time;
pub mod uri;
pub mod user_id;

pub use time::UnixTime;
