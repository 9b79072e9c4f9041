//! A room is the fold of an ordered log of events.
//!
//! [`Room::decide`] turns a command into events or refuses it; [`Room::apply`] folds an event in. Permissions, limits,
//! duplicate identities, lobby, lock, roles, bans, deadlines and the choice of topology live here and nowhere else. No
//! clock, no randomness, no IO: the time comes with each call, ids and secrets come with the commands.
//!
//! What each command means stands with the function that decides it, under `decide/`.

mod apply;
mod chat;
mod command;
mod compact;
mod decide;
mod event;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod model;
mod participant;
mod refusal;
mod room;
mod roster;
mod topology;
mod wire;

pub use chat::ChatMessage;
pub use command::{Author, Command, Join, PresenceChange, RoomChange};
pub use event::{Event, EventBody, Unreadable};
pub use model::{
    Attributes, Connection, DuplicateIdentity, Generation, Grants, Layer, LeaveReason, Millis, ResumeHash, Role,
    RoomConfig, Seq, TopologyMode, Track, TrackKind, TrackSource,
};
pub use participant::Participant;
pub use refusal::Refusal;
pub use room::{Ban, FOLD_VERSION, Room};
