//! `POST /v1/ice-servers`.

use std::num::NonZeroU32;

use antiphon_ice_core::{
    UnixTime,
    credentials::{Secrets, verify},
};
use antiphon_service_kit::{auth::TokenGrants, clock::unix_now_s};
use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::json;

use crate::support::{ORIGIN, SECRET, TestService, coturn, file, request, urls};

#[tokio::test]
async fn a_participant_gets_servers_that_its_relay_takes() {
    let service = TestService::start();
    let before = unix_now_s();
    let answer = service.ask(&service.token("acme", "ada/1:é"), "").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers["cache-control"], "no-store");
    let servers = &answer.body["iceServers"];
    assert_eq!(servers[0], json!({ "urls": ["stun:turn.example"] }));
    assert_eq!(servers[1]["urls"], json!(["turn:turn.example?transport=udp", "turns:turn.example:443?transport=tcp"]));
    assert_eq!((answer.body["ttl"].as_u64(), answer.body["refreshAfter"].as_u64()), (Some(3_600), Some(3_000)));

    let (username, credential) = (servers[1]["username"].as_str(), servers[1]["credential"].as_str());
    let secrets = Secrets::parse(SECRET).expect("a secret");
    let username = username.expect("a username");
    let verified = verify(&secrets, username, credential.expect("a password"), UnixTime(unix_now_s()));
    let verified = verified.expect("the relay takes it");
    assert_eq!(verified.user_id, "acme/ada%2F1%3A%C3%A9");
    assert!((before + 3_600..=unix_now_s() + 3_600).contains(&verified.expires.0));
    assert_eq!(service.metric("antiphon_ice_credentials_total", "coturn"), 1.0);
}

#[tokio::test]
async fn a_lifetime_that_is_asked_for_is_kept_within_its_bounds() {
    let service = TestService::start();
    let token = service.token("acme", "ada");
    for (asked, ttl, refresh_after) in [(1, 60, 48), (600, 600, 480), (1_000_000_000, 43_200, 42_600)] {
        let answer = service.ask(&token, &json!({ "ttl": asked }).to_string()).await;
        let got = (answer.body["ttl"].as_u64(), answer.body["refreshAfter"].as_u64());
        assert_eq!(got, (Some(ttl), Some(refresh_after)), "{asked}");
    }
}

#[tokio::test]
async fn without_a_token_that_grants_it_there_are_no_servers() {
    let service = TestService::start();
    let nobody = service.send(request(Method::POST, "/v1/ice-servers", None, "")).await;
    assert_eq!((nobody.status, &nobody.body["code"]), (StatusCode::UNAUTHORIZED, &json!("unauthenticated")));
    assert_eq!(nobody.headers["content-type"], "application/problem+json");
    let wrong = service.ask("a.b.c", "").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let without_join = service.token_with("acme", "ada", TokenGrants::default());
    let answer = service.ask(&without_join, "").await;
    assert_eq!((answer.status, &answer.body["code"]), (StatusCode::FORBIDDEN, &json!("permission_denied")));
}

#[tokio::test]
async fn the_application_names_whom_they_are_for_and_nobody_else_does() {
    let service = TestService::start();
    let named = r#"{"identity":"bob"}"#;
    let answer = service.ask(&service.admin_token("acme"), named).await;
    let username = answer.body["iceServers"][1]["username"].as_str().expect("a username").to_owned();
    assert!(username.ends_with(":acme/bob"), "{username}");
    let refused = service.ask(&service.token("acme", "ada"), named).await;
    assert_eq!((refused.status, &refused.body["field"]), (StatusCode::FORBIDDEN, &json!("identity")));
    let own = service.ask(&service.token("acme", "bob"), named).await;
    assert_eq!(own.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_told() {
    let service = TestService::start();
    let token = service.token("acme", "ada");
    let long_region = json!({ "region": "r".repeat(65) }).to_string();
    for (body, status, code) in [
        ("{", 400, "malformed"),
        ("[]", 400, "invalid_argument"),
        (r#"{"ttl":"3600"}"#, 400, "invalid_argument"),
        (r#"{"ttl":-1}"#, 400, "invalid_argument"),
        (r#"{"ttl":1.5}"#, 400, "invalid_argument"),
        (r#"{"ttl":null}"#, 400, "invalid_argument"),
        (r#"{"region":null}"#, 400, "invalid_argument"),
        (r#"{"identity":null}"#, 400, "invalid_argument"),
        (r#"{"lifetime":1}"#, 400, "invalid_argument"),
        (r#"{"identity":""}"#, 400, "invalid_argument"),
        (&long_region, 400, "invalid_argument"),
        (&"x".repeat(5_000), 413, "too_large"),
    ] {
        let answer = service.ask(&token, body).await;
        assert_eq!((answer.status.as_u16(), &answer.body["code"]), (status, &json!(code)), "{body}");
    }
    let sound = json!({ "region": "é".repeat(64), "ttl": 600.0 }).to_string();
    assert_eq!(service.ask(&token, &sound).await.body["ttl"], 600, "to JSON it is a whole number");
    let get = service.send(request(Method::GET, "/v1/ice-servers", Some(&token), "")).await;
    assert_eq!(get.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(get.headers["allow"], "POST");
}

#[tokio::test]
async fn an_identity_that_hammers_is_told_when_to_come_back_and_others_are_served() {
    let service = TestService::start_with(|directory, config| {
        let secrets = file(directory, "secrets", SECRET);
        config.providers = vec![coturn(&secrets, &["turn:turn.example"]).parse().expect("a provider")];
        config.subject_credential_burst = NonZeroU32::MIN;
    });
    let ada = service.token("acme", "ada");
    assert_eq!(service.ask(&ada, "").await.status, StatusCode::OK);
    let refused = service.ask(&ada, "").await;
    assert_eq!((refused.status, &refused.body["code"]), (StatusCode::TOO_MANY_REQUESTS, &json!("rate_limited")));
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(service.ask(&service.token("acme", "bob"), "").await.status, StatusCode::OK);
    assert_eq!(service.ask(&service.token("globex", "ada"), "").await.status, StatusCode::OK);
    // A service speaks for many.
    for _ in 0..3 {
        assert_eq!(service.ask(&service.service_token("acme", "ada"), "").await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_service_asks_on_behalf_of_a_participant() {
    let service = TestService::start();
    let answer = service.ask(&service.service_token("globex", "carol"), "").await;
    let username = answer.body["iceServers"][1]["username"].as_str().expect("a username").to_owned();
    assert!(username.ends_with(":globex/carol"), "{username}");
    let mut token = service.service_token("globex", "carol");
    token.replace_range(token.len() - 4.., "AAAA");
    assert_eq!(service.ask(&token, "").await.status, StatusCode::UNAUTHORIZED);
    let revoke = request(Method::POST, "/v1/ice-servers/revoke", Some(&service.service_token("globex", "carol")), "{}");
    assert_eq!(service.send(revoke).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn pages_of_allowed_origins_may_ask() {
    let service = TestService::start();
    for (origin, allowed) in [(ORIGIN, Some(ORIGIN)), ("https://evil.example", None)] {
        let preflight = Request::builder()
            .method(Method::OPTIONS)
            .uri("/v1/ice-servers")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type")
            .body(Body::empty());
        let answer = service.send(preflight.expect("a request")).await;
        let got = answer.headers.get("access-control-allow-origin").map(|value| value.to_str().expect("ASCII"));
        assert_eq!(got, allowed);
    }
}

#[tokio::test]
async fn relays_of_the_client_s_region_come_first() {
    let service = TestService::start_with(|directory, config| {
        let secrets = file(directory, "secrets", SECRET);
        let relay = |name: &str| format!(r#"{{ uris = ["turn:{name}.example"], region = "{name}" }}"#);
        let (eu, us, secrets) = (relay("eu"), relay("us"), secrets.display());
        let table = format!(r#"{{ type = "coturn", secrets-file = "{secrets}", relays = [{eu}, {us}] }}"#);
        config.providers = vec![table.parse().expect("a provider")];
        config.ice_region = Some("us".to_owned());
    });
    let minted = service.mint("acme", "ada").await.expect("servers");
    assert_eq!(urls(&minted), ["turn:us.example", "turn:eu.example"]);
    let answer = service.ask(&service.token("acme", "ada"), r#"{"region":"eu"}"#).await;
    assert_eq!(answer.body["iceServers"][0]["urls"], json!(["turn:eu.example", "turn:us.example"]));
}

#[tokio::test]
async fn a_changed_secret_is_taken_up_without_a_restart() {
    let service = TestService::start();
    let new = Secrets::parse("the-new-secret-that-both-share").expect("a secret");
    file(&service.directory, "secrets", "the-new-secret-that-both-share\nthe-secret-that-both-share");
    service
        .until("minted by the new secret", async |service| {
            let minted = service.mint("acme", "ada").await.expect("servers");
            let server = &minted.servers[1];
            let (username, password) = (server.username.as_deref(), server.credential.as_deref());
            let (username, password) = (username.expect("a username"), password.expect("a password"));
            verify(&new, username, password, UnixTime(unix_now_s())).is_ok()
        })
        .await;
}

#[tokio::test]
async fn without_a_provider_that_works_a_client_is_told_to_come_back() {
    let service = TestService::start_with(|_, _| {});
    let answer = service.ask(&service.token("acme", "ada"), "").await;
    assert_eq!((answer.status, &answer.body["code"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("unavailable")));
    assert_eq!(answer.headers["retry-after"], "5");
    assert_eq!(service.metric("antiphon_ice_requests_total", "503"), 1.0);
}
