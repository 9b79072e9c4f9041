//! What clients and peers see of the relay, on virtual time.

mod authentication;
mod bounds;
mod channels;
mod data;
mod errors;
mod families;
mod kill;
mod lifetimes;
mod peers;
mod ports;
mod purity;
mod support;
