//! What the rest of the process asks of a worker.

use std::{
    fmt, io,
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
};

use antiphon_turn_core::{AllocationView, Selection};
use mio::Waker;
use tokio::sync::oneshot;

use super::Worker;

/// Commands that wait at once. Beyond it who asks is told to come again.
const QUEUE: usize = 64;

/// What is asked.
#[derive(Debug)]
pub(crate) enum Command {
    /// Tell the allocations.
    List(Selection, oneshot::Sender<Vec<AllocationView>>),
    /// End them; tell how many.
    Kill(Selection, oneshot::Sender<usize>),
    /// Allocate nothing new.
    Drain,
    /// End.
    Stop,
}

pub(crate) type Inbox = Receiver<Command>;

/// A worker's end for others.
#[derive(Clone)]
pub(crate) struct Outbox {
    commands: SyncSender<Command>,
    waker: Arc<Waker>,
}

/// Both ends.
pub(crate) fn inbox(waker: Waker) -> (Outbox, Inbox) {
    let (commands, inbox) = sync_channel(QUEUE);
    (Outbox { commands, waker: Arc::new(waker) }, inbox)
}

impl Outbox {
    /// Hands a command over.
    ///
    /// # Errors
    /// When too many wait, or the worker is gone.
    pub(crate) fn send(&self, command: Command) -> io::Result<()> {
        self.commands.try_send(command).map_err(|error| match error {
            TrySendError::Full(_) => io::Error::from(io::ErrorKind::WouldBlock),
            TrySendError::Disconnected(_) => io::Error::from(io::ErrorKind::NotConnected),
        })?;
        self.waker.wake()
    }

    /// Hands a command over that must not be lost; waits for room.
    pub(crate) fn send_surely(&self, command: Command) {
        // A worker that is gone has nothing left to be told.
        let _ = self.commands.send(command);
        let _ = self.waker.wake();
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Outbox")
    }
}

impl Worker {
    pub(super) fn obey(&mut self) {
        while let Ok(command) = self.commands.try_recv() {
            match command {
                // Who asked may have gone meanwhile.
                Command::List(selection, reply) => {
                    let _ = reply.send(self.relay.allocations(&selection).collect());
                }
                Command::Kill(selection, reply) => {
                    let killed = self.relay.kill(&selection);
                    self.carry_out();
                    let _ = reply.send(killed);
                }
                Command::Drain => self.relay.drain(),
                Command::Stop => self.is_stopping = true,
            }
        }
    }
}
