//! Where webhooks go: one table of the configuration for each endpoint.

use std::{fmt, net::IpAddr, num::NonZeroU32, path::PathBuf, str::FromStr, time::Duration};

use antiphon_protocol::TenantId;
use antiphon_service_kit::config::HumanDuration;
use antiphon_webhook_core::{RetryPolicy, SigningSecret, is_public};
use reqwest::Url;
use toml::{Table, Value};

use super::{EndpointName, EventFilter};

/// The longest that one request may take.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(60);

/// Requests at once at most.
const MOST_REQUESTS: u32 = 256;

/// One endpoint: an application's URL that is told of what happens in the rooms of a tenant.
#[derive(Clone)]
pub struct WebhookConfig {
    /// Whose rooms.
    pub tenant: TenantId,
    /// Tells it from the tenant's other endpoints.
    pub name: EndpointName,
    /// Where the events are posted to.
    pub url: Url,
    /// What they are signed with, beside those of the file and the environment; the first one is the newest.
    pub secrets: Vec<SigningSecret>,
    /// A file with secrets, one a line; read again when it changes.
    pub secrets_file: Option<PathBuf>,
    /// The name of an environment variable with secrets, separated by commas.
    pub secrets_env: Option<String>,
    /// Which events.
    pub events: EventFilter,
    /// How long the receiver may take to answer.
    pub timeout: Duration,
    /// How long to wait before what failed is tried again.
    pub retry: RetryPolicy,
    /// How long after it happened an event is tried again.
    pub retry_for: Duration,
    /// Requests at once.
    pub concurrency: NonZeroU32,
    /// The URL may lead into one's own network.
    pub allow_private: bool,
    /// Certificates (PEM) that vouch for the receiver, instead of those that the machine trusts.
    pub ca_file: Option<PathBuf>,
}

impl fmt::Debug for WebhookConfig {
    /// A URL may hold a secret of the receiver's.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tenant, name, .. } = self;
        formatter.debug_struct("WebhookConfig").field("tenant", tenant).field("name", name).finish_non_exhaustive()
    }
}

/// Some endpoints, as they are given at once: one table, or a list of tables, in TOML.
#[derive(Debug, Clone, Default)]
pub struct WebhookArgument(pub Vec<WebhookConfig>);

impl WebhookArgument {
    /// One endpoint of a tenant, with a default for everything but its URL and its secret.
    ///
    /// # Errors
    /// When the URL or the secret is none.
    pub fn of(tenant: &TenantId, url: &str, secret: &str) -> Result<Self, String> {
        let secrets = Value::Array(vec![secret.into()]);
        let table = [("tenant", tenant.as_str().into()), ("url", url.into()), ("secrets", secrets)];
        let table: Table = table.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        endpoint(Value::Table(table)).map(|config| Self(vec![config]))
    }
}

impl FromStr for WebhookArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // The parser's own message quotes the text, which may hold secrets.
        let unreadable = |_| "expected TOML: { tenant = \"…\", url = \"…\", … }, or a list of such tables".to_owned();
        let mut document: Table = format!("value = {text}").parse().map_err(unreadable)?;
        let tables = match document.remove("value") {
            Some(Value::Array(tables)) => tables,
            Some(value) => vec![value],
            None => Vec::new(),
        };
        tables.into_iter().map(endpoint).collect::<Result<_, _>>().map(Self)
    }
}

fn endpoint(value: Value) -> Result<WebhookConfig, String> {
    let Value::Table(table) = value else { return Err("expected a table".to_owned()) };
    let mut keys = Keys(table);
    let config = WebhookConfig {
        tenant: keys.parse("tenant")?.ok_or("tenant: expected the tenant whose rooms the endpoint is told of")?,
        name: keys.parse("id")?.unwrap_or_default(),
        url: keys.parse::<HttpUrl>("url")?.ok_or("url: expected where the events are posted to")?.0,
        secrets: keys.secrets("secrets")?,
        secrets_file: keys.parse("secrets-file")?,
        secrets_env: keys.parse("secrets-env")?,
        events: keys.events("events")?,
        timeout: keys.duration("timeout", 15, Duration::from_millis(1)..=LONGEST_TIMEOUT)?,
        retry: RetryPolicy {
            first: keys.duration("retry-first", 1, Duration::from_millis(1)..=Duration::from_secs(3_600))?,
            longest: keys.duration("retry-longest", 900, Duration::from_millis(1)..=Duration::from_secs(86_400))?,
        },
        retry_for: keys.duration("retry-for", 86_400, Duration::ZERO..=Duration::from_secs(7 * 86_400))?,
        concurrency: keys.count("concurrency", 16, MOST_REQUESTS)?,
        allow_private: keys.switch("allow-private-addresses", true)?,
        ca_file: keys.parse("ca-file")?,
    };
    keys.refuse_rest()?;
    if config.secrets.is_empty() && config.secrets_file.is_none() && config.secrets_env.is_none() {
        return Err("secrets: expected at least one, here, in secrets-file or in secrets-env".to_owned());
    }
    if config.ca_file.is_some() && config.url.scheme() != "https" {
        return Err("ca-file: nobody is vouched for at a URL that is not https".to_owned());
    }
    if !config.allow_private && literal_address(&config.url).is_some_and(|address| !is_public(address)) {
        return Err("url: its address is private, and allow-private-addresses is false".to_owned());
    }
    Ok(config)
}

/// The address that a URL names without a name to resolve.
fn literal_address(url: &Url) -> Option<IpAddr> {
    url.host_str()?.trim_matches(['[', ']']).parse().ok()
}

/// What is left to read of a table.
struct Keys(Table);

impl Keys {
    const KNOWN: [&str; 15] = [
        "tenant",
        "id",
        "url",
        "secrets",
        "secrets-file",
        "secrets-env",
        "events",
        "timeout",
        "retry-first",
        "retry-longest",
        "retry-for",
        "concurrency",
        "allow-private-addresses",
        "ca-file",
        "secret",
    ];

    fn parse<T: FromStr<Err: fmt::Display>>(&mut self, key: &str) -> Result<Option<T>, String> {
        match self.0.remove(key) {
            Some(Value::String(text)) => text.parse().map(Some).map_err(|error| format!("{key}: {error}")),
            Some(_) => Err(format!("{key}: expected a text in quotes")),
            None => Ok(None),
        }
    }

    fn list(&mut self, key: &str) -> Result<Option<Vec<String>>, String> {
        let expected = || format!("{key}: expected a list of texts in quotes");
        let text = |value| if let Value::String(text) = value { Ok(text) } else { Err(expected()) };
        match self.0.remove(key) {
            Some(Value::Array(values)) => values.into_iter().map(text).collect::<Result<_, _>>().map(Some),
            Some(_) => Err(expected()),
            None => Ok(None),
        }
    }

    fn secrets(&mut self, key: &str) -> Result<Vec<SigningSecret>, String> {
        let texts = self.list(key)?.unwrap_or_default();
        let numbered = texts.iter().enumerate();
        numbered
            .map(|(index, text)| text.parse().map_err(|error| format!("{key}: number {}: {error}", index + 1)))
            .collect()
    }

    fn events(&mut self, key: &str) -> Result<EventFilter, String> {
        let Some(patterns) = self.list(key)? else { return Ok(EventFilter::default()) };
        EventFilter::new(&patterns).map_err(|error| format!("{key}: {error}"))
    }

    fn duration(
        &mut self,
        key: &str,
        default_s: u64,
        range: std::ops::RangeInclusive<Duration>,
    ) -> Result<Duration, String> {
        let HumanDuration(duration) = self.parse(key)?.unwrap_or(HumanDuration::from_secs(default_s));
        if range.contains(&duration) {
            return Ok(duration);
        }
        let (least, most) = (HumanDuration(*range.start()), HumanDuration(*range.end()));
        Err(format!("{key}: expected a duration from {least} to {most}"))
    }

    fn count(&mut self, key: &str, default: u32, most: u32) -> Result<NonZeroU32, String> {
        let count = match self.0.remove(key) {
            Some(Value::Integer(count)) => u32::try_from(count).ok().filter(|count| *count <= most),
            Some(_) => None,
            None => Some(default),
        };
        count.and_then(NonZeroU32::new).ok_or_else(|| format!("{key}: expected a whole number from 1 to {most}"))
    }

    fn switch(&mut self, key: &str, default: bool) -> Result<bool, String> {
        match self.0.remove(key) {
            Some(Value::Boolean(value)) => Ok(value),
            Some(_) => Err(format!("{key}: expected true or false")),
            None => Ok(default),
        }
    }

    fn refuse_rest(&self) -> Result<(), String> {
        match self.0.keys().next() {
            Some(key) if key == "secret" => Err("secret: no such setting, did you mean secrets = [\"…\"]?".to_owned()),
            Some(key) => {
                let known = Self::KNOWN.iter().filter(|known| **known != "secret").copied();
                Err(format!("{key}: no such setting; there are {}", known.collect::<Vec<_>>().join(", ")))
            }
            None => Ok(()),
        }
    }
}

/// A URL that webhooks can be posted to.
struct HttpUrl(Url);

impl FromStr for HttpUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url: Url = text.parse().map_err(|_| "expected a URL such as \"https://app.example/webhooks\"")?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err("expected a URL that begins with https:// or http://");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("a user and a password have no place in it: webhooks are signed");
        }
        Ok(Self(url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn read(text: &str) -> Result<WebhookConfig, String> {
        text.parse::<WebhookArgument>().map(|mut argument| argument.0.remove(0))
    }

    fn with(rest: &str) -> Result<WebhookConfig, String> {
        read(&format!(r#"{{ tenant = "acme", url = "https://app.example/hook", secrets = ["{SECRET}"]{rest} }}"#))
    }

    #[test]
    fn an_endpoint_needs_a_tenant_a_url_and_a_secret_and_the_rest_has_defaults() {
        let config = with("").expect("valid");
        assert_eq!((config.tenant.as_str(), config.name.as_str()), ("acme", "default"));
        assert_eq!(config.url.as_str(), "https://app.example/hook");
        assert_eq!((config.timeout.as_secs(), config.retry_for.as_secs()), (15, 86_400));
        assert!(config.events.takes("chat.sent") && config.allow_private);
        let both = r#"[{ tenant = "a", url = "http://h/", secrets-env = "X" }, { tenant = "b", url = "http://h/", secrets-file = "/x" }]"#;
        assert_eq!(both.parse::<WebhookArgument>().expect("valid").0.len(), 2);
        assert_eq!("[]".parse::<WebhookArgument>().expect("valid").0.len(), 0);
    }

    #[test]
    fn what_is_wrong_is_named_by_its_key_and_no_secret_is_repeated() {
        let cases = [
            (with(r#", timeout = "5""#), "timeout: expected a duration such as"),
            (with(r#", timeout = 5"#), "timeout: expected a text in quotes"),
            (with(r#", timeout = "5m""#), "timeout: expected a duration from 1ms to 1m"),
            (with(r#", concurrency = 0"#), "concurrency: expected a whole number from 1 to 256"),
            (with(r#", events = ["room.begun"]"#), "events: \"room.begun\" is no event; there are room.started, "),
            (with(r#", events = []"#), "events: expected at least one"),
            (with(r#", id = "a/b""#), "id: expected 1 to 64 characters of a-z A-Z 0-9 _ -"),
            (with(r#", secret = "whsec_x""#), "secret: no such setting, did you mean secrets"),
            (with(r#", retries = 3"#), "retries: no such setting; there are tenant, id, url"),
            (with(r#", allow-private-addresses = "no""#), "allow-private-addresses: expected true or false"),
            (read(r#"{ tenant = "a", url = "http://h/", secrets-env = "X", ca-file = "/ca.pem" }"#), "ca-file: nobody"),
            (read(r#"{ url = "https://h/" }"#), "tenant: expected"),
            (read(r#"{ tenant = "a" }"#), "url: expected"),
            (read(r#"{ tenant = "a", url = "ftp://h/" }"#), "url: expected a URL that begins with"),
            (read(r#"{ tenant = "a", url = "https://u:p@h/" }"#), "url: a user and a password"),
            (read(r#"{ tenant = "a", url = "https://h/" }"#), "secrets: expected at least one"),
            (read(r#"{ tenant = "a", url = "https://h/", secrets = ["whsec_sss"] }"#), "secrets: number 1: expected"),
            (read("{"), "expected TOML"),
            (read("7"), "expected a table"),
        ];
        for (outcome, expected) in cases {
            let error = outcome.map(|_| ()).expect_err(expected);
            assert!(error.starts_with(expected), "{error} is not {expected}");
            assert!(!error.contains("whsec_sss") && !error.contains("MfKQ"), "{error}");
        }
    }

    #[test]
    fn a_private_address_in_the_url_is_refused_where_private_ones_are_not_allowed() {
        for (host, public) in [
            ("127.0.0.1", false),
            ("[::1]", false),
            ("[::ffff:10.0.0.1]", false),
            ("1.1.1.1", true),
            ("localhost", true),
        ] {
            let text = format!(
                r#"{{ tenant = "a", url = "https://{host}/", secrets = ["{SECRET}"], allow-private-addresses = false }}"#
            );
            assert_eq!(read(&text).is_ok(), public, "{host}; names are judged when they are resolved");
        }
    }

    #[test]
    fn debug_output_has_neither_the_secret_nor_the_url() {
        let text = format!("{:?}", with("").expect("valid"));
        assert!(!text.contains("MfKQ") && !text.contains("app.example"), "{text}");
    }
}
