//! Keeps the connections: finds the servers, connects to them again and again, and gives up on none.

use std::{sync::Arc, time::Duration};

use redis::{Cmd, Value, cmd};
use tokio::{
    task::{AbortHandle, JoinSet},
    time::{sleep, timeout},
};

use super::{
    Address, Shared, Status, Topology,
    backoff::Backoff,
    dial::{DialError, no_pushes},
    node::{Node, Place, Refused, Up},
    reply,
    routes::{Routes, Slots},
    subscribe,
};
use crate::Partition;

/// How long a map of the cluster is believed that nobody doubts.
const MAP_AGE: Duration = Duration::from_secs(15);

/// Runs until it is dropped.
pub(super) async fn supervise(shared: Arc<Shared>) {
    match &shared.config.url.topology {
        Topology::Single(address) => keep_one(&shared, Place::At(address.clone())).await,
        Topology::Sentinel { .. } => keep_one(&shared, Place::Primary).await,
        Topology::Cluster { seeds } => keep_cluster(&shared, seeds).await,
    }
}

async fn keep_one(shared: &Arc<Shared>, place: Place) {
    let routes = Routes::one(shared.new_node(place), &shared.keys);
    let node = Arc::clone(&routes.nodes()[0]);
    shared.routes.send_replace(routes);
    keep(node, Arc::clone(shared)).await;
}

/// Keeps a cluster's map up to date, and a connection to each of its primaries that has partitions.
async fn keep_cluster(shared: &Arc<Shared>, seeds: &[Address]) {
    let mut kept = Kept::default();
    let mut backoff = Backoff::new();
    let mut told = false;
    loop {
        match cluster_slots(shared, seeds).await {
            Ok(slots) => {
                told = false;
                let before = shared.routes.borrow().clone();
                let routes = before.cluster(&slots, &shared.keys, |place| shared.new_node(place));
                if !routes.is_same(&before) {
                    kept.follow(&routes, shared);
                    shared.routes.send_replace(routes);
                    shared.update_status();
                    backoff = Backoff::new();
                }
            }
            Err(error) if !told => {
                told = true;
                tracing::warn!(%error, "no server of the Redis cluster tells of the others");
            }
            Err(_) => {}
        }
        // However much it is doubted, it is not asked for in a row.
        sleep(backoff.next(rand::random())).await;
        if timeout(MAP_AGE, shared.doubt.notified()).await.is_err() {
            backoff = Backoff::new();
        }
    }
}

/// The tasks that keep servers; they end with it.
#[derive(Default)]
struct Kept {
    tasks: JoinSet<()>,
    nodes: Vec<(Arc<Node>, AbortHandle)>,
}

impl Kept {
    fn follow(&mut self, routes: &Routes, shared: &Arc<Shared>) {
        let stays = |node: &Arc<Node>| routes.nodes().iter().any(|other| Arc::ptr_eq(other, node));
        self.nodes.retain(|(node, task)| {
            let stays = stays(node);
            if !stays {
                task.abort();
                node.set_away();
            }
            stays
        });
        for node in routes.nodes() {
            if !self.nodes.iter().any(|(known, _)| Arc::ptr_eq(known, node)) {
                let task = self.tasks.spawn(keep(Arc::clone(node), Arc::clone(shared)));
                self.nodes.push((Arc::clone(node), task));
            }
        }
        while self.tasks.try_join_next().is_some() {}
    }
}

/// Asks the servers that are known, then the seeds.
async fn cluster_slots(shared: &Shared, seeds: &[Address]) -> Result<Slots, DialError> {
    let known: Vec<_> = shared.routes.borrow().nodes().to_vec();
    let known = known.iter().filter(|node| node.is_up()).filter_map(|node| match &node.place {
        Place::At(address) => Some(address),
        Place::Primary => None,
    });
    let mut last = DialError::Refused("no server is in reach".to_owned());
    for address in known.chain(seeds).cloned().collect::<Vec<_>>() {
        match slots_from(shared, &address).await {
            Ok(slots) => return Ok(slots),
            Err(error) => last = DialError::Refused(format!("{address}: {error}")),
        }
    }
    Err(last)
}

async fn slots_from(shared: &Shared, address: &Address) -> Result<Slots, DialError> {
    let connection = shared.dialer.dial(address, no_pushes).await?;
    let up = Up::new(address.clone(), connection);
    let answer = ask(&up, cmd("CLUSTER").arg("SLOTS"), shared.config.response_timeout).await?;
    Slots::read(answer, address)
        .map_err(|_| DialError::Refused("CLUSTER SLOTS was not answered as expected".to_owned()))
}

/// Connects to one server whenever it is away.
async fn keep(node: Arc<Node>, shared: Arc<Shared>) {
    let mut backoff = Backoff::new();
    let mut told = false;
    loop {
        let reason = match connect(&node, &shared).await {
            Ok((up, subscription)) => {
                tracing::info!(server = %up.address, "connected to Redis");
                backoff = Backoff::new();
                told = false;
                let up = Arc::new(up);
                node.set_up(&up);
                shared.update_status();
                let reason = subscribe::serve(&node, &up, subscription, &shared).await;
                node.set_away();
                shared.update_status();
                for partition in shared.routes.borrow().partitions_of(&node) {
                    shared.hub.forget(partition);
                }
                reason
            }
            Err(error) => error,
        };
        if !told {
            told = true;
            tracing::warn!(place = %shared.describe(&node.place), %reason, "Redis is away");
        }
        shared.doubt.notify_one();
        sleep(backoff.next(rand::random())).await;
    }
}

/// Makes both connections, and makes sure that the right server is at their other end.
async fn connect(node: &Arc<Node>, shared: &Arc<Shared>) -> Result<(Up, subscribe::Subscription), DialError> {
    let address = match &node.place {
        Place::At(address) => address.clone(),
        Place::Primary => ask_sentinels(shared).await?,
    };
    let commands = shared.dialer.dial(&address, no_pushes).await?;
    let up = Up::new(address.clone(), commands);
    if node.place == Place::Primary {
        let role = reply::array(ask(&up, &cmd("ROLE"), shared.config.response_timeout).await?).unwrap_or_default();
        let role = role.into_iter().next().and_then(|role| reply::text(role).ok());
        if role.as_deref() != Some("master") {
            return Err(DialError::Refused(format!("{address} is not the primary yet")));
        }
    }
    if shared.routes.borrow().node_of(Partition(0)).is_some_and(|first| Arc::ptr_eq(first, node)) {
        check_layout(&up, shared).await?;
    }
    let subscription = subscribe::Subscription::open(&address, shared).await?;
    Ok((up, subscription))
}

/// The number of partitions is part of the data. Whoever comes first writes it down.
async fn check_layout(up: &Up, shared: &Shared) -> Result<(), DialError> {
    let wanted = format!("1 {}", shared.keys.partitions());
    let mut command = cmd("SET");
    command.arg(shared.keys.layout()).arg(&wanted).arg("NX").arg("GET");
    let standing = ask(up, &command, shared.config.response_timeout).await?;
    let standing = reply::optional(standing, reply::text).ok().flatten().unwrap_or_else(|| wanted.clone());
    if standing == wanted {
        return Ok(());
    }
    let text = format!(
        "what is in Redis under \"{}\" is laid out as \"{standing}\" (version and partitions), this replica is set up for \"{wanted}\": \
         give every replica the same number of partitions, or another prefix",
        shared.config.prefix
    );
    shared.status.send_replace(Status::Misconfigured(text.clone()));
    Err(DialError::Refused(text))
}

/// The address of the primary, from the first sentinel that knows it.
pub(super) async fn ask_sentinels(shared: &Shared) -> Result<Address, DialError> {
    let Topology::Sentinel { sentinels, primary } = &shared.config.url.topology else {
        return Err(DialError::Refused("there are no sentinels".to_owned()));
    };
    let mut last = DialError::Refused("there are no sentinels".to_owned());
    for sentinel in sentinels {
        match primary_from(shared, sentinel, primary).await {
            Ok(address) => return Ok(address),
            Err(error) => last = DialError::Refused(format!("sentinel {sentinel}: {error}")),
        }
    }
    Err(last)
}

async fn primary_from(shared: &Shared, sentinel: &Address, primary: &str) -> Result<Address, DialError> {
    let connection = shared.sentinel_dialer.dial(sentinel, no_pushes).await?;
    let up = Up::new(sentinel.clone(), connection);
    let mut command = cmd("SENTINEL");
    command.arg("get-master-addr-by-name").arg(primary);
    let answer = ask(&up, &command, shared.config.response_timeout).await?;
    let unknown = || DialError::Refused(format!("it knows no primary \"{primary}\""));
    let [host, port] = reply::fields(answer).map_err(|_| unknown())?;
    let (host, port) = reply::text(host).and_then(|host| Ok((host, reply::number(port)?))).map_err(|_| unknown())?;
    Ok(Address { host, port: u16::try_from(port).map_err(|_| unknown())? })
}

async fn ask(up: &Up, command: &Cmd, time_limit: Duration) -> Result<Value, DialError> {
    up.ask(command, time_limit).await.map_err(|refused| match refused {
        Refused::Broken(reason) => DialError::Refused(reason.to_owned()),
        Refused::By { text, .. } => DialError::Refused(text),
    })
}
