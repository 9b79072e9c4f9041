//! What a room does, behaviour by behaviour, on virtual time.

mod application;
mod chat;
mod deadlines;
mod fold;
mod grants;
mod joining;
mod limits;
mod lobby;
mod moderation;
mod presence;
mod purity;
mod replicas;
mod resuming;
mod scene;
mod topology;
mod wire;
