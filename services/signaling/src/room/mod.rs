//! Rooms on this replica: one actor task and one feed per room that has members here.

mod actor;
mod bans;
mod directory;
mod feed;
mod fellows;
mod lease;
mod projection;
mod tenant_feed;

pub(crate) use actor::{Done, RETRY_AFTER, RoomError, RoomHandle, wall_clock};
pub(crate) use directory::{Commons, Rooms};
pub(crate) use feed::{Attached, Departure, LossyNotice, Notice, Unreadable};
pub(crate) use fellows::Fellows;
pub(crate) use projection::{Encoded, OwnChange, snapshot_for, whole_snapshot};
pub(crate) use tenant_feed::{Follower, TenantFeeds};
