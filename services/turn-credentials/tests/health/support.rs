//! A service whose relays are probed all the time.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use antiphon_service_kit::{
    auth::KeyRing,
    config::{HumanDuration, defaults},
};
use antiphon_turn_credentials::{Ask, IceConfig, Minted, Parts, TurnCredentials};

pub(crate) const OLD: &str = "the-old-secret-of-the-relay";
pub(crate) const NEW: &str = "the-new-secret-of-the-relay";

/// A running service, with a list behind its relays.
pub(crate) struct Probing {
    service: TurnCredentials,
    registry: prometheus::Registry,
    secrets: PathBuf,
    _directory: tempfile::TempDir,
}

impl Probing {
    /// Probes these URIs as if they were one relay's.
    pub(crate) fn start(uris: &[String], change: impl FnOnce(&mut IceConfig)) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let secrets = directory.path().join("secrets");
        std::fs::write(&secrets, OLD).expect("written");
        let path = secrets.display();
        let relays = format!(r#"{{ type = "coturn", secrets-file = "{path}", relays = [{{ uris = {uris:?} }}] }}"#);
        let last = r#"{ type = "static", name = "last", priority = 9, servers = [{ urls = ["stun:127.0.0.1"] }] }"#;
        let mut config: IceConfig = defaults();
        config.providers = [relays.as_str(), last].map(|table| table.parse().expect("a provider")).into();
        config.probe_interval = HumanDuration(Duration::from_millis(50));
        change(&mut config);
        let registry = prometheus::Registry::new();
        let service = TurnCredentials::build(Parts {
            config,
            keys: KeyRing::new([], Default::default()).expect("a ring"),
            service_keys: None,
            allowed_origins: Vec::new(),
            embedded: None,
            registry: registry.clone(),
        });
        Self { service: service.expect("built"), registry, secrets, _directory: directory }
    }

    /// Puts other secrets into the minter's file.
    pub(crate) fn set_secrets(&self, text: &str) {
        std::fs::write(&self.secrets, text).expect("written");
    }

    pub(crate) async fn mint(&self) -> Minted {
        let ask = Ask::new("acme".parse().expect("a tenant"), "ada".parse().expect("an identity"));
        self.service.minter().mint(ask).await.expect("servers")
    }

    /// Every URL that a client is given now.
    pub(crate) async fn urls(&self) -> Vec<String> {
        self.mint().await.servers.into_iter().flat_map(|server| server.urls).collect()
    }

    /// How many probes of a URI came to this.
    pub(crate) fn probes(&self, uri: &str, outcome: &str) -> f64 {
        let families = self.registry.gather();
        let family = families.iter().find(|family| family.name() == "antiphon_ice_probes_total");
        let metrics = family.into_iter().flat_map(|family| family.get_metric());
        let of = metrics.filter(|metric| {
            let has = |value| metric.get_label().iter().any(|pair| pair.value() == value);
            has(uri) && has(outcome)
        });
        of.map(|metric| metric.get_counter().get_value()).sum()
    }

    /// Waits until something holds.
    pub(crate) async fn until(&self, what: &str, mut holds: impl AsyncFnMut(&Self) -> bool) {
        let waiting = async {
            while !holds(self).await {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
    }
}

pub(crate) fn udp(address: SocketAddr) -> String {
    format!("turn:{address}?transport=udp")
}
