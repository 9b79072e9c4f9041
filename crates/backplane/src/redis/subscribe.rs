//! The second connection to a server: what is published there, and whether the server is still the right one.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use redis::{PushInfo, PushKind, Value, cmd};
use tokio::{
    sync::Notify,
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};

use super::{
    Address, Shared,
    dial::{Connection, DialError},
    hub::Change,
    node::{Node, Place, Up},
    recheck::{recheck, recheck_missed},
    supervise::ask_sentinels,
};
use crate::Partition;

/// Channels of one command. They lie in one partition: a cluster takes no others together.
const CHUNK: usize = 256;

/// A connection that is only subscribed with: confirmations are counted, not matched to commands, because the server also
/// sends some that nobody asked for.
pub(super) struct Subscription {
    connection: Connection,
    pushes: Arc<Pushes>,
}

#[derive(Default)]
struct Pushes {
    confirmations: AtomicU64,
    confirmed: Notify,
    closed: Notify,
}

impl Subscription {
    pub(super) async fn open(address: &Address, shared: &Arc<Shared>) -> Result<Self, DialError> {
        let pushes = Arc::new(Pushes::default());
        let (told, hub) = (Arc::clone(&pushes), Arc::clone(&shared.hub));
        let take = move |push: PushInfo| {
            let kind = push.kind.clone();
            hub.take(push);
            if matches!(kind, PushKind::SSubscribe | PushKind::SUnsubscribe) {
                told.confirmations.fetch_add(1, Ordering::Relaxed);
                told.confirmed.notify_one();
            } else if kind == PushKind::Disconnection {
                told.closed.notify_one();
            }
            Ok::<(), ()>(())
        };
        Ok(Self { connection: shared.dialer.dial(address, take).await?, pushes })
    }

    /// Sends one command, and waits for as many confirmations as it has channels.
    async fn send(&self, name: &str, channels: &[&str], time_limit: Duration) -> Result<(), DialError> {
        let before = self.pushes.confirmations.load(Ordering::Relaxed);
        let mut command = cmd(name);
        command.arg(channels);
        let mut commands = self.connection.commands.clone();
        let all = async {
            if let Value::ServerError(error) = commands.send_packed_command(&command).await? {
                return Err(DialError::Refused(format!(
                    "{name}: {} {}",
                    error.code(),
                    error.details().unwrap_or_default()
                )));
            }
            while self.pushes.confirmations.load(Ordering::Relaxed) - before < channels.len() as u64 {
                self.pushes.confirmed.notified().await;
            }
            Ok(())
        };
        timeout(time_limit, all).await.map_err(|_| DialError::Late)?
    }

    async fn ping(&self, time_limit: Duration) -> Result<(), DialError> {
        let mut commands = self.connection.commands.clone();
        timeout(time_limit, commands.send_packed_command(&cmd("PING"))).await.map_err(|_| DialError::Late)??;
        Ok(())
    }
}

/// Keeps the subscriptions of a server's partitions as the hub wants them. Gives the reason why it ended.
pub(super) async fn serve(node: &Arc<Node>, up: &Up, subscription: Subscription, shared: &Arc<Shared>) -> DialError {
    let mut server = Server { node, up, subscription, shared, mine: BTreeSet::new(), rechecking: JoinSet::new() };
    tokio::select! {
        error = server.run() => error,
        () = up.broken() => DialError::Refused("a command had no answer".to_owned()),
    }
}

struct Server<'a> {
    node: &'a Arc<Node>,
    up: &'a Up,
    subscription: Subscription,
    shared: &'a Arc<Shared>,
    /// The partitions that are subscribed here.
    mine: BTreeSet<Partition>,
    /// Ends with the connection.
    rechecking: JoinSet<()>,
}

impl Server<'_> {
    async fn run(&mut self) -> DialError {
        let mut changes = self.shared.hub.changes();
        let mut routes = self.shared.routes.subscribe();
        let pushes = Arc::clone(&self.subscription.pushes);
        let mut next_check = self.next_check();
        loop {
            changes.borrow_and_update();
            let assigned = routes.borrow_and_update().partitions_of(self.node);
            if let Err(error) = self.follow(assigned).await {
                return error;
            }
            tokio::select! {
                changed = changes.changed() => if changed.is_err() { return stopped() },
                changed = routes.changed() => if changed.is_err() { return stopped() },
                () = pushes.closed.notified() => return DialError::Refused("the connection was closed".to_owned()),
                () = sleep_until(next_check) => {
                    if let Err(error) = self.check().await {
                        return error;
                    }
                    next_check = self.next_check();
                }
            }
        }
    }

    /// Subscribes what is pending in the partitions that the server has now.
    async fn follow(&mut self, assigned: Vec<Partition>) -> Result<(), DialError> {
        let assigned: BTreeSet<_> = assigned.into_iter().collect();
        self.mine.retain(|partition| assigned.contains(partition));
        for partition in assigned {
            let is_new = self.mine.insert(partition);
            if is_new {
                self.shared.hub.forget(partition);
            }
            self.subscribe(partition).await?;
            if is_new {
                recheck_missed(self.shared, partition).await;
            }
        }
        Ok(())
    }

    async fn subscribe(&self, partition: Partition) -> Result<(), DialError> {
        let pending = self.shared.hub.take_pending(partition);
        let time_limit = self.shared.config.response_timeout;
        // In order: a channel may be given up and wanted again.
        for run in pending.chunk_by(|one, other| is_subscribe(one) == is_subscribe(other)) {
            for chunk in run.chunks(CHUNK) {
                let name = if is_subscribe(&chunk[0]) { "SSUBSCRIBE" } else { "SUNSUBSCRIBE" };
                let channels: Vec<_> = chunk.iter().map(channel).collect();
                self.subscription.send(name, &channels, time_limit).await?;
            }
        }
        Ok(())
    }

    /// Whether both connections live and the server is the one to talk to; and whether something was missed.
    async fn check(&mut self) -> Result<(), DialError> {
        let time_limit = self.shared.config.response_timeout;
        self.subscription.ping(time_limit).await?;
        if self.node.place == Place::Primary {
            // Sentinels out of reach are no reason to leave a primary that answers.
            if let Ok(primary) = ask_sentinels(self.shared).await
                && primary != self.up.address
            {
                return Err(DialError::Refused(format!("the primary is {primary} now")));
            }
        }
        while self.rechecking.try_join_next().is_some() {}
        for partition in &self.mine {
            self.shared.hub.sweep(*partition);
        }
        // Beside, so that who begins to watch does not wait for it; and not twice at a time.
        if self.rechecking.is_empty() {
            let (shared, mine) = (Arc::clone(self.shared), self.mine.clone());
            self.rechecking.spawn(async move {
                for partition in mine {
                    recheck(&shared, partition).await;
                }
            });
        }
        Ok(())
    }

    /// Spread over the half behind the interval, so that replicas do not ask together.
    fn next_check(&self) -> Instant {
        Instant::now() + self.shared.config.check_interval.mul_f64(1.0 + rand::random::<f64>() / 2.0)
    }
}

fn is_subscribe(change: &Change) -> bool {
    matches!(change, Change::Subscribe(_))
}

fn channel(change: &Change) -> &str {
    match change {
        Change::Subscribe(topic) => &topic.channel,
        Change::Unsubscribe(channel) => channel,
    }
}

fn stopped() -> DialError {
    DialError::Refused("it is not needed any more".to_owned())
}
