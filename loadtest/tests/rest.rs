//! The REST API beside the sockets, against a real server: clean where it answers as it should, and a fault for each answer that
//! something in front of it spoils.

use std::{
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use antiphon_backplane::memory::{MemoryConfig, backplane};
use antiphon_loadtest::{
    content::Content,
    report::{Figures, Report},
    scenario::{
        Setup,
        rest::{RestLoad, run_rest},
    },
    target::{Target, Wire},
    token::Tokens,
};
use antiphon_protocol::Format;
use antiphon_service_kit::{
    auth::{ApiKey, KeyRing, TokenRules},
    client_address::ClientAddress,
    config::defaults,
    drain::{ShutdownTrigger, shutdown},
    serve::{ServeConfig, Server, bind},
};
use antiphon_signaling::{Parts, RoomsConfig, Signaling, SignalingConfig, StaticIceServers};
use axum::{
    body::{Body, to_bytes},
    extract::Request,
    middleware::{Next, from_fn},
    response::Response,
};
use http::{Method, StatusCode};
use secrecy::SecretString;
use serde_json::Value;

const SECRET: &str = "secret-secret-secret-secret-secret";

/// Changes an answer; gets the request's method and path.
type Spoil = fn(&Method, &str, &mut StatusCode, &mut Value);

/// A server whose answers pass through `spoil`. It stops when dropped.
struct TestServer {
    url: String,
    _signaling: Signaling,
    _running: ShutdownTrigger,
}

impl TestServer {
    fn start(spoil: Spoil) -> Self {
        let many = NonZeroU32::new(1_000_000).expect("not zero");
        let key = ApiKey::new("acme", "key", SecretString::from(SECRET)).expect("a valid key");
        let signaling = Signaling::build(Parts {
            config: SignalingConfig { tenant_request_rate: many, ..defaults() },
            rooms: defaults::<RoomsConfig>().rules(60_000),
            quotas: defaults(),
            keys: KeyRing::new([key], TokenRules::default()).expect("one key"),
            client_address: ClientAddress::default(),
            backplane: backplane(MemoryConfig::default()),
            ice: Arc::new(StaticIceServers::default()),
            registry: prometheus::Registry::new(),
        })
        .expect("a new registry");
        let router = signaling.router().layer(from_fn(move |request, next| pass(request, next, spoil)));
        let listener = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a free port");
        let url = format!("ws://{}/v1/connect", listener.local_addr().expect("bound"));
        let (running, shutdown) = shutdown();
        tokio::spawn(Server::new(ServeConfig::default()).run(listener, router, shutdown));
        Self { url, _signaling: signaling, _running: running }
    }

    async fn play(&self) -> Report {
        let target = Target {
            url: self.url.parse().expect("a URL"),
            wire: Wire::Antiphon(Format::Json),
            tokens: Tokens::from_key(&format!("key:{SECRET}")).expect("a key"),
            content: Content::new(None),
            patience: Duration::from_secs(20),
        };
        let setup = Setup {
            target: Arc::new(target),
            process: None,
            clients: 6,
            room_size: 3,
            connecting: 2,
            settle: Duration::ZERO,
            duration: Duration::from_millis(50),
        };
        let load = RestLoad { applications: 3, pace: Duration::from_millis(5), turns: 2 };
        run_rest(&setup, load).await.expect("a report")
    }
}

async fn pass(request: Request, next: Next, spoil: Spoil) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let (mut head, body) = next.run(request).await.into_parts();
    if path.ends_with("/connect") {
        return Response::from_parts(head, body);
    }
    let bytes = to_bytes(body, 1 << 20).await.expect("a short answer");
    let mut json = serde_json::from_slice(&bytes).unwrap_or_default();
    spoil(&method, &path, &mut head.status, &mut json);
    let body = if json == Value::Null { Body::empty() } else { Body::from(json.to_string()) };
    head.headers.remove(http::header::CONTENT_LENGTH);
    Response::from_parts(head, body)
}

#[tokio::test]
async fn applications_use_the_api_beside_talking_rooms_without_a_fault() {
    let report = TestServer::start(|_, _, _, _| {}).play().await;
    assert!(report.is_clean(), "{report}");
    let Figures::Rest(rest) = &report.figures else { panic!("{report}") };
    assert_eq!(rest.turns.len(), 2);
    let at_least_a_cycle_of_each = 3 * 2;
    for operation in &rest.operations {
        assert!(operation.requests >= at_least_a_cycle_of_each, "{report}");
    }
    for turn in &rest.turns {
        assert!(turn.quiet.messages_per_second > 0.0 && turn.loaded.messages_per_second > 0.0, "{report}");
    }
}

#[tokio::test]
async fn every_spoilt_answer_is_a_fault() {
    let spoilt: [(&str, Spoil); 9] = [
        ("create room", |method, path, status, _| {
            if *method == Method::POST && path.ends_with("/rooms") {
                *status = StatusCode::OK;
            }
        }),
        ("list rooms", |method, path, _, json| {
            if *method == Method::GET && path.ends_with("/rooms") {
                json["rooms"] = Value::Array(Vec::new());
            }
        }),
        ("get room", |method, path, _, json| {
            if *method == Method::GET && path.contains("/rooms/api-") && json["name"].is_string() {
                json["metadata"] = Value::from("another's");
            }
        }),
        ("write chat", |method, path, _, json| {
            if *method == Method::POST && path.ends_with("/chat") {
                json["text"] = Value::from("something else");
            }
        }),
        ("send data", |method, path, status, _| {
            if *method == Method::POST && path.ends_with("/data") {
                *status = StatusCode::ACCEPTED;
            }
        }),
        ("read history", |method, path, _, json| {
            if *method == Method::GET && path.ends_with("/chat") {
                let twice = json["messages"][0].clone();
                json["messages"].as_array_mut().expect("messages").push(twice);
            }
        }),
        ("patch room", |method, _, _, json| {
            if *method == Method::PATCH {
                json["participantCount"] = Value::from(1);
            }
        }),
        ("list participants", |method, path, _, json| {
            if *method == Method::GET && path.ends_with("/participants") {
                json["participants"][0]["identity"] = Value::from("mallory");
            }
        }),
        ("get room", |method, _, status, json| {
            // A room that is there after its end.
            if *method == Method::GET && *status == StatusCode::NOT_FOUND {
                *status = StatusCode::OK;
                json["status"] = Value::from(200);
            }
        }),
    ];
    for (operation, spoil) in spoilt {
        let report = TestServer::start(spoil).play().await;
        assert!(!report.is_clean(), "{operation}: {report}");
        let faults: Vec<_> = report.faults.iter().map(|(label, counted)| (*label, counted.first.as_str())).collect();
        let [("wrong_answer", first)] = faults[..] else { panic!("{operation}: {faults:?}") };
        assert!(first.contains(&format!("\"{operation}\"")), "{first}");
    }
}

#[tokio::test]
async fn a_key_is_needed_for_the_tokens_of_applications() {
    let target = Target {
        url: "ws://127.0.0.1:9/v1/connect".parse().expect("a URL"),
        wire: Wire::Antiphon(Format::Json),
        tokens: Tokens::Command("echo token".to_owned()),
        content: Content::new(None),
        patience: Duration::from_secs(20),
    };
    let (settle, duration) = (Duration::ZERO, Duration::ZERO);
    let setup =
        Setup { target: Arc::new(target), process: None, clients: 2, room_size: 2, connecting: 1, settle, duration };
    let load = RestLoad { applications: 1, pace: Duration::from_millis(1), turns: 1 };
    let error = run_rest(&setup, load).await.expect_err("no token could be signed");
    assert!(format!("{error:#}").contains("--key"), "{error:#}");
}
