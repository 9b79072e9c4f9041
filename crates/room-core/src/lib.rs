//! A room is the fold of an ordered log of events.
//!
//! [`Room::decide`] turns a command into events or refuses it; [`Room::apply`] folds an event in. Permissions, limits,
//! duplicate identities, lobby, lock, roles, bans, deadlines and the choice of topology live here and nowhere else. No
//! clock, no randomness, no IO: the time comes with each call, ids and secrets come with the commands.
//!
//! What each command means stands with the function that decides it, under `decide/`.
//!
//! ```
//! use antiphon_room_core::{Author, Command, Grants, Join, Millis, ResumeHash, Room, RoomConfig};
//!
//! let (mut room, config, now) = (Room::new(), RoomConfig::default(), Millis(1_763_650_000_000));
//! let join = Join {
//!     sid: "gaytemzugu3doobz".parse()?,
//!     identity: "ada".parse()?,
//!     name: String::from("Ada"),
//!     metadata: String::new(),
//!     attributes: Default::default(),
//!     grants: Grants { publish: true, subscribe: true, chat: true, moderate: false, admin: false },
//!     expires_at: now.plus(3_600_000),
//!     resume: ResumeHash([7; 32]),
//!     holder: "aaaaaaaaaaaaaaaa".parse()?,
//! };
//! for event in room.decide(&config, &[], Author::Server, &Command::Join(Box::new(join)), now)? {
//!     room.apply(&event);
//! }
//! assert_eq!(room.participants().count(), 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![deny(clippy::iter_over_hash_type)]

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
mod requests;
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
pub use requests::RequestId;
pub use room::{Ban, FOLD_VERSION, Room};
