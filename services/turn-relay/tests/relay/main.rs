//! The relay on real sockets, with Debian's TURN tools, a client of our own, and over REST.

mod client;
mod limits;
#[cfg(target_os = "linux")]
mod namespace;
mod own_client;
mod rest;
mod server;
#[cfg(unix)]
mod shortage;
mod turnutils;
