//! Who gives ICE servers.

mod cloudflare;
mod http_api;
mod list;
mod relays;
mod twilio;
mod wire;

use std::{path::PathBuf, sync::Arc, time::Duration};

use antiphon_ice_core::{UnixTime, selection::Relay, uri::IceUri, user_id::UserId};
use antiphon_protocol::{Identity, TenantId, v1};

use crate::{
    config::{ProviderConfig, ProviderKind},
    secret_file::{SecretFileError, SecretText, SharedSecrets},
};

pub(crate) use cloudflare::Cloudflare;
pub(crate) use list::List;
pub(crate) use relays::{LiveRelays, Relays};
pub(crate) use twilio::Twilio;

/// What a provider is asked for.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    pub(crate) tenant: TenantId,
    pub(crate) identity: Identity,
    pub(crate) ttl: Duration,
    pub(crate) region: Option<Arc<str>>,
    pub(crate) now: UnixTime,
}

impl Wish {
    fn user_id(&self) -> UserId {
        UserId::new(&self.tenant, &self.identity)
    }
}

/// What a provider gave: four URLs at most, and until when they are good; `None`: for ever.
#[derive(Clone, PartialEq)]
pub(crate) struct Given {
    pub(crate) servers: Vec<v1::IceServer>,
    pub(crate) expires: Option<UnixTime>,
}

/// Why a provider gave nothing. The texts have no secrets and no addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ProviderError {
    #[error("none of its relays is healthy")]
    NoneHealthy,
    #[error("could not be reached: {0}")]
    Unreachable(&'static str),
    #[error("it does not take our credentials: it answered {0}")]
    Unauthorized(u16),
    #[error("it takes no more requests now: it answered {0}")]
    RateLimited(u16),
    #[error("it answered {0}")]
    Status(u16),
    #[error("its answer is wrong: {0}")]
    Answer(&'static str),
    #[error("it took too long")]
    TimedOut,
    #[error("too many requests to it are under way")]
    Busy,
    #[error("it gives nothing for so long")]
    TooLong,
}

impl ProviderError {
    /// Says nothing of whether the provider works: none was asked, or its relays are probed by themselves.
    pub(crate) fn is_no_failure(&self) -> bool {
        match self {
            Self::NoneHealthy | Self::Busy | Self::TooLong => true,
            Self::Unreachable(_)
            | Self::Unauthorized(_)
            | Self::RateLimited(_)
            | Self::Status(_)
            | Self::Answer(_)
            | Self::TimedOut => false,
        }
    }

    /// Its name as a metric's label.
    pub(crate) fn as_str(&self) -> &'static str {
        match self {
            Self::NoneHealthy => "none_healthy",
            Self::Unreachable(_) => "unreachable",
            Self::Unauthorized(_) => "unauthorized",
            Self::RateLimited(_) => "rate_limited",
            Self::Status(_) => "status",
            Self::Answer(_) => "wrong_answer",
            Self::TimedOut => "timed_out",
            Self::Busy => "busy",
            Self::TooLong => "too_long",
        }
    }
}

/// A provider that is ready. Those that compute answer at once, those of the network take their time.
pub(crate) enum Provider {
    Relays(Relays),
    List(List),
    Twilio(Arc<Twilio>),
    Cloudflare(Arc<Cloudflare>),
}

/// A file that a provider reads again when it changes.
pub(crate) enum Followed {
    Secrets(SharedSecrets),
    Text(SecretText),
}

impl Provider {
    /// Where its relays are, as far as that is known.
    pub(crate) fn regions(&self) -> Vec<Arc<str>> {
        match self {
            Self::Relays(relays) => {
                relays.live().all().iter().filter_map(|relay| relay.region.as_deref()).map(Into::into).collect()
            }
            Self::List(_) | Self::Twilio(_) | Self::Cloudflare(_) => Vec::new(),
        }
    }

    /// Reads what the provider needs.
    pub(crate) fn build(config: &ProviderConfig) -> anyhow::Result<(Self, Option<Followed>)> {
        Ok(match &config.kind {
            ProviderKind::Coturn(coturn) => {
                let secrets = SharedSecrets::load(coturn.secrets_file.clone())?;
                let provider = Relays::new(secrets.handle(), coturn.relays.clone());
                (Self::Relays(provider), Some(Followed::Secrets(secrets)))
            }
            ProviderKind::Static(list) => (Self::List(List::new(list)), None),
            ProviderKind::Twilio(twilio) => {
                let secret = text(&twilio.secret_file)?;
                (Self::Twilio(Arc::new(Twilio::new(twilio, secret.clone())?)), Some(Followed::Text(secret)))
            }
            ProviderKind::Cloudflare(cloudflare) => {
                let token = text(&cloudflare.token_file)?;
                (Self::Cloudflare(Arc::new(Cloudflare::new(cloudflare, token.clone())?)), Some(Followed::Text(token)))
            }
        })
    }
}

fn text(path: &std::path::Path) -> Result<SecretText, SecretFileError> {
    SecretText::load(PathBuf::from(path))
}

/// The servers of one provider's URIs: STUN without credentials, TURN with them.
fn servers<'a>(uris: impl IntoIterator<Item = &'a IceUri>, username: &str, credential: &str) -> Vec<v1::IceServer> {
    let (turn, stun): (Vec<_>, Vec<_>) = uris.into_iter().partition(|uri| uri.scheme.is_turn());
    let texts = |uris: Vec<&IceUri>| uris.into_iter().map(ToString::to_string).collect::<Vec<_>>();
    let stun = (!stun.is_empty()).then(|| v1::IceServer { urls: texts(stun), username: None, credential: None });
    let (username, credential) = (Some(username.to_owned()), Some(credential.to_owned()));
    let turn = (!turn.is_empty()).then(|| v1::IceServer { urls: texts(turn), username, credential });
    stun.into_iter().chain(turn).collect()
}

/// A relay of these URIs, to choose among them as among those of our own relays.
fn one_relay(uris: Vec<IceUri>) -> Relay {
    Relay { uris, region: None, priority: 0, weight: 1 }
}
