//! ICE servers without sockets.
//!
//! [`credentials`] mints and verifies what TURN servers take (draft-uberti-behave-turn-rest-00), [`user_id`] names a participant in
//! it, [`peer_policy`] tells a relay which peers it may reach. No clock, no randomness, no IO: they come with each call.

pub mod credentials;
pub mod peer_policy;
mod time;
pub mod user_id;

pub use time::UnixTime;
