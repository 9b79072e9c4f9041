//! What can be set.

mod backplane;

use std::{borrow::Cow, num::NonZeroU32, path::PathBuf, str::FromStr, sync::Arc, time::Duration};

use antiphon_protocol::v1;
use antiphon_room_core::{DuplicateIdentity, RoomConfig};
use antiphon_service_kit::{
    auth::{LEEWAY_S, ServiceKeys},
    config::{ByteSize, HumanDuration, duration_at_least},
    drain::Shutdown,
};
use antiphon_session_core::{Rate, SessionConfig};
use anyhow::Context as _;
use percent_encoding::percent_decode_str;

pub use self::backplane::{BackplaneArgument, BackplaneConfig, ChosenBackplane};
use crate::{
    ice::{IceServerSource, IceServersUrl, RemoteIceServers, StaticIceServers},
    webhooks::WebhookArgument,
};

/// Rooms and their rules.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Rooms")]
pub struct RoomsConfig {
    /// What happens when an identity joins that is in the room already: "replace" the older session, "reject" the newcomer, or
    /// "allow" both.
    #[arg(long, env = "ANTIPHON_DUPLICATE_IDENTITY", value_name = "POLICY", default_value = "replace", value_parser = duplicate_identity)]
    pub duplicate_identity: DuplicateIdentity,
    /// Sessions in a room at most; 0: no limit.
    #[arg(long, env = "ANTIPHON_MAX_PARTICIPANTS", value_name = "COUNT", default_value_t = 0)]
    pub max_participants: u32,
    /// How long a room stays when its last session has ended.
    #[arg(long, env = "ANTIPHON_EMPTY_TIMEOUT", value_name = "DURATION", default_value = "30s")]
    pub empty_timeout: HumanDuration,
    /// How long a session outlives its connection.
    #[arg(long, env = "ANTIPHON_RESUME_WINDOW", value_name = "DURATION", default_value = "30s")]
    pub resume_window: HumanDuration,
    /// Chat messages that a room keeps.
    #[arg(long, env = "ANTIPHON_CHAT_HISTORY", value_name = "COUNT", default_value_t = 100)]
    pub chat_history: u32,
    /// New rooms have a lobby: newcomers wait until a moderator admits them.
    #[arg(long, env = "ANTIPHON_LOBBY")]
    pub lobby: bool,
}

/// What can be set about webhooks. Lines that begin with spaces stand in the example as they stand here.
const WEBHOOKS: &str = r#"Webhooks: a table for each endpoint; docs/webhooks.md tells all about them. Not taken as a flag, because it has secrets.

  [[signaling.webhooks]]
  tenant = "acme"                           # whose rooms it is told of
  url = "https://app.example/webhooks"
  secrets-file = "/run/secrets/webhooks"    # whsec_…, one a line, read again when it changes; or secrets-env, secrets
  id = "default"                            # tells it from the tenant's others
  events = ["*"]                            # such as "room.*" and "participant.joined"
  timeout = "15s"                           # how long it may take to answer
  retry-first = "1s"                        # the wait after a failure; it doubles with each one
  retry-longest = "15m"                     # the longest wait
  retry-for = "1d"                          # after that an event is a dead letter
  concurrency = 16                          # requests at once
  allow-private-addresses = true            # false where you do not trust who chose the URL
  ca-file = "/etc/antiphon/ca.pem"          # who vouches for an https receiver, where that is nobody whom the machine trusts

"#;

/// Shorter leases run out while a busy machine is slow.
const MIN_LEASE: HumanDuration = HumanDuration(Duration::from_millis(300));

/// The signaling socket and its limits.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Signaling")]
pub struct SignalingConfig {
    /// Origins whose pages may connect, such as "https://app.example"; "http://localhost:*" is any port, "*" all origins. None: only
    /// pages of the server itself, and for the development server pages of this machine.
    #[arg(long, env = "ANTIPHON_ALLOWED_ORIGINS", value_name = "ORIGINS", value_delimiter = ',')]
    pub allowed_origins: Vec<String>,
    /// ICE servers for every client: URLs such as "stun:stun.example:3478"; a TURN server with its credentials as
    /// "turn:turn.example:3478?user=NAME&pass=SECRET", percent-encoded where they have one of "%&,".
    #[arg(long, env = "ANTIPHON_ICE_SERVERS", value_name = "SERVERS", value_delimiter = ',', hide_env_values = true)]
    pub ice_servers: Vec<IceServerArgument>,
    /// Where ICE servers are asked for, at each join and before they expire: the address of antiphon-turn-credentials, such as
    /// "http://turn-credentials:7881". They come in the place of "ice-servers".
    #[arg(long, env = "ANTIPHON_ICE_SERVERS_URL", value_name = "ADDRESS")]
    pub ice_servers_url: Option<IceServersUrl>,
    /// A file with a key "id:secret" that antiphon-turn-credentials knows too, in its "service-keys-file". The first line signs; read again
    /// when it changes.
    #[arg(long, env = "ANTIPHON_ICE_SERVERS_KEYS_FILE", value_name = "FILE")]
    pub ice_servers_keys_file: Option<PathBuf>,
    /// A file of certificates (PEM) that the service at an https address in "ice-servers-url" is checked against. None: those that the
    /// machine trusts.
    #[arg(long, env = "ANTIPHON_ICE_SERVERS_CA_FILE", value_name = "FILE")]
    pub ice_servers_ca_file: Option<PathBuf>,
    /// Silence after which the server pings a client, 1s at least; after twice as much the connection is given up.
    #[arg(long, env = "ANTIPHON_PING_INTERVAL", value_name = "DURATION", default_value = "25s",
          value_parser = duration_at_least(HumanDuration::from_secs(1)))]
    pub ping_interval: HumanDuration,
    /// How long a connection may take to join, 1s at least.
    #[arg(long, env = "ANTIPHON_JOIN_TIMEOUT", value_name = "DURATION", default_value = "10s",
          value_parser = duration_at_least(HumanDuration::from_secs(1)))]
    pub join_timeout: HumanDuration,
    /// How long a client may take to read what was sent to it; then it is a slow consumer.
    #[arg(long, env = "ANTIPHON_WRITE_TIMEOUT", value_name = "DURATION", default_value = "10s")]
    pub write_timeout: HumanDuration,
    /// Bytes of a message.
    #[arg(long, env = "ANTIPHON_MAX_MESSAGE_BYTES", value_name = "SIZE", default_value = "64KiB")]
    pub max_message_bytes: ByteSize,
    /// Bytes of an offer or answer.
    #[arg(long, env = "ANTIPHON_MAX_SDP_BYTES", value_name = "SIZE", default_value = "256KiB")]
    pub max_sdp_bytes: ByteSize,
    /// Messages a second of one connection; a client above it is read more slowly, and told.
    #[arg(long, env = "ANTIPHON_MESSAGE_RATE", value_name = "COUNT", default_value = "100")]
    pub message_rate: NonZeroU32,
    /// Messages of one connection at once, after silence.
    #[arg(long, env = "ANTIPHON_MESSAGE_BURST", value_name = "COUNT", default_value = "500")]
    pub message_burst: NonZeroU32,
    /// Messages a second from one address, all its connections together.
    #[arg(long, env = "ANTIPHON_ADDRESS_MESSAGE_RATE", value_name = "COUNT", default_value = "5000")]
    pub address_message_rate: NonZeroU32,
    /// Messages a second of one tenant, all its connections together.
    #[arg(long, env = "ANTIPHON_TENANT_MESSAGE_RATE", value_name = "COUNT", default_value = "100000")]
    pub tenant_message_rate: NonZeroU32,
    /// Connections of one address at a time.
    #[arg(long, env = "ANTIPHON_ADDRESS_CONNECTIONS", value_name = "COUNT", default_value = "2000")]
    pub address_connections: u32,
    /// New connections a second from one address.
    #[arg(long, env = "ANTIPHON_ADDRESS_CONNECTION_RATE", value_name = "COUNT", default_value = "200")]
    pub address_connection_rate: NonZeroU32,
    /// Connections of one tenant at a time.
    #[arg(long, env = "ANTIPHON_TENANT_CONNECTIONS", value_name = "COUNT", default_value = "1000000")]
    pub tenant_connections: u32,
    /// Requests a second to the REST API of one tenant.
    #[arg(long, env = "ANTIPHON_TENANT_REQUEST_RATE", value_name = "COUNT", default_value = "200")]
    pub tenant_request_rate: NonZeroU32,
    /// How long a request to the REST API may take.
    #[arg(long, env = "ANTIPHON_API_TIMEOUT", value_name = "DURATION", default_value = "10s")]
    pub api_timeout: HumanDuration,
    /// How long a server counts as alive that says nothing: so late, at most, its clients are shown as disconnected after it died.
    #[arg(long, env = "ANTIPHON_LEASE", value_name = "DURATION", default_value = "10s", value_parser = duration_at_least(MIN_LEASE))]
    pub lease: HumanDuration,
    /// Time over which a server that stops asks its clients to move.
    #[arg(long, env = "ANTIPHON_DRAIN_WINDOW", value_name = "DURATION", default_value = "2s")]
    pub drain_window: HumanDuration,
    /// How long a moved client waits before it connects again, at least; it is spread over twice as much.
    #[arg(long, env = "ANTIPHON_DRAIN_RETRY_AFTER", value_name = "DURATION", default_value = "1s")]
    pub drain_retry_after: HumanDuration,
    /// Webhooks: a table for each endpoint.
    #[arg(long, env = "ANTIPHON_WEBHOOKS", value_name = "TABLE", hide_env_values = true, long_help = WEBHOOKS)]
    pub webhooks: Vec<WebhookArgument>,
}

fn duplicate_identity(text: &str) -> Result<DuplicateIdentity, String> {
    match text {
        "replace" => Ok(DuplicateIdentity::Replace),
        "reject" => Ok(DuplicateIdentity::Reject),
        "allow" => Ok(DuplicateIdentity::Allow),
        _ => Err("expected \"replace\", \"reject\" or \"allow\"".to_owned()),
    }
}

/// One ICE server as it is configured.
#[derive(Clone, PartialEq)]
pub struct IceServerArgument(pub v1::IceServer);

impl std::fmt::Debug for IceServerArgument {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("IceServerArgument").field(&self.0.urls).finish()
    }
}

impl FromStr for IceServerArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let scheme = text.split(':').next().unwrap_or_default();
        if !matches!(scheme, "stun" | "stuns" | "turn" | "turns") || text.len() <= scheme.len() + 1 {
            return Err("expected a URL that begins with stun:, stuns:, turn: or turns:".to_owned());
        }
        let (url, query) = text.split_once('?').unwrap_or((text, ""));
        let (mut username, mut credential, mut kept) = (None, None, Vec::new());
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("user", value)) => username = Some(decoded(value)?),
                Some(("pass", value)) => credential = Some(decoded(value)?),
                Some(_) | None => kept.push(pair),
            }
        }
        if scheme.starts_with("turn") && (username.is_none() || credential.is_none()) {
            return Err("a TURN server needs ?user=NAME&pass=SECRET".to_owned());
        }
        let url = if kept.is_empty() { url.to_owned() } else { format!("{url}?{}", kept.join("&")) };
        Ok(Self(v1::IceServer { urls: vec![url], username, credential }))
    }
}

fn decoded(value: &str) -> Result<String, String> {
    let decoded = percent_decode_str(value).decode_utf8();
    decoded.map(Cow::into_owned).map_err(|_| "user and pass must be UTF-8 when they are percent-decoded".to_owned())
}

impl RoomsConfig {
    /// The rules that rooms decide by. A ban lasts as long as a token may be valid that was issued before it: the longest lifetime,
    /// and the leeways that are given on `iat`, on the lifetime and on `exp`.
    #[must_use]
    pub fn rules(&self, max_token_lifetime_ms: u64) -> RoomConfig {
        RoomConfig {
            duplicate_identity: self.duplicate_identity,
            max_participants: self.max_participants,
            empty_timeout_ms: self.empty_timeout.as_millis(),
            resume_window_ms: self.resume_window.as_millis(),
            ban_ms: max_token_lifetime_ms.saturating_add(3 * 1_000 * LEEWAY_S),
            chat_history: self.chat_history,
            lobby: self.lobby,
            ..RoomConfig::default()
        }
    }
}

impl SignalingConfig {
    /// Where ICE servers come from. Must be called within a Tokio runtime, where they come from another service: its keys are followed
    /// until the process stops.
    ///
    /// # Errors
    /// When there is no key for the service, it cannot be read, or nobody could vouch for the service.
    pub fn ice_source(&self, shutdown: &Shutdown) -> anyhow::Result<Arc<dyn IceServerSource>> {
        let Some(url) = &self.ice_servers_url else {
            let list = self.ice_servers.iter().map(|server| server.0.clone()).collect();
            return Ok(Arc::new(StaticIceServers(list)));
        };
        let missing =
            "signaling.ice-servers-keys-file: expected the file of the key that antiphon-turn-credentials knows";
        let path = self.ice_servers_keys_file.as_ref().context(missing)?;
        let keys = ServiceKeys::load(path).context("signaling.ice-servers-keys-file")?;
        tokio::spawn(keys.clone().follow_file(path.clone(), shutdown.clone()));
        let ca_file = self.ice_servers_ca_file.as_deref();
        Ok(Arc::new(RemoteIceServers::new(url, keys, ca_file).context("signaling.ice-servers-ca-file")?))
    }

    pub(crate) fn session(&self) -> SessionConfig {
        SessionConfig {
            max_message_bytes: self.max_message_bytes.as_usize(),
            max_sdp_bytes: self.max_sdp_bytes.as_usize(),
            ping_interval: self.ping_interval.0,
        }
    }

    pub(crate) fn connection_rate(&self) -> Rate {
        Rate { per_second: self.message_rate.get(), burst: self.message_burst.get() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_server_is_configured_with_its_credentials_and_keeps_its_transport() {
        let server: IceServerArgument = "turn:t.example:3478?transport=tcp&user=u&pass=p".parse().expect("valid");
        assert_eq!(server.0.urls, ["turn:t.example:3478?transport=tcp"]);
        assert_eq!(server.0.username.as_deref(), Some("u"));
        assert_eq!(server.0.credential.as_deref(), Some("p"));
        assert!(!format!("{server:?}").contains("\"p\""), "no secret in Debug output");
    }

    #[test]
    fn credentials_may_be_percent_encoded() {
        let server: IceServerArgument = "turn:t.example?user=1:ada%2Cb&pass=a+b/c=%26%25".parse().expect("valid");
        assert_eq!(server.0.username.as_deref(), Some("1:ada,b"));
        assert_eq!(server.0.credential.as_deref(), Some("a+b/c=&%"));
        assert!("turn:t.example?user=%FF&pass=p".parse::<IceServerArgument>().is_err());
    }

    #[test]
    fn what_is_no_ice_server_is_refused() {
        for text in ["", "stun:", "http://x", "turn:t.example", "turn:t.example?user=u"] {
            assert!(text.parse::<IceServerArgument>().is_err(), "{text:?}");
        }
    }
}
