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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn chosen(list: serde_json::Value) -> Result<Vec<v1::IceServer>, ProviderError> {
        let list: Vec<WireServer> = serde_json::from_value(list).expect("servers");
        choose(&list, |_| false)
    }

    fn turn(host: &str, username: &str, credential: &str) -> serde_json::Value {
        json!({ "urls": format!("turn:{host}"), "username": username, "credential": credential })
    }

    #[test]
    fn servers_of_two_credentials_are_refused_and_those_of_one_are_one() {
        let one = chosen(json!([turn("a.example", "u", "p"), turn("b.example?transport=tcp", "u", "p")]));
        assert_eq!(one.expect("servers")[0].urls, ["turn:a.example", "turn:b.example?transport=tcp"]);
        for (username, credential) in [("u", "other"), ("other", "p")] {
            let two = json!([turn("a.example", "u", "p"), turn("b.example", username, credential)]);
            assert_eq!(chosen(two), Err(ProviderError::Answer("its TURN servers have different credentials")));
        }
    }

    #[test]
    fn a_username_or_credential_that_cannot_be_is_refused() {
        let (longest, longer) = ("x".repeat(MAX_TEXT_BYTES), "x".repeat(MAX_TEXT_BYTES + 1));
        chosen(json!([turn("a.example", &longest, &longest)])).expect("servers");
        for wrong in ["", longer.as_str(), "a\nb"] {
            for list in [json!([turn("a.example", wrong, "p")]), json!([turn("a.example", "u", wrong)])] {
                assert!(chosen(list).is_err(), "{wrong:?}");
            }
        }
    }
}
