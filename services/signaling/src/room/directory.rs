//! The rooms that are live on this replica.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher as _, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak, atomic::AtomicBool},
    time::Duration,
};

use antiphon_backplane::{Backplane, Loaded, Partition, Unavailable};
use antiphon_protocol::{ReplicaId, RoomKey};
use antiphon_room_core::{Author, Command, Event, Room, RoomConfig, Unreadable};

use tokio::sync::{OnceCell, watch};

use super::{
    Departure, Fellows, TenantFeeds,
    actor::{RoomHandle, spawn, wall_clock},
};
use crate::{metrics::Metrics, usage::Usage, webhooks::Webhooks};

/// How often rooms are looked for whose deadline has come: the most by which a deadline is late.
const DEADLINE_POLL: Duration = Duration::from_millis(250);

/// Rooms whose deadlines are served at once.
const DEADLINE_BATCH: usize = 1024;

/// Locks that the order of entering and leaving a room is kept by.
const ORDERS: usize = 64;

#[derive(Debug, Default)]
struct Live {
    rooms: HashMap<RoomKey, Weak<RoomHandle>>,
    /// Those that may stand in the index of this replica's rooms and are not live any more.
    left: HashSet<RoomKey>,
    departure: Option<Departure>,
}

/// What every room's actor uses.
pub(crate) struct Commons {
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) usage: Arc<Usage>,
    pub(crate) webhooks: Arc<Webhooks>,
    /// This replica, and the others as far as it knows.
    pub(crate) fellows: watch::Sender<Arc<Fellows>>,
    pub(crate) replica: ReplicaId,
    /// How long this replica counts as alive without a word of it.
    pub(crate) lease: Duration,
}

/// Finds or starts the actors of rooms.
#[derive(Debug)]
pub(crate) struct Rooms {
    pub(super) backplane: Backplane,
    pub(super) config: Arc<RoomConfig>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) usage: Arc<Usage>,
    pub(super) webhooks: Arc<Webhooks>,
    tenant_feeds: TenantFeeds,
    pub(super) replica: ReplicaId,
    pub(super) lease: Duration,
    pub(super) fellows: watch::Sender<Arc<Fellows>>,
    /// The lease is not to be renewed any more.
    pub(super) is_released: AtomicBool,
    /// Held before anything is entered.
    pub(super) first_lease: OnceCell<()>,
    orders: [tokio::sync::Mutex<()>; ORDERS],
    hasher: RandomState,
    live: Mutex<Live>,
}

impl Rooms {
    pub(crate) fn new(backplane: Backplane, config: RoomConfig, commons: Commons) -> Self {
        let Commons { metrics, usage, webhooks, fellows, replica, lease } = commons;
        Self {
            backplane,
            config: Arc::new(config),
            metrics,
            usage,
            webhooks,
            tenant_feeds: TenantFeeds::default(),
            replica,
            lease,
            fellows,
            is_released: AtomicBool::default(),
            first_lease: OnceCell::new(),
            orders: std::array::from_fn(|_| tokio::sync::Mutex::default()),
            hasher: RandomState::new(),
            live: Mutex::default(),
        }
    }

    /// Which of the replicas this one is.
    pub(crate) fn replica(&self) -> ReplicaId {
        self.replica
    }

    /// The lock under which this replica enters and leaves a room.
    pub(super) fn order_of(&self, key: &RoomKey) -> &tokio::sync::Mutex<()> {
        &self.orders[self.hasher.hash_one(key) as usize % ORDERS]
    }

    /// Every room that is live here.
    pub(super) fn all_live(&self) -> Vec<Arc<RoomHandle>> {
        self.lock().rooms.values().filter_map(Weak::upgrade).filter(|room| !room.is_over()).collect()
    }

    /// Rooms that are to be taken out of the index.
    pub(super) fn take_left(&self) -> HashSet<RoomKey> {
        std::mem::take(&mut self.lock().left)
    }

    /// A room is to be taken out of the index.
    pub(super) fn note_left(&self, key: RoomKey) {
        self.lock().left.insert(key);
    }

    fn lock(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What happens in the rooms of each tenant.
    pub(crate) fn tenant_feeds(&self) -> &TenantFeeds {
        &self.tenant_feeds
    }

    pub(crate) fn config(&self) -> &RoomConfig {
        &self.config
    }

    pub(crate) fn backplane(&self) -> &Backplane {
        &self.backplane
    }

    /// The room's actor on this replica, started if need be.
    pub(crate) fn open(self: &Arc<Self>, key: &RoomKey) -> Arc<RoomHandle> {
        let mut live = self.lock();
        if let Some(handle) = live.rooms.get(key).and_then(Weak::upgrade).filter(|handle| !handle.is_over()) {
            return handle;
        }
        let handle = spawn(self, key.clone());
        if let Some(departure) = live.departure {
            handle.feed.depart(departure);
        }
        live.rooms.insert(key.clone(), Arc::downgrade(&handle));
        handle
    }

    /// The room's actor on this replica, where one is running.
    pub(crate) fn live(&self, key: &RoomKey) -> Option<Arc<RoomHandle>> {
        self.lock().rooms.get(key).and_then(Weak::upgrade).filter(|handle| !handle.is_over())
    }

    /// The room as it is, whether or not it is live here.
    pub(crate) async fn look(&self, key: &RoomKey) -> Result<Arc<Room>, Unavailable> {
        if let Some(handle) = self.live(key)
            && let Ok(done) = handle.look().await
            && let Some(room) = done.room
        {
            return Ok(room);
        }
        let loaded = self.backplane.log.load(key).await?;
        fold(&loaded).map(Arc::new).map_err(|error| {
            tracing::error!(room = %key.room, tenant = %key.tenant, %error, "the room's log needs a newer version");
            Unavailable
        })
    }

    /// Carries out a command of the server's that nobody waits for, in the room's next actor where this one has stopped: what
    /// ends a connection must not be lost with the actor.
    pub(crate) async fn tell(self: &Arc<Self>, room: &RoomHandle, command: Command) {
        if !room.tell(Author::Server, command.clone()).await {
            // One that stops too has a log that is over, or out of reach.
            self.open(&room.key).tell(Author::Server, command).await;
        }
    }

    /// An actor has stopped.
    pub(super) fn forget(&self, key: &RoomKey) {
        let mut live = self.lock();
        if live.rooms.get(key).is_some_and(|handle| handle.upgrade().is_none_or(|handle| handle.is_over())) {
            live.rooms.remove(key);
            live.left.insert(key.clone());
        }
    }

    /// Asks every connection to move.
    pub(crate) fn depart(&self, departure: Departure) {
        let mut live = self.lock();
        live.departure = Some(departure);
        for handle in live.rooms.values().filter_map(Weak::upgrade) {
            handle.feed.depart(departure);
        }
        drop(live);
        self.tenant_feeds.depart(departure);
    }

    /// Whether connections are being asked to move.
    pub(crate) fn is_departing(&self) -> bool {
        self.lock().departure.is_some()
    }

    /// Serves the deadlines of this replica's partitions, for ever.
    pub(crate) async fn serve_deadlines(self: Arc<Self>) {
        let mut poll = tokio::time::interval(DEADLINE_POLL);
        poll.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            poll.tick().await;
            let fellows = Arc::clone(&self.fellows.borrow());
            let partitions = (0..self.backplane.outbox.partitions()).map(Partition);
            for partition in partitions.filter(|partition| fellows.is_mine(partition)) {
                match self.backplane.log.due(partition, wall_clock().0, DEADLINE_BATCH).await {
                    Ok(due) => {
                        for key in due {
                            self.open(&key).tell(Author::Server, Command::Tick).await;
                        }
                    }
                    Err(error) => tracing::warn!(%error, "deadlines wait"),
                }
            }
        }
    }
}

pub(super) fn fold(loaded: &Loaded) -> Result<Room, Unreadable> {
    let mut room = match &loaded.snapshot {
        Some((_, bytes)) => Room::from_snapshot(bytes)?,
        None => Room::new(),
    };
    for entry in &loaded.tail {
        room.apply(&Event::from_bytes(&entry.payload)?);
    }
    Ok(room)
}
