//! The REST API as the application sees it, over real HTTP, one file per resource.

#[path = "../support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "shared with the other tests")]
mod support;

mod access;
mod application;
mod bans;
mod chat;
mod data;
mod events;
mod idempotency;
mod lobby;
mod participants;
mod rooms;
mod tenant_events;
mod tenants;
mod usage;
