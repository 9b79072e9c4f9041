//! The signaling socket as its clients see it, one file per behaviour.

#[path = "../support/mod.rs"]
mod support;

mod acks;
mod backplane_away;
mod bad_input;
mod chat;
mod data;
mod directed;
mod drain;
mod formats;
mod ice;
mod ice_remote;
mod identity;
mod join;
mod limits;
mod lobby;
mod lost_log;
mod metrics;
mod moderation;
mod order;
mod presence;
mod quotas;
mod replicas;
mod resume;
mod resume_cuts;
mod slow_reader;
mod tenants;
mod token_refresh;
mod tokens;
