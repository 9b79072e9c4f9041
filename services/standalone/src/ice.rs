//! The relay of the single process, and where its ICE servers come from.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use antiphon_ice_core::{
    credentials::{RotatingSecrets, Secrets},
    selection::Relay,
    uri::IceUri,
};
use antiphon_protocol::{Identity, TenantId, v1};
use antiphon_service_kit::{
    auth::{KeyRing, ServiceKeys},
    drain::Shutdown,
    tls::TlsSource,
};
use antiphon_signaling::{IceServerSource, IceServers, IceSourceError};
use antiphon_turn_credentials::{Ask, EmbeddedRelay, Minter, NoServers, Parts, TurnCredentials};
use antiphon_turn_relay::{Listening, TurnConfig, TurnRelay};
use anyhow::Context as _;
use async_trait::async_trait;
use axum::Router;
use prometheus::Registry;

use crate::settings::Settings;

/// Firefox warns of more.
const MAX_URLS: usize = 4;

/// The usual port of TURN by UDP and TCP (RFC 8656 §5).
const PORT: u16 = 3478;

/// The usual port of TURN by TLS.
const TLS_PORT: u16 = 5349;

/// The relay of this process.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Turn")]
pub(crate) struct EmbeddedRelayConfig {
    /// Relay media for those who cannot reach each other: STUN and TURN in this process.
    #[arg(long, env = "ANTIPHON_RELAY", value_name = "BOOL", default_value = "true", action = clap::ArgAction::Set,
          num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub(crate) relay: bool,
    /// The name by which clients reach the relay; for TLS one that its certificate has. None: "turn-external-addresses", or the
    /// addresses that it listens on.
    #[arg(long, env = "ANTIPHON_TURN_HOST", value_name = "HOST")]
    pub(crate) turn_host: Option<String>,
}

/// What gives ICE servers in this process, and relays.
pub(crate) struct Ice {
    credentials: TurnCredentials,
    relay: Option<TurnRelay>,
    source: Arc<dyn IceServerSource>,
}

impl Ice {
    pub(crate) fn build(
        settings: &Settings,
        keys: &KeyRing,
        tls: Option<&TlsSource>,
        is_development: bool,
        registry: &Registry,
        shutdown: &Shutdown,
    ) -> anyhow::Result<Self> {
        let secrets = made_up_secrets();
        let relay = settings.embedded_relay.relay.then(|| {
            let parts = antiphon_turn_relay::Parts {
                config: listening_near(settings, tls.is_some(), is_development),
                secrets: secrets.clone(),
                keys: keys.clone(),
                tls: tls.cloned(),
                registry: registry.clone(),
                is_development,
            };
            build_relay(parts)
        });
        let relay = relay.transpose()?;
        let embedded = match &relay {
            Some(relay) => Some(EmbeddedRelay { secrets, relay: reached_at(settings, relay.listening())? }),
            None => None,
        };
        let credentials = TurnCredentials::build(Parts {
            config: settings.ice.clone(),
            keys: keys.clone(),
            service_keys: service_keys(settings, shutdown)?,
            allowed_origins: settings.signaling.allowed_origins.clone(),
            embedded,
            registry: registry.clone(),
        })?;
        let source = match &settings.signaling.ice_servers_url {
            Some(_) => settings.signaling.ice_source(shutdown)?,
            None => {
                let fixed = settings.signaling.ice_servers.iter().map(|server| server.0.clone()).collect();
                Arc::new(MintedIceServers { minter: credentials.minter(), fixed })
            }
        };
        Ok(Self { credentials, relay, source })
    }

    /// What signaling asks.
    pub(crate) fn source(&self) -> Arc<dyn IceServerSource> {
        Arc::clone(&self.source)
    }

    pub(crate) fn router(&self) -> Router {
        let router = self.credentials.router();
        match &self.relay {
            Some(relay) => router.merge(relay.router()),
            None => router,
        }
    }

    /// Where the relay listens; nothing where there is none.
    pub(crate) fn listening(&self) -> &[Listening] {
        self.relay.as_ref().map_or(&[], TurnRelay::listening)
    }

    /// Relays until the process stops.
    pub(crate) async fn run(self, shutdown: Shutdown) -> anyhow::Result<()> {
        match self.relay {
            Some(relay) => relay.run(shutdown).await?,
            None => shutdown.stopped().await,
        }
        self.credentials.close();
        Ok(())
    }
}

/// A secret for as long as the process runs: what it signs is of no use to any other relay.
fn made_up_secrets() -> RotatingSecrets {
    let bits: [u8; 32] = rand::random();
    let secret: String = bits.iter().map(|byte| format!("{byte:02x}")).collect();
    RotatingSecrets::new(Secrets::parse(&secret).expect("64 hexadecimal digits"))
}

/// The development server is for this machine unless it is told otherwise, and its relay with it. Where there is a certificate, there
/// is TLS.
fn listening_near(settings: &Settings, has_tls: bool, is_development: bool) -> TurnConfig {
    let mut config = settings.turn.clone();
    let everywhere = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), PORT);
    let server = settings.server.listen.ip();
    if is_development && config.turn_listen == [everywhere] && !server.is_unspecified() {
        config.turn_listen = vec![SocketAddr::new(server, PORT)];
    }
    if has_tls && config.turn_tls_listen.is_empty() {
        let port = |plain: &SocketAddr| if plain.port() == 0 { 0 } else { TLS_PORT };
        let plain = config.turn_listen.iter();
        config.turn_tls_listen = plain.map(|address| SocketAddr::new(address.ip(), port(address))).collect();
    }
    config
}

/// The development server takes other ports where the usual ones are taken: it prints them.
fn build_relay(parts: antiphon_turn_relay::Parts) -> anyhow::Result<TurnRelay> {
    let is_in_use = |error: &anyhow::Error| {
        let kind = |cause: &(dyn std::error::Error + 'static)| cause.downcast_ref::<io::Error>().map(io::Error::kind);
        error.chain().any(|cause| kind(cause) == Some(io::ErrorKind::AddrInUse))
    };
    if !parts.is_development {
        return TurnRelay::build(parts).context("the relay cannot start: --relay=false goes without it");
    }
    let mut anywhere = parts.clone();
    let addresses = anywhere.config.turn_listen.iter_mut().chain(&mut anywhere.config.turn_tls_listen);
    let usual = addresses.filter(|address| [PORT, TLS_PORT].contains(&address.port()));
    usual.for_each(|address| address.set_port(0));
    match TurnRelay::build(parts) {
        Err(error) if is_in_use(&error) => TurnRelay::build(anywhere),
        built => built,
    }
    .context("the relay cannot start: --relay=false goes without it")
}

/// Under which URIs clients are told of it: loopback addresses last, since other machines have one of their own.
fn reached_at(settings: &Settings, listening: &[Listening]) -> anyhow::Result<Relay> {
    let mut listening = listening.to_vec();
    listening.sort_by_key(|listening| listening.address.ip().is_loopback());
    let external = |ip: IpAddr| {
        let named = settings.turn.turn_external_addresses.iter();
        named.copied().find(|external| external.is_ipv4() == ip.is_ipv4()).unwrap_or(ip)
    };
    let mut uris = Vec::new();
    for listening in listening {
        let address = SocketAddr::new(external(listening.address.ip()), listening.address.port());
        let place = match &settings.embedded_relay.turn_host {
            Some(host) => format!("{host}:{}", address.port()),
            None => address.to_string(),
        };
        uris.extend(uris_at(listening, &place).context("turn-host")?);
    }
    uris.dedup();
    Ok(Relay { uris, region: None, priority: 0, weight: 1 })
}

fn uris_at(listening: Listening, place: &str) -> anyhow::Result<Vec<IceUri>> {
    let texts = match listening.transport {
        antiphon_turn_core::Transport::Udp => vec![format!("stun:{place}"), format!("turn:{place}?transport=udp")],
        antiphon_turn_core::Transport::Tcp => vec![format!("turn:{place}?transport=tcp")],
        antiphon_turn_core::Transport::Tls => vec![format!("turns:{place}?transport=tcp")],
    };
    texts.iter().map(|text| text.parse().with_context(|| text.clone())).collect()
}

fn service_keys(settings: &Settings, shutdown: &Shutdown) -> anyhow::Result<Option<ServiceKeys>> {
    let Some(path) = &settings.ice.service_keys_file else { return Ok(None) };
    let keys = ServiceKeys::load(path).context("service-keys-file")?;
    tokio::spawn(keys.clone().follow_file(path.clone(), shutdown.clone()));
    Ok(Some(keys))
}

/// Those that are configured for everyone, then those that are minted for this participant.
struct MintedIceServers {
    minter: Minter,
    fixed: Vec<v1::IceServer>,
}

#[async_trait]
impl IceServerSource for MintedIceServers {
    async fn ice_servers(&self, tenant: &TenantId, identity: &Identity) -> Result<IceServers, IceSourceError> {
        let mut servers = self.fixed.clone();
        if !self.minter.has_providers() {
            return Ok(IceServers { servers, refresh_after: None });
        }
        match self.minter.mint(Ask::new(tenant.clone(), identity.clone())).await {
            Ok(minted) => {
                servers.extend(minted.servers);
                Ok(IceServers { servers: first_urls(servers), refresh_after: minted.refresh_after })
            }
            Err(error @ NoServers) => Err(IceSourceError(error.to_string())),
        }
    }
}

/// As many as browsers take without a warning.
fn first_urls(servers: Vec<v1::IceServer>) -> Vec<v1::IceServer> {
    let mut left = MAX_URLS;
    let cut = |mut server: v1::IceServer| {
        server.urls.truncate(left);
        left -= server.urls.len();
        (!server.urls.is_empty()).then_some(server)
    };
    servers.into_iter().filter_map(cut).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_given_four_urls_at_most() {
        let server = |urls: &[&str]| v1::IceServer {
            urls: urls.iter().map(|url| (*url).to_owned()).collect(),
            ..v1::IceServer::default()
        };
        let given = first_urls(vec![server(&["a"]), server(&["b", "c"]), server(&["d", "e"]), server(&["f"])]);
        assert_eq!(given, [server(&["a"]), server(&["b", "c"]), server(&["d"])]);
    }
}
