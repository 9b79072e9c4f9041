//! What is played against a server.

pub mod fanout;
pub mod idle;
mod load;
pub mod relay;
pub mod rest;
pub mod storm;

use std::{sync::Arc, time::Duration};

use anyhow::ensure;
use futures_util::{StreamExt as _, stream};

use crate::{
    client::Client,
    fault::Fault,
    live::Live,
    process::{Process, allow_sockets},
    target::{Names, Target},
};

pub use self::load::{Exchange, run_load};

/// What every scenario needs to know.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Whom the clients connect to.
    pub target: Arc<Target>,
    /// The server's process, when it runs on this machine.
    pub process: Option<Process>,
    /// How many clients.
    pub clients: usize,
    /// How many of them share a room.
    pub room_size: usize,
    /// How many rooms are filled at the same time.
    pub connecting: usize,
    /// How long to let the server come to rest, or to warm up, before measuring.
    pub settle: Duration,
    /// How long to measure.
    pub duration: Duration,
}

impl Setup {
    /// How many rooms the clients fill.
    #[must_use]
    pub fn rooms(&self) -> usize {
        self.clients / self.room_size
    }

    /// Refuses what cannot work, before anything is connected, and lets the process open as many sockets as there are clients.
    ///
    /// # Errors
    /// When the numbers do not fit together or the machine.
    pub fn check(&self) -> anyhow::Result<()> {
        ensure!(self.room_size >= 2, "--room-size: expected at least 2");
        ensure!(
            self.clients >= self.room_size && self.clients.is_multiple_of(self.room_size),
            "--clients: expected a multiple of --room-size ({})",
            self.room_size
        );
        ensure!(self.connecting >= 1, "--connecting: expected at least 1");
        allow_sockets(self.clients)
    }
}

/// Fills the rooms `rooms`; one that cannot be filled is counted as a fault and left out.
async fn fill_rooms(setup: &Setup, names: &Names, rooms: std::ops::Range<usize>, live: &Live) -> Vec<Vec<Client>> {
    let fill = |room| async move {
        let filled = fill_room(setup, names, room).await;
        match filled {
            Ok(clients) => {
                live.entered(clients.len());
                Some(clients)
            }
            Err(fault) => {
                live.fault(&fault);
                None
            }
        }
    };
    stream::iter(rooms).map(fill).buffer_unordered(setup.connecting).filter_map(async |room| room).collect().await
}

async fn fill_room(setup: &Setup, names: &Names, room: usize) -> Result<Vec<Client>, Fault> {
    let mut clients = Vec::with_capacity(setup.room_size);
    for index in 0..setup.room_size {
        clients.push(Client::join(setup.target.clone(), names.member(room, index)).await?);
    }
    Ok(clients)
}
