//! The wire types of Antiphon: generated messages, their two codecs, ids and error codes.
//!
//! `proto/antiphon/v1` is the one source. `make generate` writes [`v1`]; everything else here is what the generated code
//! cannot say. No IO.

mod code;
mod codec;
mod directed;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
mod ids;
mod json;

pub use code::{CloseCode, ErrorCode};
pub use codec::{DecodeError, Format, Fragment, decode_client, decode_server, encode_client};
pub use directed::Directed;
pub use ids::{Identity, InvalidId, ReplicaId, RoomKey, RoomName, Sid, TenantId};

/// The messages of package `antiphon.v1`, generated from `proto/`.
#[expect(
    missing_docs,
    clippy::all,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    reason = "generated code"
)]
pub mod v1 {
    include!("generated/antiphon.v1.rs");
    include!("generated/antiphon.v1.serde.rs");
}
