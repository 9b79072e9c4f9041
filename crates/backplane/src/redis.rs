//! The backplane of many processes, on Redis 7.0 or newer (or Valkey): one server, a primary with its sentinels, or a cluster.
//!
//! Every operation is one script that Redis runs as a whole; docs/operations.md tells of the keys. Nothing is sent twice: an append
//! whose answer is lost is [`crate::Unavailable`], and whoever asked finds out by loading whether it happened.
//!
//! Connections are made again for ever. A call waits for one only if it broke a moment ago; each has a time limit, and there is a
//! limit on how many are under way, so an engine that is away costs no memory.
//!
//! What others append is heard in one channel a room, however many watch it here. Published notices can be lost: whoever watches is
//! told of the head that stands after each reconnection, and it is compared every few seconds.

mod address;
mod backoff;
mod dial;
mod hub;
mod keys;
mod leases;
mod log;
mod mailbox;
mod node;
mod notice;
mod outbox;
mod recheck;
mod reply;
mod routes;
mod scripts;
mod subscribe;
mod supervise;
mod topic;
mod watched_mail;

use std::{path::PathBuf, sync::Arc, time::Duration};

use redis::{Cmd, Value, cmd};
use tokio::{
    sync::{Notify, watch},
    task::AbortHandle,
    time::timeout,
};

pub use self::address::{Address, RedisUrl, Topology};
use self::{
    dial::{Dialer, tls_connector},
    hub::{Hub, Topic},
    keys::Keys,
    node::{Node, Place, Trouble},
    routes::Routes,
    scripts::Script,
};
use crate::{Backplane, Limits, Partition, Unavailable};

/// How to reach Redis, and what is kept there.
#[derive(Debug, Clone)]
pub struct RedisConfig {
    /// Where it is.
    pub url: RedisUrl,
    /// Who vouches for the servers' certificates; `None`: whom the machine trusts.
    pub ca_file: Option<PathBuf>,
    /// As whom to authenticate.
    pub credentials: Option<Credentials>,
    /// As whom to authenticate to sentinels.
    pub sentinel_credentials: Option<Credentials>,
    /// What every key and channel begins with. Backplanes with other prefixes do not meet.
    pub prefix: String,
    /// Parts that the rooms are spread over, at least 1. It is part of the data: every replica has to be given the same number.
    pub partitions: u16,
    /// What a room may hold.
    pub limits: Limits,
    /// How long connecting may take, authentication included.
    pub connect_timeout: Duration,
    /// How long an answer may take.
    pub response_timeout: Duration,
    /// Commands that are under way to one server at a time, at least 1.
    pub in_flight: usize,
    /// How often it is made sure that no notice was lost, and that the primary is still the primary.
    pub check_interval: Duration,
}

impl RedisConfig {
    /// Nothing but the address is set.
    #[must_use]
    pub fn new(url: RedisUrl) -> Self {
        Self {
            url,
            ca_file: None,
            credentials: None,
            sentinel_credentials: None,
            prefix: "antiphon".to_owned(),
            partitions: 64,
            limits: Limits::default(),
            connect_timeout: Duration::from_secs(1),
            response_timeout: Duration::from_secs(1),
            in_flight: 4_096,
            check_interval: Duration::from_secs(4),
        }
    }
}

/// A user of Redis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// `None`: the default user.
    pub username: Option<String>,
    /// The file that holds the password; read again for each connection.
    pub password_file: PathBuf,
}

/// What a user of Redis has to be allowed, as `ACL SETUSER` takes it: no more than the backplane does.
#[must_use]
pub fn rights(prefix: &str) -> String {
    format!("resetkeys ~{prefix}:* resetchannels &{prefix}:* -@all {COMMANDS}")
}

const COMMANDS: &str = "+eval +evalsha +ping +role +time +cluster|slots +ssubscribe +sunsubscribe +spublish \
                        +exists +get +set +unlink +pexpireat \
                        +hdel +hexists +hget +hgetall +hmget +hset +hsetnx +hstrlen +sadd +scard +smembers +srandmember +srem \
                        +xadd +xdel +xlen +xrange +xtrim \
                        +zadd +zrange +zrangebylex +zrangebyscore +zrem +zremrangebyrank \
                        +zremrangebyscore +zscore";

/// Why a backplane cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum InvalidConfig {
    /// The prefix cannot stand in keys.
    #[error("a prefix has no braces, and is not empty: \"{0}\"")]
    Prefix(String),
    /// Nothing can lie in no partition.
    #[error("there is at least one partition")]
    Partitions,
    /// The certificates cannot be read.
    #[error("{path}: {error}")]
    CaFile {
        /// The file.
        path: String,
        /// What is wrong with it.
        error: String,
    },
    /// The machine's certificates cannot be used.
    #[error("TLS: {0}")]
    Tls(rustls::Error),
}

/// How it stands with Redis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It was never reached.
    Connecting,
    /// Every part of it is in reach.
    Connected,
    /// Some of it is out of reach; it is tried again.
    Away,
    /// It was reached, and what lies there does not fit this replica.
    Misconfigured(String),
}

/// A backplane on Redis, and how it stands with it.
#[derive(Debug, Clone)]
pub struct RedisBackplane {
    /// What replicas share.
    pub backplane: Backplane,
    /// Moves with the connections.
    pub status: watch::Receiver<Status>,
}

/// Begins to connect, in the background of this tokio runtime. It ends when the backplane is dropped.
///
/// # Errors
/// Where the configuration can never work. That Redis is out of reach is no error.
pub fn connect(config: RedisConfig) -> Result<RedisBackplane, InvalidConfig> {
    let shared = Arc::new(Shared::new(config)?);
    let status = shared.status.subscribe();
    let supervised = Arc::clone(&shared);
    let supervisor = tokio::spawn(async move {
        tokio::join!(supervise::supervise(Arc::clone(&supervised)), mailbox::tell_written(&supervised));
    });
    let supervisor = supervisor.abort_handle();
    let redis = Arc::new(Redis { shared, supervisor });
    let backplane = Backplane {
        log: Arc::clone(&redis) as _,
        mailbox: Arc::clone(&redis) as _,
        outbox: Arc::clone(&redis) as _,
        leases: redis,
        may_be_away: true,
    };
    Ok(RedisBackplane { backplane, status })
}

/// What implements the traits.
struct Redis {
    shared: Arc<Shared>,
    supervisor: AbortHandle,
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.supervisor.abort();
    }
}

/// What calls and connections have in common.
struct Shared {
    config: RedisConfig,
    keys: Keys,
    dialer: Dialer,
    sentinel_dialer: Dialer,
    hub: Arc<Hub>,
    routes: watch::Sender<Routes>,
    status: watch::Sender<Status>,
    /// The map of the cluster may be out of date.
    doubt: Notify,
}

impl Shared {
    fn new(config: RedisConfig) -> Result<Self, InvalidConfig> {
        if config.prefix.is_empty() || config.prefix.contains(['{', '}']) {
            return Err(InvalidConfig::Prefix(config.prefix));
        }
        if config.partitions == 0 {
            return Err(InvalidConfig::Partitions);
        }
        let tls = if config.url.tls { Some(tls_connector(config.ca_file.as_ref())?) } else { None };
        let keys = Keys::new(&config.prefix, config.partitions);
        Ok(Self {
            dialer: Dialer::new(tls.clone(), config.credentials.clone(), config.connect_timeout),
            sentinel_dialer: Dialer::new(tls, config.sentinel_credentials.clone(), config.connect_timeout),
            hub: Arc::new(Hub::new(&keys)),
            keys,
            config,
            routes: watch::Sender::default(),
            status: watch::Sender::new(Status::Connecting),
            doubt: Notify::new(),
        })
    }

    fn new_node(&self, place: Place) -> Node {
        Node::new(place, self.config.in_flight.max(1), self.config.response_timeout)
    }

    /// For who reads the log of the process.
    fn describe(&self, place: &Place) -> String {
        match place {
            Place::At(address) => address.to_string(),
            Place::Primary => self.config.url.to_string(),
        }
    }

    fn update_status(&self) {
        let are_up = self.routes.borrow().are_up();
        self.status.send_if_modified(|status| {
            let now = match (are_up, &*status) {
                (true, _) => Status::Connected,
                (false, Status::Connected) => Status::Away,
                (false, other) => other.clone(),
            };
            let changes = now != *status;
            *status = now;
            changes
        });
    }

    /// Runs a script where a partition lies. `arguments` may be called twice.
    async fn run(
        &self,
        partition: Partition,
        script: &Script,
        keys: &[&str],
        arguments: &(dyn Fn(&mut Cmd) + Sync),
    ) -> Result<Value, Unavailable> {
        let built = |name, which: &str| {
            let mut command = cmd(name);
            command.arg(which).arg(keys.len()).arg(keys);
            arguments(&mut command);
            command
        };
        match self.ask(partition, &built("EVALSHA", &script.digest)).await {
            Err(Trouble::NoScript) => self.ask(partition, &built("EVAL", script.source)).await,
            answer => answer,
        }
        .map_err(|_| Unavailable)
    }

    /// Sends a command to where a partition lies.
    async fn command(&self, partition: Partition, command: &Cmd) -> Result<Value, Unavailable> {
        self.ask(partition, command).await.map_err(|_| Unavailable)
    }

    async fn ask(&self, partition: Partition, command: &Cmd) -> Result<Value, Trouble> {
        let answer = match self.node_of(partition).await {
            Some(node) => node.ask(command).await,
            None => Err(Trouble::Away),
        };
        if matches!(answer, Err(Trouble::Moved | Trouble::Away)) {
            self.doubt.notify_one();
        }
        answer
    }

    /// The server that has a partition. Where no server was ever found, it is waited for as long as an answer may take.
    async fn node_of(&self, partition: Partition) -> Option<Arc<Node>> {
        let found = |routes: &Routes| routes.node_of(partition).map(Arc::clone);
        let mut routes = self.routes.subscribe();
        if !routes.borrow().is_empty() {
            return found(&routes.borrow());
        }
        let first = timeout(self.config.response_timeout, routes.wait_for(|routes| !routes.is_empty()));
        found(&*first.await.ok()?.ok()?)
    }

    /// An answer that no version of a script gives.
    fn unreadable(&self, what: &str) -> Unavailable {
        tracing::error!(what, prefix = self.config.prefix, "Redis answered what cannot be read");
        Unavailable
    }

    /// Waits for a channel's subscription, as long as an answer may take.
    async fn subscribed(&self, topic: &Topic) -> Result<(), Unavailable> {
        if topic.is_subscribed() {
            return Ok(());
        }
        timeout(self.config.response_timeout, topic.subscribed()).await.map_err(|_| Unavailable)
    }
}
