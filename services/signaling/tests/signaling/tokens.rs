//! Who may connect, with what token, and for how long.

use antiphon_protocol::{Format, v1::left};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::http::{HeaderValue, header};

use crate::support::{
    ACME, Came, GLOBEX, Key, Socket, TestServer, claims, now_s, only, request, signed, tcp, token, unsigned, until,
};

fn ada() -> Value {
    claims(ACME, "ada", "rehearsal", &json!({}))
}

fn with(changes: Value) -> Value {
    let mut claims = ada();
    for (claim, value) in changes.as_object().expect("an object") {
        claims[claim] = value.clone();
    }
    claims
}

#[tokio::test]
async fn a_token_that_is_not_good_is_answered_by_its_code_and_closed() {
    let server = TestServer::start();
    let stranger = Key { id: "nobody", ..ACME };
    let forger = Key { secret: GLOBEX.secret, ..ACME };
    let now = now_s();
    let cases = [
        ("expired", signed(ACME, &with(json!({ "iat": now - 100, "exp": now - 11 }))), "token_expired", 4001),
        ("alg none", unsigned(&ada()), "unauthenticated", 4001),
        ("another audience", signed(ACME, &with(json!({ "aud": "other" }))), "unauthenticated", 4001),
        ("no audience", signed(ACME, &with(json!({ "aud": null }))), "unauthenticated", 4001),
        ("another's secret", signed(forger, &ada()), "unauthenticated", 4001),
        ("unknown key", signed(stranger, &with(json!({ "iss": "nobody" }))), "unauthenticated", 4001),
        ("not yet", signed(ACME, &with(json!({ "nbf": now + 60 }))), "unauthenticated", 4001),
        ("lives too long", signed(ACME, &with(json!({ "exp": now + 2 * 86_400 }))), "unauthenticated", 4001),
        ("no exp", signed(ACME, &with(json!({ "exp": null }))), "unauthenticated", 4001),
        ("no sub", signed(ACME, &with(json!({ "sub": "" }))), "unauthenticated", 4001),
        ("no join grant", token(ACME, "ada", "rehearsal", &json!({ "join": false })), "permission_denied", 4003),
        ("garbage", "garbage".to_owned(), "unauthenticated", 4001),
        ("huge", "x".repeat(9_000), "unauthenticated", 4001),
    ];
    for (name, token, code, close) in cases {
        // A browser is shown nothing of a refused upgrade: the answer comes on the socket, and before the first frame.
        let mut socket = server.person("ada").with_token(token).connect().await;
        let (error, closed) = socket.refusal().await;
        assert_eq!((error.code.as_str(), closed), (code, close), "{name}: {}", error.message);
    }
    let rejected =
        server.person("ada").joining_as(antiphon_protocol::v1::Join { room: "other".to_owned(), ..Default::default() });
    let rejected = rejected.rejected().await;
    assert_eq!((rejected.code(), rejected.close), ("permission_denied", 4003), "another room than granted");
}

#[tokio::test]
async fn a_token_is_taken_up_to_its_leeway_and_not_beyond() {
    let server = TestServer::start();
    let expiring = |s: u64| signed(ACME, &with(json!({ "iat": now_s() - 100, "exp": now_s() - s })));
    // Whole seconds: one that is 9 s over is taken unless the clock ticks in between, which then makes it 10.
    server.person("ada").with_token(expiring(8)).join().await;
    let mut socket = server.person("ada").with_token(expiring(10)).connect().await;
    assert_eq!(socket.refusal().await.0.code, "token_expired");
}

#[tokio::test]
async fn a_connection_without_a_token_is_told_how_to_bring_one() {
    let server = TestServer::start();
    let stream = tcp(server.address).await;
    let mut socket = Socket::upgrade(stream, request(server.address, ""), Format::Json).await.expect("upgraded");
    let (error, close) = socket.refusal().await;
    assert_eq!((error.code.as_str(), close), ("unauthenticated", 4001));
    assert!(error.message.contains("Authorization"), "{}", error.message);
}

#[tokio::test]
async fn a_token_comes_in_the_header_a_subprotocol_or_the_query() {
    let server = TestServer::start();
    let token = server.person("ada").token();
    let header_name = |name: header::HeaderName, value: String| (name, HeaderValue::from_str(&value).expect("ASCII"));
    let cases = [
        (String::new(), header_name(header::AUTHORIZATION, format!("bearer {token}"))),
        (
            String::new(),
            header_name(header::SEC_WEBSOCKET_PROTOCOL, format!("antiphon.v1.json, antiphon.token.{token}")),
        ),
        (format!("?a=b&access_token={token}"), header_name(header::USER_AGENT, "a test".to_owned())),
    ];
    for (query, (name, value)) in cases {
        let mut request = request(server.address, &query);
        request.headers_mut().insert(name.clone(), value);
        let socket = Socket::upgrade(tcp(server.address).await, request, Format::Json).await;
        server.person("ada").join_on(socket.expect("upgraded")).await.unwrap_or_else(|why| panic!("{name}: {why:?}"));
    }
}

#[tokio::test]
async fn a_fresh_token_comes_before_the_old_one_expires_and_is_good() {
    let server = TestServer::start();
    let expires = now_s() + 4;
    // A tenth of the lifetime before its end: at once, or nearly so.
    let short = signed(ACME, &with(json!({ "iat": expires - 36, "exp": expires, "name": "Ada" })));
    let mut ada = server.person("ada").with_token(short).join().await;
    let fresh = ada.expect(only!(AccessToken)).await;
    assert!(now_s() < expires, "it comes before the old one expires");
    assert_eq!(fresh.expires_in, 36);
    let claims = server.keys.verify(&fresh.token, expires + 11).expect("valid beyond the first one's end");
    assert_eq!((claims.identity.as_str(), claims.name.as_deref()), ("ada", Some("Ada")));
    assert_eq!(claims.grants.room.expect("a room").as_str(), "rehearsal");

    let mut session = ada.cut().await;
    session.person = session.person.with_token(fresh.token);
    session.resume().await;
}

#[tokio::test]
async fn a_session_goes_on_past_its_first_token_and_ends_when_its_key_is_gone() {
    let server = TestServer::start();
    // Both have three seconds left, the leeway included.
    let ending = |key: Key, identity: &str| {
        let mut claims = claims(key, identity, "rehearsal", &json!({}));
        claims["iat"] = json!(now_s() - 100);
        claims["exp"] = json!(now_s() - 7);
        signed(key, &claims)
    };
    let kept = server.person("ada").of(ACME).with_token(ending(ACME, "ada"));
    let gone = server.person("bob").of(GLOBEX).with_token(ending(GLOBEX, "bob"));
    let (kept_socket, gone_socket) = (kept.connect().await, gone.connect().await);
    server.keep_keys(&[ACME]);
    let mut gone = gone.join_on(gone_socket).await.expect("verified when it connected");
    let mut kept = kept.join_on(kept_socket).await.expect("verified when it connected");
    kept.expect(only!(AccessToken)).await;

    let (left, code) = gone.closed().await;
    assert_eq!((left.expect("left").reason(), code), (left::Reason::TokenExpired, 4010));
    assert!(!gone.kinds().any(|kind| matches!(kind, antiphon_protocol::v1::server_frame::Kind::AccessToken(_))));
    // The first token of the other one has run out in the same second.
    kept.chat("still here").await;
    kept.expect_chat("still here").await;
    assert!(server.keys.verify(&kept.person.token(), now_s()).is_err());
}

#[tokio::test]
async fn a_key_that_comes_back_in_time_refreshes_the_token_after_all() {
    let server = TestServer::start();
    let expires = now_s() + 4;
    let short = signed(ACME, &with(json!({ "iat": expires - 36, "exp": expires })));
    let mut ada = server.person("ada").with_token(short).join().await;
    let usurper = Key { id: ACME.id, ..GLOBEX };
    server.keep_keys(&[usurper]);
    until("an attempt", || server.metric("token_refreshes_total", &[("outcome", "key_gone")]) >= 1.0).await;
    server.keep_keys(&[ACME]);
    let fresh = ada.expect(only!(AccessToken)).await;
    assert_eq!(server.keys.verify(&fresh.token, now_s()).expect("valid").tenant.as_str(), ACME.tenant);
    assert_eq!(server.metric("token_refreshes_total", &[("outcome", "ok")]), 1.0);
}

#[tokio::test]
async fn a_page_of_another_origin_is_denied() {
    let server =
        TestServer::start_with(|setup| setup.signaling.allowed_origins = vec!["https://app.example".to_owned()]);
    let own = format!("http://{}", server.address);
    for (origin, allowed) in
        [("https://app.example", true), (own.as_str(), true), ("https://evil.example", false), ("null", false)]
    {
        let mut request = request(server.address, &format!("?access_token={}", server.person("ada").token()));
        request.headers_mut().insert(header::ORIGIN, HeaderValue::from_str(origin).expect("ASCII"));
        match Socket::upgrade(tcp(server.address).await, request, Format::Json).await {
            Ok(socket) => {
                assert!(allowed, "{origin}");
                server.person("ada").join_on(socket).await.expect("let in");
            }
            Err(tokio_tungstenite::tungstenite::Error::Http(response)) => {
                assert!(!allowed, "{origin}");
                assert_eq!(response.status(), 403);
                assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
            }
            Err(other) => panic!("{origin}: {other}"),
        }
    }
    assert_eq!(server.metric("refused_connections_total", &[("reason", "origin")]), 2.0);
}

#[tokio::test]
async fn a_problem_over_http_is_told_as_one() {
    let server = TestServer::start();
    let denied = server
        .http(
            "GET /v1/connect HTTP/1.1\r\norigin: https://evil.example\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nconnection: upgrade",
        )
        .await;
    assert!(denied.starts_with("HTTP/1.1 403 ") && denied.contains(r#""code":"origin_denied""#), "{denied}");
    let plain = server.http("GET /v1/connect HTTP/1.1").await;
    assert!(plain.starts_with("HTTP/1.1 426 ") && plain.contains("problem+json"), "{plain}");
    let mut socket = server.person("ada").connect().await;
    socket.send(0, "", antiphon_protocol::v1::client_frame::Kind::Join(Default::default())).await;
    assert!(matches!(socket.came().await, Came::Frame(_)));
}
