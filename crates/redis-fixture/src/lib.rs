//! Real Redis servers for tests, each on a free port of 127.0.0.1 with a directory of its own.
//!
//! They end with the value, and with the process that started them however it ends. Nothing is written to disk but what a test
//! asks for.
//!
//! # Panics
//! Everything here panics where it cannot do what it is for: there is nothing else that a test could do.

mod cluster;
mod sentinels;
mod server;
mod tls;

use std::time::Duration;

pub use cluster::Cluster;
pub use sentinels::Sentinels;
pub use server::{Server, User};
pub use tls::Certificates;

/// How long a condition is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until something holds that is asked again and again.
pub async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let all = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, all).await.unwrap_or_else(|_| panic!("{what}: not within {PATIENCE:?}"));
}

/// A port that nobody listens on.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("bound").port()
}
