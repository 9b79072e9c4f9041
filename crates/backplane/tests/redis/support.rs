//! Servers that the tests share, and backplanes on them.

use std::{
    fmt::Debug,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use antiphon_backplane::{
    AppendError, Backplane, Batch, Head, Watch,
    conformance::LIMITS,
    redis::{RedisBackplane, RedisConfig, Status, connect},
};
use antiphon_protocol::RoomKey;
use antiphon_redis_fixture::{Cluster, Sentinels, Server};
use bytes::Bytes;
use tokio::{sync::OnceCell, time::Instant};

/// Longer than by default: the tests share a machine with others.
pub(crate) const TIME_LIMIT: Duration = Duration::from_secs(5);

static SERVER: OnceCell<Server> = OnceCell::const_new();
static SENTINELS: OnceCell<Sentinels> = OnceCell::const_new();
static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();

/// A server that tests share which leave it as it is.
pub(crate) async fn server() -> &'static Server {
    SERVER.get_or_init(Server::start).await
}

/// As [`server`].
pub(crate) async fn sentinels() -> &'static Sentinels {
    SENTINELS.get_or_init(Sentinels::start).await
}

/// As [`server`].
pub(crate) async fn cluster() -> &'static Cluster {
    CLUSTER.get_or_init(Cluster::start).await
}

/// A backplane that shares nothing with others.
pub(crate) fn config(url: &str) -> RedisConfig {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let prefix = format!("test-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let url = url.parse().expect("an address");
    let timeouts = RedisConfig { connect_timeout: TIME_LIMIT, response_timeout: TIME_LIMIT, ..RedisConfig::new(url) };
    RedisConfig { prefix, limits: LIMITS, ..timeouts }
}

/// Two replicas, connected.
pub(crate) async fn two(config: &RedisConfig) -> [RedisBackplane; 2] {
    [connected(config).await, connected(config).await]
}

/// One replica, connected.
pub(crate) async fn connected(config: &RedisConfig) -> RedisBackplane {
    show_log();
    let mut replica = connect(config.clone()).expect("a configuration that can work");
    is(&mut replica, &Status::Connected).await;
    replica
}

/// Waits until it stands so with Redis.
pub(crate) async fn is(replica: &mut RedisBackplane, status: &Status) {
    let reached = tokio::time::timeout(Duration::from_secs(30), replica.status.wait_for(|now| now == status)).await;
    let reached = reached.is_ok_and(|reached| reached.is_ok());
    assert!(reached, "it stands {:?} with Redis, not {status:?}", *replica.status.borrow());
}

/// With RUST_LOG set, what the backplane logs.
pub(crate) fn show_log() {
    let filter = tracing_subscriber::EnvFilter::from_default_env();
    // Another test has set it already.
    _ = tracing_subscriber::fmt().with_env_filter(filter).with_test_writer().try_init();
}

/// A room of this name.
pub(crate) fn room(name: &str) -> RoomKey {
    RoomKey { tenant: "tenant".parse().expect("short"), room: name.parse().expect("short") }
}

/// One entry.
pub(crate) fn batch(text: &str) -> Batch {
    Batch { entries: vec![Bytes::from(text.to_owned())], ..Batch::default() }
}

/// Tries until Redis answers.
pub(crate) async fn persist<T, E: Debug>(mut attempt: impl AsyncFnMut() -> Result<T, E>) -> T {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        match attempt().await {
            Ok(done) => return done,
            Err(error) => assert!(Instant::now() < end, "still {error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Appends one entry at the head, whatever is in the way; not for what has to be there once.
pub(crate) async fn append(backplane: &Backplane, room: &RoomKey, text: &str) -> Head {
    persist(async || {
        let head = backplane.log.load(room).await.map_err(AppendError::from)?.head;
        backplane.log.append(room, head, batch(text)).await
    })
    .await
}

/// Waits until a watch shows what it should.
pub(crate) async fn shows(watch: &mut Watch, wanted: impl FnMut(&Head) -> bool) -> Head {
    let shown = tokio::time::timeout(Duration::from_secs(30), watch.wait_for(wanted)).await;
    *shown.expect("the watch does not show it").expect("the watch goes on")
}

/// The texts in a room's log.
pub(crate) async fn texts(backplane: &Backplane, room: &RoomKey) -> Vec<String> {
    let loaded = persist(async || backplane.log.load(room).await).await;
    loaded.tail.iter().map(|entry| String::from_utf8_lossy(&entry.payload).into_owned()).collect()
}
