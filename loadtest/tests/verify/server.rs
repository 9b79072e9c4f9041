//! A server on 127.0.0.1, with rooms in memory.

use std::{
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use antiphon_backplane::{
    Backplane,
    memory::{MemoryConfig, backplane},
};
use antiphon_service_kit::{
    auth::{ApiKey, KeyRing, TokenRules},
    client_address::ClientAddress,
    config::{HumanDuration, defaults},
    drain::{ShutdownTrigger, shutdown},
    serve::{ServeConfig, Server, bind},
};
use antiphon_signaling::{Parts, RoomsConfig, Signaling, SignalingConfig, StaticIceServers};
use secrecy::SecretString;

const SECRET: &str = "secret-secret-secret-secret-secret";

/// How long a session outlives its connection here.
pub(crate) const RESUME_WINDOW: Duration = Duration::from_secs(1);

/// What the clients sign their tokens with.
pub(crate) fn key() -> String {
    format!("key:{SECRET}")
}

/// A running server. It stops when dropped.
pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    backplane: Backplane,
    _signaling: Signaling,
    _running: ShutdownTrigger,
}

impl TestServer {
    pub(crate) fn start() -> Self {
        Self::with(backplane(MemoryConfig::default()))
    }

    /// Another server with the same rooms.
    pub(crate) fn replica(&self) -> Self {
        Self::with(self.backplane.clone())
    }

    fn with(backplane: Backplane) -> Self {
        let many = NonZeroU32::new(1_000_000).expect("not zero");
        let key = ApiKey::new("acme", "key", SecretString::from(SECRET)).expect("a valid key");
        let rooms = RoomsConfig { resume_window: HumanDuration(RESUME_WINDOW), ..defaults() };
        let signaling = Signaling::build(Parts {
            config: SignalingConfig {
                message_rate: many,
                message_burst: many,
                address_message_rate: many,
                address_connection_rate: many,
                ..defaults()
            },
            rooms: rooms.rules(60_000),
            quotas: defaults(),
            keys: KeyRing::new([key], TokenRules::default()).expect("one key"),
            client_address: ClientAddress::default(),
            backplane: backplane.clone(),
            ice: Arc::new(StaticIceServers::default()),
            registry: prometheus::Registry::new(),
        })
        .expect("a new registry");
        let listener = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a free port");
        let address = listener.local_addr().expect("bound");
        let (running, shutdown) = shutdown();
        tokio::spawn(Server::new(ServeConfig::default()).run(listener, signaling.router(), shutdown));
        Self { address, backplane, _signaling: signaling, _running: running }
    }
}
