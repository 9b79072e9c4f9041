//! Twilio's Network Traversal Service: tokens that several clients of a tenant and region share.
//!
//! The API is slow and limits its callers, and it cannot revoke; a token is paid for by what is relayed, not by its number. So a token
//! is fetched with `share-for` more than what was asked for, and handed out as long as what is left of it is as long as asked for.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use antiphon_ice_core::UnixTime;
use antiphon_protocol::{TenantId, v1};
use http::StatusCode;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use tokio::sync::watch;

use super::{
    Given, ProviderError, Wish,
    http_api::{HttpApi, read},
    wire::{WireServer, choose},
};
use crate::{config::TwilioConfig, secret_file::SecretText};

/// The longest that Twilio gives.
const LONGEST: Duration = Duration::from_secs(86_400);

/// Tenants and regions whose token is kept. Beyond it those that have expired go, then any: it is fetched again.
const MAX_TOKENS: usize = 10_000;

/// Requests of others that one waits for, where each turns out to have asked for less.
const MAX_WAITS: usize = 3;

const GIVEN_UP: ProviderError = ProviderError::Unreachable("it was given up");

type Key = (TenantId, Option<Arc<str>>);
type Fetched = Option<Result<Token, ProviderError>>;

/// Gives tokens.
pub(crate) struct Twilio {
    api: HttpApi,
    account_sid: String,
    key_sid: String,
    secret: SecretText,
    share_for: Duration,
    tokens: Mutex<HashMap<Key, Slot>>,
}

/// One tenant and region's token, and the request for the next one.
#[derive(Default)]
struct Slot {
    token: Option<Token>,
    fetching: Option<watch::Receiver<Fetched>>,
}

#[derive(Clone)]
struct Token {
    servers: Vec<v1::IceServer>,
    expires: UnixTime,
}

impl Token {
    fn serves(&self, wish: &Wish) -> bool {
        self.expires.since(wish.now) >= wish.ttl
    }
}

impl From<Token> for Given {
    fn from(Token { servers, expires }: Token) -> Self {
        Self { servers, expires: Some(expires) }
    }
}

#[derive(Deserialize)]
struct Answer {
    username: String,
    password: String,
    /// A number in a string.
    ttl: String,
    ice_servers: Vec<WireServer>,
}

impl Twilio {
    pub(super) fn new(config: &TwilioConfig, secret: SecretText) -> anyhow::Result<Self> {
        Ok(Self {
            api: HttpApi::new(&config.url)?,
            account_sid: config.account_sid.clone(),
            key_sid: config.key_sid.clone().unwrap_or_else(|| config.account_sid.clone()),
            secret,
            share_for: config.share_for,
            tokens: Mutex::default(),
        })
    }

    /// A token that is good for as long as is wished for. One request at a time asks Twilio for a tenant and region; the others wait for
    /// it, and who waits no longer does not stop it.
    pub(crate) async fn give(self: Arc<Self>, wish: &Wish) -> Result<Given, ProviderError> {
        if wish.ttl > LONGEST {
            return Err(ProviderError::TooLong);
        }
        for _ in 0..MAX_WAITS {
            let mut fetching = match self.look_up(wish) {
                Ok(given) => return Ok(given),
                Err(fetching) => fetching,
            };
            let fetched = fetching.wait_for(Option::is_some).await.map_err(|_| GIVEN_UP)?.clone();
            match fetched.unwrap_or(Err(GIVEN_UP)) {
                Ok(token) if token.serves(wish) => return Ok(token.into()),
                // It was asked for by somebody who wanted less.
                Ok(_) => {}
                Err(error) => return Err(error),
            }
        }
        Err(ProviderError::Busy)
    }

    /// The token that is there, or the request that is under way for one.
    fn look_up(self: &Arc<Self>, wish: &Wish) -> Result<Given, watch::Receiver<Fetched>> {
        let mut tokens = self.tokens();
        let slot = slot(&mut tokens, (wish.tenant.clone(), wish.region.clone()), wish.now);
        if let Some(token) = slot.token.as_ref().filter(|token| token.serves(wish)) {
            return Ok(token.clone().into());
        }
        // One that was dropped without an answer is none.
        let under_way = slot.fetching.clone().filter(|fetching| fetching.has_changed().is_ok());
        Err(under_way.unwrap_or_else(|| slot.fetching.insert(Arc::clone(self).begin(wish)).clone()))
    }

    fn begin(self: Arc<Self>, wish: &Wish) -> watch::Receiver<Fetched> {
        let (sender, receiver) = watch::channel(None);
        let wish = wish.clone();
        tokio::spawn(async move {
            let fetched = self.fetch(&wish).await;
            {
                let mut tokens = self.tokens();
                let slot = slot(&mut tokens, (wish.tenant.clone(), wish.region.clone()), wish.now);
                slot.fetching = None;
                if let Ok(token) = &fetched {
                    slot.token = Some(token.clone());
                }
            }
            // Nobody may be waiting any more.
            let _ = sender.send(Some(fetched));
        });
        receiver
    }

    async fn fetch(&self, wish: &Wish) -> Result<Token, ProviderError> {
        let ttl = wish.ttl.saturating_add(self.share_for).min(LONGEST);
        let path = ["2010-04-01", "Accounts", self.account_sid.as_str(), "Tokens.json"];
        let request = self
            .api
            .post(&path)
            .basic_auth(&self.key_sid, Some(self.secret.current().expose_secret()))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("Ttl={}", ttl.as_secs()));
        let answer: Answer = read(&self.api.send(request).await?, StatusCode::CREATED)?;
        let given: u64 = answer.ttl.parse().map_err(|_| ProviderError::Answer("its ttl is no number"))?;
        let servers = choose(&answer.ice_servers, |_| false)?;
        let is_whose = |server: &v1::IceServer| {
            server.username.as_ref().is_none_or(|username| *username == answer.username)
                && server.credential.as_ref().is_none_or(|credential| *credential == answer.password)
        };
        if !servers.iter().all(is_whose) {
            return Err(ProviderError::Answer("its servers are not of its token"));
        }
        let token = Token { servers, expires: wish.now.plus(Duration::from_secs(given).min(ttl)) };
        if token.serves(wish) { Ok(token) } else { Err(ProviderError::Answer("its token is shorter than asked for")) }
    }

    fn tokens(&self) -> MutexGuard<'_, HashMap<Key, Slot>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn slot(tokens: &mut HashMap<Key, Slot>, key: Key, now: UnixTime) -> &mut Slot {
    if tokens.len() >= MAX_TOKENS && !tokens.contains_key(&key) {
        tokens
            .retain(|_, slot| slot.fetching.is_some() || slot.token.as_ref().is_some_and(|token| token.expires > now));
        if tokens.len() >= MAX_TOKENS {
            tokens.clear();
        }
    }
    tokens.entry(key).or_default()
}
