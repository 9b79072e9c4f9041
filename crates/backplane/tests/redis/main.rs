//! The backplane on real Redis servers.

mod channels;
mod conformance;
mod failover;
mod faults;
mod racing;
mod secured;
mod support;
