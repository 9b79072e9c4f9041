//! The load generator for signaling, and the floor that servers are compared with.
//!
//! [`scenario`] holds what is played, [`client`] who plays it (one lean WebSocket client that checks everything it
//! receives), [`application`] who uses the REST API, [`turn`] load on a TURN server, [`mint`] on what gives its credentials, [`floor`] the least that a relay in Rust
//! costs, [`bench`] the comparisons, [`verify`] the checker that nothing is lost, and [`chaos`] what breaks servers under it.

pub mod application;
pub mod bench;
pub mod chaos;
mod child;
pub mod cli;
pub mod client;
pub mod content;
pub mod fault;
pub mod floor;
pub mod histogram;
pub mod http;
pub mod live;
pub mod mint;
pub mod process;
pub mod report;
pub mod scenario;
pub mod statistics;
pub mod target;
pub mod token;
pub mod turn;
pub mod verify;
