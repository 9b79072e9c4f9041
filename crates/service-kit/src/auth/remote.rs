//! Keys that are fetched from an issuer's URL.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::Mutex;

use super::{
    issuer::Issuer,
    jwks::{self, InvalidJwks},
    public_key::PublicKey,
};
use crate::fetch::{FetchError, FetchUrl, Fetcher};

/// How often an issuer is asked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Keys are fetched anew when they are so old: a key that the issuer took away is believed so long.
    pub(super) max_age: Duration,
    /// A token that names an unknown key has them fetched, but not so soon again: anybody can send such tokens.
    pub(super) pause: Duration,
    /// As `pause`, when the last attempt failed.
    pub(super) pause_after_failure: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            max_age: Duration::from_secs(10 * 60),
            pause: Duration::from_secs(30),
            pause_after_failure: Duration::from_secs(5),
        }
    }
}

/// The longest that a fetch may take, and with it a join with a key that is not known yet.
pub(super) const FETCH_TIMEOUT: Duration = Duration::from_secs(5);

/// The largest JWK set in bytes. Sixteen keys of RSA with their certificates are 30 KiB.
pub(super) const MAX_JWKS_BYTES: usize = 64 * 1024;

/// Where an issuer's keys are fetched from.
pub(super) struct Remote {
    url: FetchUrl,
    pace: Pace,
    fetcher: Arc<Fetcher>,
    /// Held while they are fetched: whoever waits for it finds that it was just done.
    last: Mutex<Option<Attempt>>,
}

#[derive(Debug, Clone, Copy)]
struct Attempt {
    at: Instant,
    failed: bool,
}

/// Why an issuer's keys are not to be had.
#[derive(Debug, thiserror::Error)]
enum Unfetched {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Invalid(#[from] InvalidJwks),
}

/// Why keys are fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Occasion {
    /// They are old.
    Age,
    /// A token names one that is not known.
    UnknownKey,
}

impl Remote {
    pub(super) fn new(url: FetchUrl, pace: Pace, fetcher: Arc<Fetcher>) -> Self {
        Self { url, pace, fetcher, last: Mutex::new(None) }
    }

    pub(super) fn url(&self) -> &FetchUrl {
        &self.url
    }

    /// `None`: it is too soon.
    async fn fetch(&self, occasion: Occasion) -> Option<Result<Vec<PublicKey>, Unfetched>> {
        let mut last = self.last.lock().await;
        let pause = match (occasion, *last) {
            (_, None) => Duration::ZERO,
            (_, Some(Attempt { failed: true, .. })) => self.pace.pause_after_failure,
            (Occasion::Age, Some(_)) => self.pace.max_age,
            (Occasion::UnknownKey, Some(_)) => self.pace.pause,
        };
        if last.is_some_and(|attempt| attempt.at.elapsed() < pause) {
            return None;
        }
        let fetched = match self.fetcher.get(&self.url).await {
            Ok(json) => jwks::parse(&json).map_err(Into::into),
            Err(error) => Err(error.into()),
        };
        *last = Some(Attempt { at: Instant::now(), failed: fetched.is_err() });
        Some(fetched)
    }
}

impl Issuer {
    /// Fetches the issuer's keys, if it has a URL and was not asked just now. Where that fails, the keys before stay.
    pub(super) async fn refresh(&self, occasion: Occasion) {
        let Some(remote) = &self.remote else { return };
        match remote.fetch(occasion).await {
            None => {}
            Some(Ok(keys)) => {
                let count = keys.len();
                if self.replace_keys(keys) {
                    tracing::info!(issuer = self.name, keys = count, "the keys of an issuer were fetched");
                }
            }
            Some(Err(error)) => {
                let keys = self.keys().len();
                tracing::warn!(issuer = self.name, url = %remote.url, %error, keys, "the keys of an issuer cannot be fetched: those before stay");
            }
        }
    }
}

#[cfg(test)]
#[path = "remote_tests.rs"]
mod tests;
