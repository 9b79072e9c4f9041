//! Who may use the API.

use serde_json::json;

use crate::{
    application::admin_token,
    support::{ACME, GLOBEX, TestServer, claims, now_s, signed, token},
};

#[tokio::test]
async fn only_a_valid_token_that_grants_admin_is_let_through() {
    let server = TestServer::start();
    let rooms = server.ask("GET", "/v1/rooms");
    let anonymous = rooms.clone().without("authorization").send().await;
    assert_eq!(anonymous.refusal(), (401, "unauthenticated".to_owned()));
    assert_eq!(anonymous.header("www-authenticate"), Some("Bearer"));
    assert_eq!(rooms.clone().token("rubbish").send().await.refusal(), (401, "unauthenticated".to_owned()));

    let mut expired = claims(ACME, "backend", "any", &json!({ "admin": true }));
    expired["exp"] = (now_s() - 60).into();
    expired["iat"] = (now_s() - 120).into();
    let expired = rooms.clone().token(&signed(ACME, &expired)).send().await;
    assert_eq!(expired.refusal(), (401, "token_expired".to_owned()));

    let moderator = token(ACME, "mo", "rehearsal", &json!({ "moderate": true }));
    for path in ["/v1/rooms", "/v1/rooms/rehearsal"] {
        let refused = server.ask("GET", path).token(&moderator).send().await;
        assert_eq!(refused.refusal(), (403, "permission_denied".to_owned()), "{path}");
    }
    assert_eq!(rooms.send().await.status, 200);
}

#[tokio::test]
async fn a_tenant_beyond_its_rate_waits_and_others_do_not() {
    let server = TestServer::start_with(|setup| {
        setup.signaling.tenant_request_rate = 1.try_into().expect("not zero");
    });
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(server.get("/v1/rooms").await);
    }
    assert_eq!((answers[0].status, answers[1].status), (200, 200), "a burst of twice the rate");
    let refused = answers.last().expect("four");
    assert_eq!(refused.refusal(), (429, "rate_limited".to_owned()));
    assert_eq!(refused.header("retry-after"), Some("1"));
    let theirs = server.ask("GET", "/v1/rooms").token(&admin_token(GLOBEX)).send().await;
    assert_eq!(theirs.status, 200);
}

#[tokio::test]
async fn what_names_nothing_and_what_has_no_such_method_is_a_problem_too() {
    let server = TestServer::start();
    assert_eq!(server.get("/v1/nothing").await.refusal(), (404, "not_found".to_owned()));
    let refused = server.ask("PUT", "/v1/rooms/rehearsal").send().await;
    assert_eq!(refused.refusal(), (405, "unsupported".to_owned()));
    let mut allowed: Vec<_> = refused.header("allow").expect("Allow (RFC 9110 §15.5.6)").split(',').collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["DELETE", "GET", "HEAD", "PATCH"]);
}

#[tokio::test]
async fn requests_are_counted_under_the_pattern_of_their_path() {
    let server = TestServer::start();
    server.get("/v1/rooms/one").await;
    server.get("/v1/rooms/two").await;
    server.get("/v1/nothing/of/this/name").await;
    server.ask("BREW", "/v1/rooms").send().await;
    let count = |labels: &[(&str, &str)]| server.metric("rest_requests_total", labels);
    assert_eq!(count(&[("route", "/v1/rooms/{room}"), ("method", "GET"), ("status", "404")]), 2.0);
    assert_eq!(count(&[("route", "/v1/{*unknown}")]), 1.0);
    assert_eq!(count(&[("method", "BREW")]), 0.0);
}
