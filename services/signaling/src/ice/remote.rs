//! ICE servers from `antiphon-turn-credentials`: a request for each join and each refresh (decision 7).

use std::{
    num::NonZeroU32,
    path::Path,
    str::FromStr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use antiphon_ice_core::{
    UnixTime,
    chain::{Attempt, BreakerRules, Chain, ProviderRules, Walk},
    uri::IceUri,
};
use antiphon_protocol::{Identity, TenantId, v1};
use antiphon_service_kit::{
    auth::{OnBehalf, ServiceKeys, TURN_CREDENTIALS},
    clock::unix_now_s,
};
use async_trait::async_trait;
use reqwest::{Client, Response, StatusCode, Url, redirect};
use serde::Deserialize;

use super::{IceServerSource, IceServers, IceSourceError};
use crate::tls;

/// How long an answer may take. A join waits for less; the answer then comes by a refresh.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Bytes of an answer at most.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// URLs of an answer at most.
const MAX_URLS: usize = 16;

/// Bytes of a username (RFC 8489 §14.3), and what a password may have.
const MAX_TEXT_BYTES: usize = 509;

/// Whatever the answer says, servers are not asked for more often.
const LEAST_REFRESH: Duration = Duration::from_secs(10);

/// While it fails it is left alone, so that joins do not wait for it.
const RULES: ProviderRules = ProviderRules {
    priority: 0,
    timeout: TIMEOUT,
    breaker: BreakerRules {
        failures: NonZeroU32::MIN.saturating_add(2),
        open_for: Duration::from_secs(2),
        open_for_at_most: Duration::from_secs(15),
    },
    monthly_budget: None,
};

/// The address of `antiphon-turn-credentials`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IceServersUrl(Url);

impl FromStr for IceServersUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected = "expected a URL such as \"http://turn-credentials:7881\", without user, path and query";
        let url: Url = text.parse().map_err(|_| expected)?;
        let is_http = matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
        let is_bare =
            url.path() == "/" && url.query().is_none() && url.username().is_empty() && url.password().is_none();
        if is_http && is_bare { Ok(Self(url)) } else { Err(expected) }
    }
}

/// Asks `antiphon-turn-credentials`. Clones share everything.
#[derive(Clone)]
pub struct RemoteIceServers(Arc<Inner>);

struct Inner {
    client: Client,
    url: Url,
    keys: ServiceKeys,
    chain: Mutex<Chain>,
}

impl RemoteIceServers {
    /// Asks at this address, with the first of these keys. Over https the service is checked against `ca_file`, else against what the
    /// machine trusts.
    ///
    /// # Errors
    /// When these certificates cannot be used.
    pub fn new(IceServersUrl(url): &IceServersUrl, keys: ServiceKeys, ca_file: Option<&Path>) -> anyhow::Result<Self> {
        let client = Client::builder()
            .user_agent(concat!("Antiphon/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .http1_only()
            .timeout(TIMEOUT)
            .tls_backend_preconfigured(tls::client_config(url, ca_file)?)
            .build()?;
        let mut url = url.clone();
        url.set_path("/v1/ice-servers");
        Ok(Self(Arc::new(Inner { client, url, keys, chain: Mutex::new(Chain::new([RULES])) })))
    }
}

#[async_trait]
impl IceServerSource for RemoteIceServers {
    async fn ice_servers(&self, tenant: &TenantId, identity: &Identity) -> Result<IceServers, IceSourceError> {
        let next = self.0.chain().next(&mut Walk::default(), Instant::now(), UnixTime(unix_now_s()));
        let Some(attempt) = next else {
            return Err(IceSourceError(
                "turn-credentials failed again and again, and is left alone for a while".to_owned(),
            ));
        };
        let inner = Arc::clone(&self.0);
        let whom = OnBehalf { tenant: tenant.clone(), identity: identity.clone() };
        // In a task of its own: a join that waits no longer leaves it judged.
        let asking = tokio::spawn(async move { inner.settle(attempt, inner.ask(&whom).await) });
        asking.await.unwrap_or_else(|_| Err(IceSourceError("the request was given up".to_owned())))
    }
}

impl Inner {
    fn chain(&self) -> MutexGuard<'_, Chain> {
        self.chain.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn settle(&self, attempt: Attempt, asked: Result<IceServers, String>) -> Result<IceServers, IceSourceError> {
        match &asked {
            Ok(_) => self.chain().succeeded(attempt),
            Err(_) => self.chain().failed(attempt, Instant::now()),
        }
        asked.map_err(IceSourceError)
    }

    async fn ask(&self, whom: &OnBehalf) -> Result<IceServers, String> {
        let token = self.keys.sign(TURN_CREDENTIALS, whom, unix_now_s());
        let answer = self.client.post(self.url.clone()).bearer_auth(token).send().await;
        let answer = answer.map_err(|error| {
            let why = if error.is_timeout() { "it took too long" } else { "there is no connection" };
            format!("turn-credentials could not be asked: {why}")
        })?;
        if answer.status() != StatusCode::OK {
            return Err(format!("turn-credentials answered {}", answer.status().as_u16()));
        }
        let wrong = |what: &str| format!("turn-credentials gave a wrong answer: {what}");
        let body = body(answer).await.ok_or_else(|| wrong("it broke off, or is too long"))?;
        let answer: Answer = serde_json::from_slice(&body).map_err(|_| wrong("it is not the JSON that was to come"))?;
        answer.read().map_err(wrong)
    }
}

async fn body(mut answer: Response) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.ok()? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_BODY_BYTES {
            return None;
        }
    }
    Some(body)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    ice_servers: Vec<Server>,
    refresh_after: Option<u64>,
}

#[derive(Deserialize)]
struct Server {
    urls: Vec<String>,
    username: Option<String>,
    credential: Option<String>,
}

impl Answer {
    fn read(self) -> Result<IceServers, &'static str> {
        if self.ice_servers.iter().map(|server| server.urls.len()).sum::<usize>() > MAX_URLS {
            return Err("it has too many URLs");
        }
        let servers = self.ice_servers.into_iter().map(Server::read).collect::<Result<_, _>>()?;
        let refresh_after = self.refresh_after.map(|seconds| Duration::from_secs(seconds).max(LEAST_REFRESH));
        Ok(IceServers { servers, refresh_after })
    }
}

impl Server {
    fn read(self) -> Result<v1::IceServer, &'static str> {
        let Self { urls, username, credential } = self;
        if urls.is_empty() || urls.iter().any(|url| url.parse::<IceUri>().is_err()) {
            return Err("it has a server without a URL of STUN or TURN");
        }
        let is_long = |text: &Option<String>| text.as_ref().is_some_and(|text| text.len() > MAX_TEXT_BYTES);
        if is_long(&username) || is_long(&credential) {
            return Err("its credentials are too long");
        }
        Ok(v1::IceServer { urls, username, credential })
    }
}
