//! `RTCIceServer` as providers send it.

use antiphon_ice_core::{
    selection::select,
    uri::{IceUri, Scheme},
};
use antiphon_protocol::v1;
use serde::Deserialize;

use super::{ProviderError, one_relay, servers};

/// What a provider's answer may hold at most.
const MAX_SERVERS: usize = 64;

/// Bytes of a username (RFC 8489 §14.3), and what a password may have.
const MAX_TEXT_BYTES: usize = 509;

/// One server.
#[derive(Deserialize)]
pub(super) struct WireServer {
    urls: OneOrMany,
    username: Option<String>,
    credential: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl WireServer {
    fn urls(&self) -> &[String] {
        match &self.urls {
            OneOrMany::One(url) => std::slice::from_ref(url),
            OneOrMany::Many(urls) => urls,
        }
    }
}

/// Four URLs at most of a provider's list: one for STUN, one for each transport of TURN. Those that no browser dials are left out,
/// and those that `drop` names. The servers with TURN must have one username and credential, which is theirs.
pub(super) fn choose(list: &[WireServer], drop: impl Fn(&IceUri) -> bool) -> Result<Vec<v1::IceServer>, ProviderError> {
    if list.len() > MAX_SERVERS {
        return Err(ProviderError::Answer("it has too many servers"));
    }
    let mut uris = Vec::new();
    let mut shared: Option<(&str, &str)> = None;
    for server in list {
        for uri in server.urls().iter().filter_map(|url| url.parse::<IceUri>().ok()) {
            if drop(&uri) || !uri.is_dialled_by_browsers() || uri.scheme == Scheme::Stuns {
                continue;
            }
            if uri.scheme.is_turn() {
                let (Some(username), Some(credential)) = (&server.username, &server.credential) else {
                    return Err(ProviderError::Answer("a TURN server has no username or credential"));
                };
                let own = (username.as_str(), credential.as_str());
                if *shared.get_or_insert(own) != own {
                    return Err(ProviderError::Answer("its TURN servers have different credentials"));
                }
            }
            uris.push(uri);
        }
    }
    let (username, credential) = shared.ok_or(ProviderError::Answer("it has no TURN server that a browser dials"))?;
    let fits = |text: &str| (1..=MAX_TEXT_BYTES).contains(&text.len()) && !text.chars().any(char::is_control);
    if !fits(username) || !fits(credential) {
        return Err(ProviderError::Answer("its username or credential is empty or too long"));
    }
    let relays = [one_relay(uris)];
    let chosen = select(&relays, None, |_| true, |_| 0);
    Ok(servers(chosen.into_iter().flat_map(|(_, uris)| uris), username, credential))
}
