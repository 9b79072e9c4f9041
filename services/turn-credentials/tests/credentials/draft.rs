//! `/turn?service=turn`: draft-uberti-behave-turn-rest-00.

use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::json;

use crate::support::{TestService, request};

#[tokio::test]
async fn the_draft_s_four_fields_are_answered() {
    let service = TestService::start();
    let token = service.token("acme", "ada");
    for request in [
        request(Method::GET, &format!("/turn?service=turn&username=ada&key={token}"), None, ""),
        request(Method::GET, "/turn?service=turn", Some(&token), ""),
        request(Method::POST, &format!("/turn?service=turn&key={token}"), None, ""),
    ] {
        let answer = service.send(request).await;
        assert_eq!(answer.status, StatusCode::OK);
        let keys: Vec<_> = answer.body.as_object().expect("an object").keys().cloned().collect();
        assert_eq!(keys, ["password", "ttl", "uris", "username"]);
        assert_eq!(answer.body["ttl"], 3_600);
        let uris = ["stun:turn.example", "turn:turn.example?transport=udp", "turns:turn.example:443?transport=tcp"];
        assert_eq!(answer.body["uris"], json!(uris));
        assert!(answer.body["username"].as_str().expect("a username").ends_with(":acme/ada"));
    }
}

#[tokio::test]
async fn a_key_in_the_body_stays_out_of_the_url() {
    let service = TestService::start();
    let form = |kind: &str, body: String| {
        let request = Request::builder().method(Method::POST).uri("/turn").header("content-type", kind);
        request.body(Body::from(body)).expect("a request")
    };
    let body = format!("service=turn&key={}&username=ada%2F1", service.token("acme", "ada/1"));
    let answer = service.send(form("application/x-www-form-urlencoded; charset=UTF-8", body.clone())).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.body["username"].as_str().expect("a username").ends_with(":acme/ada%2F1"));
    assert_eq!(service.send(form("application/json", body)).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_is_in_the_body_wins_over_the_url() {
    let service = TestService::start();
    let request = Request::builder()
        .method(Method::POST)
        .uri("/turn?service=turn&username=bob")
        .header("content-type", "application/x-www-form-urlencoded");
    let body = format!("key={}&username=ada", service.admin_token("acme"));
    let answer = service.send(request.body(Body::from(body)).expect("a request")).await;
    assert!(answer.body["username"].as_str().expect("a username").ends_with(":acme/ada"));
}

#[tokio::test]
async fn uris_are_told_with_the_username_that_is_good_for_them() {
    let service = TestService::start_with(|_, config| {
        let server = |host: &str| format!(r#"{{ urls = ["turn:{host}"], username = "{host}", credential = "p" }}"#);
        let (one, other) = (server("one.example"), server("other.example"));
        let list = format!(r#"{{ type = "static", servers = [{{ urls = ["stun:stun.example"] }}, {one}, {other}] }}"#);
        config.providers = vec![list.parse().expect("a provider")];
    });
    let answer =
        service.send(request(Method::GET, "/turn?service=turn", Some(&service.token("acme", "ada")), "")).await;
    assert_eq!(answer.body["username"], "one.example");
    assert_eq!(answer.body["uris"], json!(["stun:stun.example", "turn:one.example"]));
}

#[tokio::test]
async fn what_is_wrong_is_told() {
    let service = TestService::start();
    let token = service.token("acme", "ada");
    for (query, status, field) in [
        (format!("key={token}"), 400, "service"),
        (format!("service=sip&key={token}"), 400, "service"),
        (format!("service=turn&username=a%00b&key={token}"), 400, "username"),
        (format!("service=turn&username=bob&key={token}"), 403, "identity"),
        ("service=turn&key=nonsense".to_owned(), 401, ""),
        ("service=turn".to_owned(), 401, ""),
    ] {
        let answer = service.send(request(Method::GET, &format!("/turn?{query}"), None, "")).await;
        assert_eq!(answer.status.as_u16(), status, "{query}");
        assert_eq!(answer.body["field"].as_str().unwrap_or_default(), field, "{query}");
    }
    let admin = service.admin_token("acme");
    let answer = service.send(request(Method::GET, "/turn?service=turn&username=bob", Some(&admin), "")).await;
    assert!(answer.body["username"].as_str().expect("a username").ends_with(":acme/bob"));
}
