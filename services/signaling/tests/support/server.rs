//! The service as `antiphon` serves it, on a port of its own.

use std::{
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use antiphon_backplane::{
    Backplane, Limits, Loaded, Offset, Replica,
    memory::{MemoryConfig, backplane},
};
use antiphon_protocol::RoomKey;
use antiphon_room_core::RoomConfig;
use antiphon_service_kit::{
    auth::{ApiKey, KeyRing, TokenRules},
    client_address::ClientAddress,
    config::{HumanDuration, defaults},
    drain::{ShutdownTrigger, shutdown},
    serve::{ServeConfig, Server, bind},
    telemetry::metrics_router,
};
use antiphon_signaling::{
    IceServerSource, Parts, QuotasConfig, RoomsConfig, Signaling, SignalingConfig, StaticIceServers,
};
use secrecy::SecretString;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{ACME, Faults, GLOBEX, Key, Person, until, within};

/// What a test changes about its server. It begins with the defaults, but for rates, which tests would run into.
pub(crate) struct Setup {
    pub(crate) signaling: SignalingConfig,
    pub(crate) rooms: RoomConfig,
    pub(crate) quotas: QuotasConfig,
    pub(crate) limits: Limits,
    pub(crate) serve: ServeConfig,
    pub(crate) ice: Arc<dyn IceServerSource>,
    /// Whose tokens it believes, where not only the API keys' of acme and globex.
    pub(crate) keys: Option<KeyRing>,
    /// What stands between the service and the memory.
    pub(crate) faults: Option<Arc<Faults>>,
    /// Another server's, which this one is then a replica of.
    pub(crate) backplane: Option<Backplane>,
}

impl Default for Setup {
    fn default() -> Self {
        let many = NonZeroU32::new(1_000_000).expect("not zero");
        let signaling = SignalingConfig {
            message_rate: many,
            message_burst: many,
            address_message_rate: many,
            tenant_message_rate: many,
            tenant_request_rate: many,
            address_connection_rate: many,
            ..defaults()
        };
        let ban = Duration::from_secs(24 * 3_600);
        Self {
            signaling,
            rooms: defaults::<RoomsConfig>().rules(HumanDuration(ban).as_millis()),
            quotas: defaults(),
            limits: Limits::default(),
            serve: ServeConfig::default(),
            ice: Arc::new(StaticIceServers::default()),
            keys: None,
            faults: None,
            backplane: None,
        }
    }
}

/// A running server. It stops when dropped.
pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    pub(crate) keys: KeyRing,
    pub(crate) signaling: Signaling,
    pub(crate) registry: prometheus::Registry,
    backplane: Backplane,
    _running: ShutdownTrigger,
}

impl TestServer {
    /// A server with the defaults.
    pub(crate) fn start() -> Self {
        Self::start_with(|_| {})
    }

    /// A server that differs from the defaults.
    pub(crate) fn start_with(change: impl FnOnce(&mut Setup)) -> Self {
        let mut setup = Setup::default();
        change(&mut setup);
        let registry = prometheus::Registry::new();
        let own = || KeyRing::new([api_key(ACME), api_key(GLOBEX)], TokenRules::default()).expect("different ids");
        let keys = setup.keys.unwrap_or_else(own);
        let new = || backplane(MemoryConfig { limits: setup.limits, ..MemoryConfig::default() });
        let memory = setup.backplane.unwrap_or_else(new);
        let backplane = setup.faults.map_or_else(|| memory.clone(), |faults| faults.before(&memory));
        let signaling = Signaling::build(Parts {
            config: setup.signaling,
            rooms: setup.rooms,
            quotas: setup.quotas,
            keys: keys.clone(),
            client_address: ClientAddress::default(),
            backplane: backplane.clone(),
            ice: setup.ice,
            registry: registry.clone(),
        })
        .expect("a new registry");
        let listener = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a free port");
        let address = listener.local_addr().expect("bound");
        let (running, shutdown) = shutdown();
        let router = signaling.router().merge(metrics_router(registry.clone()));
        let http = Server::new(setup.serve).with_metrics(&registry).expect("a new registry");
        tokio::spawn(http.run(listener, router, shutdown));
        Self { address, keys, signaling, registry, backplane: memory, _running: running }
    }

    /// Another server with the same rooms.
    pub(crate) fn replica(&self) -> Self {
        self.replica_with(|_| {})
    }

    /// Another server with the same rooms, that differs from the defaults.
    pub(crate) fn replica_with(&self, change: impl FnOnce(&mut Setup)) -> Self {
        Self::start_with(|setup| {
            setup.backplane = Some(self.backplane.clone());
            change(setup);
        })
    }

    /// A room of tenant acme as it is stored.
    pub(crate) async fn load(&self, room: &str) -> Loaded {
        self.backplane.log.load(&room_of_acme(room)).await.expect("memory")
    }

    /// The whole name of a room of tenant acme.
    pub(crate) fn room_key(&self, room: &str) -> RoomKey {
        room_of_acme(room)
    }

    /// The replicas that stand in the backplane.
    pub(crate) async fn replicas(&self) -> Vec<Replica> {
        self.backplane.leases.replicas().await.expect("memory")
    }

    /// Completes when so many replicas hold a lease, and nobody waits to be buried.
    pub(crate) async fn until_replicas(&self, count: usize) {
        let mut again = tokio::time::interval(Duration::from_millis(5));
        within("the replicas", async {
            loop {
                let replicas = self.replicas().await;
                if replicas.len() == count && replicas.iter().all(|replica| !replica.has_lapsed) {
                    return;
                }
                again.tick().await;
            }
        })
        .await;
    }

    /// Somebody of tenant acme who may join the room "rehearsal".
    pub(crate) fn person(&self, identity: &str) -> Person {
        Person::new(self.address, identity)
    }

    /// Leaves only these keys valid.
    pub(crate) fn keep_keys(&self, keys: &[Key]) {
        self.keys.replace(keys.iter().map(|key| api_key(*key))).expect("different ids");
    }

    /// The value of an instrument, summed over the label values that contain `labels`.
    pub(crate) fn metric(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.figure(&format!("antiphon_signaling_{name}"), labels)
    }

    /// The value of any instrument of the server, summed over the label values that contain `labels`.
    pub(crate) fn figure(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let families = self.registry.gather();
        let family = families.iter().find(|family| family.name() == name);
        let metrics = family.map(|family| family.get_metric()).unwrap_or_default();
        let labelled = metrics.iter().filter(|metric| {
            labels.iter().all(|(name, value)| {
                metric.get_label().iter().any(|label| label.name() == *name && label.value() == *value)
            })
        });
        labelled.map(|metric| metric.get_counter().get_value() + metric.get_gauge().get_value()).sum()
    }

    /// Completes when [`TestServer::metric`] has this value.
    pub(crate) async fn until_metric(&self, name: &str, labels: &[(&str, &str)], value: f64) {
        until(name, || self.metric(name, labels) == value).await;
    }

    /// Completes when a room of tenant acme is over.
    pub(crate) async fn until_room_is_gone(&self, room: &str) {
        let key = room_of_acme(room);
        let mut again = tokio::time::interval(Duration::from_millis(5));
        within("the end of a room", async {
            while self.backplane.log.load(&key).await.expect("memory").head.offset != Offset(0) {
                again.tick().await;
            }
        })
        .await;
    }

    /// The bytes of the entries that no snapshot of a room of tenant acme covers.
    pub(crate) async fn uncovered_bytes(&self, room: &str) -> usize {
        let loaded = self.backplane.log.load(&room_of_acme(room)).await.expect("memory");
        loaded.tail.iter().map(|entry| entry.payload.len()).sum()
    }

    /// The answer to an HTTP request, as text.
    pub(crate) async fn http(&self, head: &str) -> String {
        within("an answer over HTTP", async {
            let mut stream = TcpStream::connect(self.address).await.expect("connected");
            let request = format!("{head}\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address);
            stream.write_all(request.as_bytes()).await.expect("written");
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.expect("an answer");
            String::from_utf8(answer).expect("text")
        })
        .await
    }
}

fn api_key(key: Key) -> ApiKey {
    ApiKey::new(key.tenant, key.id, SecretString::from(key.secret)).expect("a valid key")
}

fn room_of_acme(room: &str) -> RoomKey {
    RoomKey { tenant: ACME.tenant.parse().expect("a name"), room: room.parse().expect("a name") }
}
