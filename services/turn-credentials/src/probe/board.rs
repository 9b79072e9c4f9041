//! What is known of each URI.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
};

use antiphon_ice_core::{
    health::{Health, HealthRules, Probed},
    uri::IceUri,
};

use crate::{metrics::ProbeMetrics, providers::LiveRelays};

/// One provider's URIs and their health.
pub(crate) struct Board {
    relays: LiveRelays,
    health: Mutex<HashMap<IceUri, Health>>,
    rules: HealthRules,
    metrics: ProbeMetrics,
}

impl Board {
    pub(crate) fn new(relays: LiveRelays, metrics: ProbeMetrics) -> Self {
        Self { relays, health: Mutex::default(), rules: HealthRules::default(), metrics }
    }

    /// The URIs that can be probed, each once.
    pub(crate) fn uris(&self) -> HashSet<IceUri> {
        let uris = self.relays.all().iter().flat_map(|relay| &relay.uris);
        uris.filter(|uri| uri.scheme.is_turn()).cloned().collect()
    }

    /// Takes a probe's result, and hands the URI out or not from now on.
    pub(crate) fn tell(&self, uri: &IceUri, probed: Probed) {
        let mut all = self.health.lock().unwrap_or_else(PoisonError::into_inner);
        let before = all.get(uri).copied().unwrap_or(Health::Unproven);
        let now = before.after(probed, &self.rules);
        all.insert(uri.clone(), now);
        self.metrics.probed(uri, probed, now.is_handed_out());
        if before.is_handed_out() == now.is_handed_out() {
            return;
        }
        let out = all.iter().filter(|(_, health)| !health.is_handed_out()).map(|(uri, _)| uri.clone()).collect();
        self.relays.take_out(&out);
        if now.is_handed_out() {
            tracing::info!(%uri, "a relay answers again and is handed out");
        } else {
            tracing::warn!(%uri, ?probed, "a relay is not handed out any more");
        }
    }
}

#[cfg(test)]
mod tests {
    use antiphon_ice_core::{
        credentials::{RotatingSecrets, Secrets},
        selection::Relay,
    };
    use prometheus::Registry;

    use super::*;
    use crate::{metrics::Metrics, providers::Relays};

    #[test]
    fn each_turn_uri_is_probed_once_and_no_stun_uri() {
        let relay = |uris: [&str; 2]| Relay {
            uris: uris.map(|uri| uri.parse().expect(uri)).to_vec(),
            region: None,
            priority: 0,
            weight: 1,
        };
        let relays = vec![relay(["stun:a.example", "turn:a.example"]), relay(["turn:a.example", "turns:b.example"])];
        let secrets = RotatingSecrets::new(Secrets::parse("a-secret-of-the-relay").expect("a secret"));
        let metrics = Metrics::register(&Registry::new()).expect("an empty registry");
        let board = Board::new(Relays::new(secrets, relays).live().clone(), metrics.probes);
        let mut uris: Vec<_> = board.uris().iter().map(ToString::to_string).collect();
        uris.sort_unstable();
        assert_eq!(uris, ["turn:a.example", "turns:b.example"]);
    }
}
