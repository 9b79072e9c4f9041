//! A room is the fold of an ordered log of events.
//!
//! [`Room::decide`] turns a command into events or refuses it; [`Room::apply`] folds an event in. Permissions, limits,
//! duplicate identities, lobby, lock, roles, bans, deadlines and the choice of topology live here and nowhere else. No
//! clock, no randomness, no IO: the time comes with each call, ids and secrets come with the commands.

mod command;
mod event;
mod model;
mod refusal;
mod room;

pub use command::{Author, Command, Join, PresenceChange, RoomChange};
pub use event::{Event, EventBody, Unreadable};
pub use model::{
    Connection, DuplicateIdentity, Grants, LeaveReason, Layer, Millis, ResumeHash, Role, RoomConfig, Seq, Generation, TopologyMode,
    Track, TrackKind, TrackSource,
};
pub use refusal::Refusal;
pub use room::{Ban, Participant, Room};
