//! What the tests of the signaling socket share: a server on 127.0.0.1, clients over real sockets, a network that breaks.
//!
//! Every wait has a condition and gives up after [`PATIENCE`]; nothing sleeps.

mod client;
mod faults;
mod issuer;
mod network;
mod server;
mod socket;
mod token;

use std::{future::Future, time::Duration};

pub(crate) use client::{Client, Person, Session, tcp};
pub(crate) use faults::Faults;
pub(crate) use issuer::Issuer;
pub(crate) use network::{Budget, breaking};
pub(crate) use server::{Setup, TestServer};
pub(crate) use socket::{Came, Socket, request};
pub(crate) use token::{ACME, GLOBEX, Key, claims, now_s, signed, token, unsigned};

/// How long anything may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// A server's frame of this kind, for [`Client::expect`].
macro_rules! only {
    ($kind:ident) => {
        |kind: &antiphon_protocol::v1::server_frame::Kind| {
            if let antiphon_protocol::v1::server_frame::Kind::$kind(it) = kind { Some(it.clone()) } else { None }
        }
    };
}
pub(crate) use only;

/// What `work` comes to, in time.
pub(crate) async fn within<T>(what: &str, work: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(outcome) => outcome,
        Err(_) => panic!("waited too long for {what}"),
    }
}

/// Completes when `condition` holds.
pub(crate) async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let mut again = tokio::time::interval(Duration::from_millis(5));
    within(what, async {
        while !condition() {
            again.tick().await;
        }
    })
    .await;
}
