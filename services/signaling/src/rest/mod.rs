//! The REST API under `/v1`, for the application: docs/rest.md is what its clients see.
//!
//! `router.rs` is the index. A handler asks a room by a command of the server's, so that the rules are room-core's alone.
//! Every request has a verified token with the `admin` grant ([`access`]) and takes from its tenant's rate; refusals are
//! problems (RFC 9457) with the codes of the socket.

mod access;
mod bans;
mod chat;
mod data;
mod events;
mod extract;
mod idempotency;
mod lobby;
mod measure;
mod model;
mod openapi;
mod page;
mod participants;
mod rooms;
mod router;
mod submit;
mod usage;
mod webhooks;
mod whom;

pub(crate) use idempotency::Answers;
pub use openapi::openapi;
pub(crate) use router::router;
