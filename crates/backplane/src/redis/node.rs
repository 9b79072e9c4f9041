//! One server: its two connections, and what to make of its errors.

use std::{
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use redis::{Cmd, ErrorKind, ServerErrorKind, Value};
use tokio::{
    sync::{Notify, Semaphore, watch},
    time::{Instant, error::Elapsed, timeout},
};

use super::{Address, dial::Connection, hub::locked};

/// A server, whether it is in reach or not.
pub(super) struct Node {
    pub(super) place: Place,
    link: watch::Sender<Link>,
    /// What is asked at one time: who finds none of them left waits, and gives up in time.
    permits: Semaphore,
    time_limit: Duration,
    complaint: Mutex<Option<(String, Instant)>>,
}

/// How a server is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    At(Address),
    /// The primary that the sentinels know.
    Primary,
}

#[derive(Clone)]
enum Link {
    Away { since: Instant },
    Up(Arc<Up>),
}

/// A server in reach.
pub(super) struct Up {
    pub(super) address: Address,
    commands: Connection,
    answers: AtomicU64,
    broken: Notify,
}

/// Why a command has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Whether it was carried out is not known.
    Away,
    /// It was not carried out: the server does not know the script.
    NoScript,
    /// It was not carried out: another server is to be asked, which one is not known yet.
    Moved,
}

impl Node {
    pub(super) fn new(place: Place, in_flight: usize, time_limit: Duration) -> Self {
        Self {
            place,
            link: watch::Sender::new(Link::Away { since: Instant::now() }),
            permits: Semaphore::new(in_flight),
            time_limit,
            complaint: Mutex::default(),
        }
    }

    pub(super) fn is_up(&self) -> bool {
        matches!(*self.link.borrow(), Link::Up(_))
    }

    pub(super) fn set_up(&self, up: &Arc<Up>) {
        self.link.send_replace(Link::Up(Arc::clone(up)));
    }

    pub(super) fn set_away(&self) {
        self.link.send_replace(Link::Away { since: Instant::now() });
    }

    /// Sends a command, once.
    pub(super) async fn ask(&self, command: &Cmd) -> Result<Value, Trouble> {
        let prepared = async {
            let up = self.up().await?;
            let permit = self.permits.acquire().await.map_err(|_| Trouble::Away)?;
            Ok((up, permit))
        };
        let (up, _permit) = timeout(self.time_limit, prepared).await.map_err(|_| Trouble::Away)??;
        match up.ask(command, self.time_limit).await {
            Ok(answer) => Ok(answer),
            Err(Refused::Broken(reason)) => {
                tracing::debug!(server = %up.address, reason, "a command has no answer");
                Err(Trouble::Away)
            }
            Err(Refused::By { kind: Some(ServerErrorKind::NoScript), .. }) => Err(Trouble::NoScript),
            Err(Refused::By { kind: Some(ServerErrorKind::Moved | ServerErrorKind::Ask), .. }) => Err(Trouble::Moved),
            Err(Refused::By { kind, text }) => {
                self.complain(&up.address, &text);
                if kind == Some(ServerErrorKind::ReadOnly) {
                    // It was demoted. Whoever is the primary now is found by connecting again.
                    up.give_up();
                }
                Err(Trouble::Away)
            }
        }
    }

    /// The server, where it is in reach or was a moment ago: then it is waited for.
    async fn up(&self) -> Result<Arc<Up>, Trouble> {
        let mut link = self.link.subscribe();
        loop {
            match &*link.borrow_and_update() {
                Link::Up(up) => return Ok(Arc::clone(up)),
                Link::Away { since } if since.elapsed() >= self.time_limit => return Err(Trouble::Away),
                Link::Away { .. } => {}
            }
            link.changed().await.map_err(|_| Trouble::Away)?;
        }
    }

    /// One line for a kind of error, and again when it goes on for long.
    fn complain(&self, server: &Address, text: &str) {
        const AGAIN: Duration = Duration::from_secs(30);
        let mut complaint = locked(&self.complaint);
        let told = complaint.as_ref().is_some_and(|(last, at)| last == text && at.elapsed() < AGAIN);
        if !told {
            tracing::error!(%server, error = text, "Redis refuses");
            *complaint = Some((text.to_owned(), Instant::now()));
        }
    }
}

/// Why a server's answer is none.
pub(super) enum Refused {
    /// The connection is given up.
    Broken(&'static str),
    /// The server said why.
    By { kind: Option<ServerErrorKind>, text: String },
}

impl Up {
    pub(super) fn new(address: Address, commands: Connection) -> Self {
        Self { address, commands, answers: AtomicU64::new(0), broken: Notify::new() }
    }

    /// Sends a command, once. A connection on which nothing comes any more is given up.
    pub(super) async fn ask(&self, command: &Cmd, time_limit: Duration) -> Result<Value, Refused> {
        let answers = self.answers.load(Ordering::Relaxed);
        let mut commands = self.commands.commands.clone();
        match in_time(time_limit, commands.send_packed_command(command)).await {
            Ok(Ok(Value::ServerError(error))) => {
                self.answers.fetch_add(1, Ordering::Relaxed);
                let text = format!("{} {}", error.code(), error.details().unwrap_or_default());
                Err(Refused::By { kind: error.kind(), text })
            }
            Ok(Ok(answer)) => {
                self.answers.fetch_add(1, Ordering::Relaxed);
                Ok(answer)
            }
            Ok(Err(error)) => {
                if let ErrorKind::Server(kind) = error.kind() {
                    return Err(Refused::By { kind: Some(kind), text: error.to_string() });
                }
                self.give_up();
                Err(Refused::Broken("the connection broke"))
            }
            Err(_) => {
                if self.answers.load(Ordering::Relaxed) == answers {
                    self.give_up();
                }
                Err(Refused::Broken("no answer in time"))
            }
        }
    }

    /// The connections are no good any more.
    pub(super) fn give_up(&self) {
        self.broken.notify_one();
    }

    /// Waits until they are given up.
    pub(super) async fn broken(&self) {
        self.broken.notified().await;
    }
}

/// In two parts: where it was this process that stood still, the answer has come already, and only needs to be read.
async fn in_time<T>(time_limit: Duration, answer: impl Future<Output = T>) -> Result<T, Elapsed> {
    let mut answer = pin!(answer);
    let grace = time_limit / 8;
    match timeout(time_limit - grace, &mut answer).await {
        Ok(answer) => Ok(answer),
        Err(_) => timeout(grace, answer).await,
    }
}
