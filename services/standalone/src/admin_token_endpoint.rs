//! `POST /dev/admin-token`: a token that grants `admin`, for the page at `/admin`. Only the development server has it, and
//! gives it only to browsers of its own machine.

use std::{collections::BTreeMap, net::IpAddr};

use antiphon_protocol::{ErrorCode, Identity};
use antiphon_service_kit::{
    auth::{KeyRing, NewToken, TokenGrants},
    clock::unix_now_s,
    problem::Problem,
    serve::PeerAddr,
};
use axum::{
    Extension, Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, StatusCode, Uri, header, uri::Authority};

const LIFETIME_S: u64 = 60 * 60;

/// Written by proxies: the connection is theirs, and says nothing of who asks.
const FORWARDING_HEADERS: [&str; 4] = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

/// Signs with the ring's first key.
pub(crate) fn router(keys: KeyRing) -> Router {
    Router::new().route("/dev/admin-token", get(offer_admin_token).post(create_admin_token)).with_state(keys)
}

/// Tells the page whether there is a token for whoever asks.
async fn offer_admin_token(
    Extension(PeerAddr(peer)): Extension<PeerAddr>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    refuse_others(peer.ip(), &uri, &headers)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn create_admin_token(
    State(keys): State<KeyRing>,
    Extension(PeerAddr(peer)): Extension<PeerAddr>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    refuse_others(peer.ip(), &uri, &headers)?;
    let token = sign(&keys).ok_or_else(|| Problem::new(ErrorCode::Unavailable, "this server has no API key"))?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(serde_json::json!({ "token": token }))).into_response())
}

fn sign(keys: &KeyRing) -> Option<String> {
    let token = NewToken {
        identity: "admin".parse::<Identity>().ok()?,
        name: None,
        metadata: None,
        attributes: BTreeMap::new(),
        grants: TokenGrants { admin: true, ..TokenGrants::default() },
        issued_at_s: unix_now_s(),
        lifetime_s: LIFETIME_S,
    };
    keys.key_ids().first().and_then(|id| keys.sign(id, &token))
}

/// A page of elsewhere is kept out thrice: the connection comes from this machine, and not from a proxy on it, and the name that
/// the browser knows this server by is this machine's own. Without the last, a foreign name that is made to lead here (DNS
/// rebinding) would count as this server's own page.
fn refuse_others(peer: IpAddr, uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
    let is_near = peer.to_canonical().is_loopback()
        && !FORWARDING_HEADERS.iter().any(|name| headers.contains_key(*name))
        && asked_host(uri, headers).is_some_and(|host| is_own_name(&host));
    if is_near {
        return Ok(());
    }
    Err(Problem::new(
        ErrorCode::NotFound,
        "only a browser on the server's own machine, at localhost, gets a token here",
    ))
}

/// The host of HTTP/2's `:authority`, or of the header `Host`.
fn asked_host(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let authority = match uri.authority() {
        Some(authority) => authority.clone(),
        None => headers.get(header::HOST)?.to_str().ok()?.parse::<Authority>().ok()?,
    };
    Some(authority.host().to_ascii_lowercase())
}

/// `localhost`, names below it (RFC 6761 §6.3), and loopback addresses.
fn is_own_name(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.ends_with(".localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(peer: &str, host: &str, extra: &[(&'static str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().expect("a header"));
        for (name, value) in extra {
            headers.insert(*name, value.parse().expect("a header"));
        }
        refuse_others(peer.parse().expect("an address"), &Uri::from_static("/dev/admin-token"), &headers).is_err()
    }

    #[test]
    fn browsers_of_this_machine_get_one() {
        for host in ["localhost:7880", "LOCALHOST", "127.0.0.1:7880", "[::1]:7880", "calls.localhost"] {
            assert!(!is_refused("127.0.0.1", host, &[]), "{host}");
        }
        assert!(!is_refused("::1", "localhost", &[]));
        assert!(!is_refused("::ffff:127.0.0.1", "localhost", &[]));
    }

    #[test]
    fn other_machines_proxies_and_foreign_names_do_not() {
        assert!(is_refused("192.0.2.7", "localhost", &[]), "another machine");
        for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "192.0.2.7:7880", ""] {
            assert!(is_refused("127.0.0.1", host, &[]), "{host}");
        }
        for name in FORWARDING_HEADERS {
            assert!(is_refused("127.0.0.1", "localhost", &[(name, "192.0.2.7")]), "{name}");
        }
    }

    #[test]
    fn the_authority_of_http_2_counts() {
        let uri = Uri::from_static("http://evil.example/dev/admin-token");
        assert!(refuse_others(IpAddr::from([127, 0, 0, 1]), &uri, &HeaderMap::new()).is_err());
        let uri = Uri::from_static("http://localhost:7880/dev/admin-token");
        assert!(refuse_others(IpAddr::from([127, 0, 0, 1]), &uri, &HeaderMap::new()).is_ok());
    }
}
