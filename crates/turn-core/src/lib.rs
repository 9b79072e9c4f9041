//! A STUN (RFC 8489) and TURN (RFC 8656) server without sockets.
//!
//! [`Relay`] takes what clients and peers sent together with the time, and says what to send; what it wants done besides is an
//! [`Effect`]. It relays UDP for clients that come by UDP, TCP or TLS, and authenticates them by the REST credentials of
//! `antiphon-ice-core`. A shell has one `Relay` for each thread; [`Ledger`] is what they share: quotas, and which relayed addresses
//! live.
//!
//! [`stun`] is the wire format, [`framing`] tells messages apart on a stream.

mod allocation;
mod client;
mod config;
mod counters;
mod effect;
mod error_code;
pub mod framing;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod ledger;
mod nonce;
mod rate;
mod relay;
pub mod stun;

pub use allocation::{AllocationId, AllocationView, RelayedId};
pub use client::{Client, Transport};
pub use config::{Config, Families, Quotas};
pub use counters::{Counters, Discard};
pub use effect::{BindError, Bound, Effect, EndReason, PeerHeader, PortWish, ReservationToken, ToClient, ToPeer};
pub use error_code::ErrorCode;
pub use ledger::{Ledger, Tally, TenantUse};
pub use rate::{Budget, PrefixRate};
pub use relay::{Relay, Selection};
