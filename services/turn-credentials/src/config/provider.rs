//! Providers: one table of the configuration for each.

use std::{
    fmt,
    num::{NonZeroU32, NonZeroU64},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use antiphon_ice_core::{
    chain::{BreakerRules, ProviderRules},
    selection::Relay,
    uri::{IceUri, Scheme},
};
use antiphon_service_kit::config::HumanDuration;
use reqwest::Url;
use secrecy::SecretString;
use serde::{Deserialize, de::DeserializeOwned};
use toml::{Table, Value};

/// The longest that a provider may take.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(30);

/// A breaker that fails its trials opens for longer each time, up to so many times its first length.
const LONGEST_OPEN: u32 = 32;

/// Bytes of a provider's name, which is a label of metrics.
const MAX_NAME_BYTES: usize = 64;

const TWILIO: &str = "https://api.twilio.com";
const CLOUDFLARE: &str = "https://rtc.live.cloudflare.com";

/// One provider of ICE servers.
#[derive(Debug, Clone)]
pub struct ProviderConfig {
    /// For logs and metrics.
    pub name: String,
    /// When it is asked.
    pub rules: ProviderRules,
    /// What it is.
    pub kind: ProviderKind,
}

/// What a provider is.
#[derive(Debug, Clone)]
pub enum ProviderKind {
    /// Relays that share a secret with us: coturn, eturnal, and others of the REST draft.
    Coturn(CoturnConfig),
    /// A list, the same for everyone.
    Static(StaticConfig),
    /// Twilio's Network Traversal Service.
    Twilio(TwilioConfig),
    /// Cloudflare's Realtime TURN.
    Cloudflare(CloudflareConfig),
}

/// `type = "coturn"`
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CoturnConfig {
    /// A file with the relays' `static-auth-secret`, one a line, the first one mints. Read again when it changes.
    pub secrets_file: PathBuf,
    /// The relays.
    #[serde(deserialize_with = "relays")]
    pub relays: Vec<Relay>,
}

/// `type = "static"`
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StaticConfig {
    /// The servers, four URLs in total at most.
    pub servers: Vec<StaticServer>,
}

/// One server of a static list.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StaticServer {
    /// Where it is.
    #[serde(deserialize_with = "uris")]
    pub urls: Vec<IceUri>,
    /// Of a TURN server.
    pub username: Option<String>,
    /// Of a TURN server.
    pub credential: Option<SecretString>,
}

/// `type = "twilio"`
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TwilioConfig {
    /// Whose account, `AC…`.
    pub account_sid: String,
    /// An API key's SID, `SK…`, where it is not the account's own token that signs in.
    pub key_sid: Option<String>,
    /// A file with the account's auth token, or the API key's secret. Read again when it changes.
    pub secret_file: PathBuf,
    /// For how long one token is given to clients of the same tenant and region.
    #[serde(default = "ten_minutes", deserialize_with = "duration")]
    pub share_for: Duration,
    /// The API.
    #[serde(default = "twilio", deserialize_with = "api_url")]
    pub url: Url,
}

/// `type = "cloudflare"`
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CloudflareConfig {
    /// The TURN key's id.
    pub key_id: String,
    /// A file with the TURN key's API token. Read again when it changes.
    pub token_file: PathBuf,
    /// The API.
    #[serde(default = "cloudflare", deserialize_with = "api_url")]
    pub url: Url,
}

/// Some providers, as they are given at once: one table, or a list of tables, in TOML.
#[derive(Debug, Clone, Default)]
pub struct ProviderArgument(pub Vec<ProviderConfig>);

/// What is wrong with a provider's table, by its key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidProvider(String);

impl FromStr for ProviderArgument {
    type Err = InvalidProvider;

    fn from_str(text: &str) -> Result<Self, InvalidProvider> {
        // The parser's own message quotes the text, which may hold secrets.
        let unreadable =
            |_| InvalidProvider("expected TOML: { type = \"coturn\", … }, or a list of such tables".to_owned());
        let mut document: Table = format!("value = {text}").parse().map_err(unreadable)?;
        let tables = match document.remove("value") {
            Some(Value::Array(tables)) => tables,
            Some(value) => vec![value],
            None => Vec::new(),
        };
        tables.into_iter().map(provider).collect::<Result<_, _>>().map(Self)
    }
}

/// What every provider has.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Common {
    r#type: Option<String>,
    name: Option<String>,
    #[serde(default)]
    priority: u16,
    #[serde(default = "one_second", deserialize_with = "duration")]
    timeout: Duration,
    #[serde(default = "three")]
    failures: NonZeroU32,
    #[serde(default = "ten_seconds", deserialize_with = "duration")]
    open_for: Duration,
    monthly_budget: Option<NonZeroU64>,
}

impl Common {
    const KEYS: [&str; 7] = ["type", "name", "priority", "timeout", "failures", "open-for", "monthly-budget"];
}

fn provider(value: Value) -> Result<ProviderConfig, InvalidProvider> {
    let Value::Table(mut own) = value else { return Err(InvalidProvider("expected a table".to_owned())) };
    let common = Common::KEYS.into_iter().filter_map(|key| Some((key.to_owned(), own.remove(key)?))).collect();
    let common: Common = read(common)?;
    let kind = match common.r#type.as_deref() {
        Some("coturn") => ProviderKind::Coturn(read(own)?),
        Some("static") => ProviderKind::Static(read(own)?),
        Some("twilio") => ProviderKind::Twilio(read(own)?),
        Some("cloudflare") => ProviderKind::Cloudflare(read(own)?),
        Some(_) | None => {
            return Err(InvalidProvider(
                "type: expected \"coturn\", \"static\", \"twilio\" or \"cloudflare\"".to_owned(),
            ));
        }
    };
    check(&kind)?;
    let name = common.name.or(common.r#type).unwrap_or_default();
    if !(1..=MAX_NAME_BYTES).contains(&name.len()) || name.chars().any(char::is_control) {
        return Err(InvalidProvider("name: expected 1 to 64 bytes without control characters".to_owned()));
    }
    if common.timeout.is_zero() || common.timeout > LONGEST_TIMEOUT {
        return Err(InvalidProvider("timeout: expected a duration from 1ms to 30s".to_owned()));
    }
    let breaker = BreakerRules {
        failures: common.failures,
        open_for: common.open_for,
        open_for_at_most: common.open_for.saturating_mul(LONGEST_OPEN),
    };
    let monthly_budget = common.monthly_budget.map(NonZeroU64::get);
    Ok(ProviderConfig {
        name,
        rules: ProviderRules { priority: common.priority, timeout: common.timeout, breaker, monthly_budget },
        kind,
    })
}

/// What the types alone do not say.
fn check(kind: &ProviderKind) -> Result<(), InvalidProvider> {
    let wrong = |message: &str| Err(InvalidProvider(message.to_owned()));
    match kind {
        ProviderKind::Coturn(config) if config.relays.is_empty() => wrong("relays: expected at least one"),
        ProviderKind::Static(config) => {
            let has_credentials = |server: &StaticServer| server.username.is_some() && server.credential.is_some();
            let is_turn = |server: &StaticServer| server.urls.iter().any(|uri| uri.scheme.is_turn());
            if config.servers.is_empty() {
                wrong("servers: expected at least one")
            } else if config.servers.iter().any(|server| is_turn(server) && !has_credentials(server)) {
                wrong("servers: a TURN server needs username and credential")
            } else if config.servers.iter().flat_map(|server| &server.urls).count()
                > antiphon_ice_core::selection::MAX_URLS
            {
                wrong("servers: expected four URLs at most: browsers warn of more, and each costs every call time")
            } else {
                Ok(())
            }
        }
        ProviderKind::Twilio(config) if !is_plain(&config.account_sid) => {
            wrong("account-sid: expected the account's SID, AC…")
        }
        ProviderKind::Twilio(config) if config.key_sid.as_ref().is_some_and(|sid| !is_plain(sid)) => {
            wrong("key-sid: expected the SID of an API key, SK…")
        }
        ProviderKind::Cloudflare(config) if !is_plain(&config.key_id) => wrong("key-id: expected the id of a TURN key"),
        ProviderKind::Coturn(_) | ProviderKind::Twilio(_) | ProviderKind::Cloudflare(_) => Ok(()),
    }
}

/// It becomes part of a path.
fn is_plain(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn read<T: DeserializeOwned>(table: Table) -> Result<T, InvalidProvider> {
    table.try_into().map_err(|error: toml::de::Error| InvalidProvider(error.message().to_owned()))
}

fn duration<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map(|HumanDuration(duration)| duration).map_err(serde::de::Error::custom)
}

fn uris<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<IceUri>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let uris = texts.iter().map(|text| {
        let uri: IceUri = text.parse().map_err(|error| wrong(format_args!("{text}: {error}")))?;
        if uri.is_dialled_by_browsers() {
            Ok(uri)
        } else {
            Err(wrong(format_args!("{text}: browsers dial TURN at 53, 80, 443, and 1024 and above, and no DTLS")))
        }
    });
    let uris: Vec<_> = uris.collect::<Result<_, D::Error>>()?;
    if uris.is_empty() { Err(wrong("expected at least one URI")) } else { Ok(uris) }
}

fn wrong<E: serde::de::Error>(message: impl fmt::Display) -> E {
    E::custom(message)
}

fn relays<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Relay>, D::Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields)]
    struct RelayTable {
        #[serde(deserialize_with = "uris")]
        uris: Vec<IceUri>,
        region: Option<String>,
        #[serde(default)]
        priority: u16,
        #[serde(default = "one")]
        weight: u16,
    }
    let tables = Vec::<RelayTable>::deserialize(deserializer)?;
    let relay = |RelayTable { uris, region, priority, weight }: RelayTable| {
        let is_relay = uris.iter().any(|uri| matches!(uri.scheme, Scheme::Turn | Scheme::Turns));
        let relay = Relay { uris, region, priority, weight };
        if is_relay { Ok(relay) } else { Err(wrong("relays: each needs a turn: or turns: URI")) }
    };
    tables.into_iter().map(relay).collect()
}

/// Secrets go there: https, or http to this machine.
fn api_url<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    let text = String::deserialize(deserializer)?;
    let url: Url = text.parse().map_err(|_| wrong("url: expected a URL"))?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_local = host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback());
    let is_private = url.scheme() == "https" || url.scheme() == "http" && is_local;
    if is_private && url.username().is_empty() && url.query().is_none() {
        Ok(url)
    } else {
        Err(wrong("url: expected https, without user and query; http is for addresses of this machine only"))
    }
}

fn one() -> u16 {
    1
}

fn three() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(2)
}

fn one_second() -> Duration {
    Duration::from_secs(1)
}

fn ten_seconds() -> Duration {
    Duration::from_secs(10)
}

fn ten_minutes() -> Duration {
    Duration::from_secs(600)
}

fn twilio() -> Url {
    TWILIO.parse().expect("a URL")
}

fn cloudflare() -> Url {
    CLOUDFLARE.parse().expect("a URL")
}

#[cfg(test)]
#[path = "provider_tests.rs"]
mod tests;
