//! The Matrix Client-Server API's `turnServer`.

use http::{Method, StatusCode};
use serde_json::json;

use crate::support::{TestService, request};

const PATH: &str = "/_matrix/client/v3/voip/turnServer";

#[tokio::test]
async fn a_matrix_client_gets_what_its_specification_says() {
    let service = TestService::start();
    let answer = service.send(request(Method::GET, PATH, Some(&service.token("acme", "ada")), "")).await;
    assert_eq!(answer.status, StatusCode::OK);
    let keys: Vec<_> = answer.body.as_object().expect("an object").keys().cloned().collect();
    assert_eq!(keys, ["password", "ttl", "uris", "username"]);
    assert!(answer.body["ttl"].is_u64() && answer.body["uris"].is_array());
}

#[tokio::test]
async fn a_refusal_is_a_standard_error_of_matrix() {
    let service = TestService::start();
    let nobody = service.send(request(Method::GET, PATH, None, "")).await;
    assert_eq!((nobody.status, &nobody.body["errcode"]), (StatusCode::UNAUTHORIZED, &json!("M_MISSING_TOKEN")));
    assert!(nobody.body["error"].is_string());
    assert_eq!(nobody.headers["content-type"], "application/json");
    let wrong = service.send(request(Method::GET, PATH, Some("a.b.c"), "")).await;
    assert_eq!((wrong.status, &wrong.body["errcode"]), (StatusCode::UNAUTHORIZED, &json!("M_UNKNOWN_TOKEN")));
    let token = service.token("acme", "ada");
    // One is allowed each second besides: on a slow machine it takes some more.
    let mut refused = None;
    for _ in 0..1_000 {
        let answer = service.send(request(Method::GET, PATH, Some(&token), "")).await;
        if answer.status != StatusCode::OK {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("beyond what is allowed at once");
    assert_eq!((refused.status, &refused.body["errcode"]), (StatusCode::TOO_MANY_REQUESTS, &json!("M_LIMIT_EXCEEDED")));
    assert!(refused.body["retry_after_ms"].as_u64().expect("a time") > 0);
}
