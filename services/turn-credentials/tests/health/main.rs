//! Relays that are probed: Debian's coturn, and a stand-in that refuses as it is told.

mod client;
mod coturn;
mod probes;
mod refusing_relay;
mod rotation;
mod support;
