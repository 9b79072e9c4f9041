//! Cloudflare Realtime TURN: credentials for each client, at most two days long, and revocable.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use antiphon_ice_core::UnixTime;
use antiphon_protocol::{Identity, TenantId};
use http::StatusCode;
use secrecy::ExposeSecret as _;
use serde::Deserialize;

use super::{
    Given, ProviderError, Wish,
    http_api::{HttpApi, read, refusal},
    wire::{WireServer, choose},
};
use crate::{config::CloudflareConfig, secret_file::SecretText};

/// The longest that Cloudflare gives.
const LONGEST: Duration = Duration::from_secs(2 * 86_400);

/// Browsers block it, and it is slow to fail where it is filtered.
const DNS_PORT: u16 = 53;

/// Credentials that can be revoked, in all. The oldest are forgotten beyond it: they expire by themselves.
const REMEMBERED: usize = 100_000;

/// Mints by its API.
pub(crate) struct Cloudflare {
    api: HttpApi,
    key_id: String,
    token: SecretText,
    minted: Mutex<Remembered>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    ice_servers: OneOrMany,
}

/// The API gave one object before it gave a list.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    Many(Vec<WireServer>),
    One(WireServer),
}

impl Cloudflare {
    pub(super) fn new(config: &CloudflareConfig, token: SecretText) -> anyhow::Result<Self> {
        let (key_id, api) = (config.key_id.clone(), HttpApi::new(&config.url)?);
        Ok(Self { api, key_id, token, minted: Mutex::default() })
    }

    pub(crate) async fn give(&self, wish: &Wish) -> Result<Given, ProviderError> {
        if wish.ttl > LONGEST {
            return Err(ProviderError::TooLong);
        }
        let body = serde_json::json!({ "ttl": wish.ttl.as_secs() }).to_string();
        let request = self.post(&["generate-ice-servers"]).header("content-type", "application/json").body(body);
        let answer: Answer = read(&self.api.send(request).await?, StatusCode::CREATED)?;
        let list = match answer.ice_servers {
            OneOrMany::Many(list) => list,
            OneOrMany::One(server) => vec![server],
        };
        let servers = choose(&list, |uri| uri.port() == DNS_PORT)?;
        let expires = wish.now.plus(wish.ttl);
        if let Some(username) = servers.iter().find_map(|server| server.username.clone()) {
            self.minted().remember((wish.tenant.clone(), wish.identity.clone()), username, expires);
        }
        Ok(Given { servers, expires: Some(expires) })
    }

    /// Ends the credentials of this identity that have not expired. Gives how many.
    pub(crate) async fn revoke(
        &self,
        tenant: &TenantId,
        identity: &Identity,
        now: UnixTime,
    ) -> Result<u32, ProviderError> {
        let whom = (tenant.clone(), identity.clone());
        let mut revoked = 0;
        loop {
            // Each is forgotten when it is revoked, so that a request that fails midway can be sent again.
            let Some(username) = self.minted().of(&whom, now) else { return Ok(revoked) };
            let (status, _) = self.api.send(self.post(&[&username, "revoke"])).await?;
            // One that it no longer knows is no longer good.
            if status != StatusCode::NO_CONTENT && status != StatusCode::NOT_FOUND {
                return Err(refusal(status));
            }
            self.minted().forget(&whom, &username);
            revoked += 1;
        }
    }

    fn post(&self, end: &[&str]) -> reqwest::RequestBuilder {
        let path = ["v1", "turn", "keys", self.key_id.as_str(), "credentials"];
        self.api.post(&[&path, end].concat()).bearer_auth(self.token.current().expose_secret())
    }

    fn minted(&self) -> MutexGuard<'_, Remembered> {
        self.minted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Whom = (TenantId, Identity);

/// Whose credentials there are.
#[derive(Default)]
struct Remembered {
    usernames: HashMap<Whom, Vec<(String, UnixTime)>>,
    /// In the order in which they were minted; what was revoked since is still in it.
    order: VecDeque<(Whom, String)>,
}

impl Remembered {
    fn remember(&mut self, whom: Whom, username: String, expires: UnixTime) {
        if self.order.len() >= REMEMBERED
            && let Some((whom, username)) = self.order.pop_front()
        {
            self.forget(&whom, &username);
        }
        self.order.push_back((whom.clone(), username.clone()));
        self.usernames.entry(whom).or_default().push((username, expires));
    }

    /// One of them that is good at `now`.
    fn of(&mut self, whom: &Whom, now: UnixTime) -> Option<String> {
        let usernames = self.usernames.get_mut(whom)?;
        usernames.retain(|(_, expires)| *expires > now);
        usernames.first().map(|(username, _)| username.clone())
    }

    fn forget(&mut self, whom: &Whom, username: &str) {
        let Some(usernames) = self.usernames.get_mut(whom) else { return };
        usernames.retain(|(known, _)| known != username);
        if usernames.is_empty() {
            self.usernames.remove(whom);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whom(identity: usize) -> Whom {
        ("acme".parse().expect("a tenant"), format!("ada-{identity}").parse().expect("an identity"))
    }

    #[test]
    fn what_has_expired_is_not_revoked() {
        let mut remembered = Remembered::default();
        remembered.remember(whom(1), "first".to_owned(), UnixTime(100));
        remembered.remember(whom(1), "second".to_owned(), UnixTime(200));
        assert_eq!(remembered.of(&whom(1), UnixTime(99)).as_deref(), Some("first"));
        assert_eq!(remembered.of(&whom(1), UnixTime(100)).as_deref(), Some("second"));
        assert_eq!(remembered.of(&whom(1), UnixTime(200)), None);
    }

    #[test]
    fn the_oldest_are_forgotten_where_there_are_too_many() {
        let mut remembered = Remembered::default();
        for number in 0..=REMEMBERED {
            remembered.remember(whom(number), format!("user-{number}"), UnixTime(100));
        }
        assert_eq!((remembered.order.len(), remembered.usernames.len()), (REMEMBERED, REMEMBERED));
        assert_eq!(remembered.of(&whom(0), UnixTime(1)), None);
        assert!(remembered.of(&whom(1), UnixTime(1)).is_some());
    }
}
