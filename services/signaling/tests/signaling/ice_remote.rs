//! ICE servers from another service, whatever that answers.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use antiphon_protocol::v1::client_frame;
use antiphon_service_kit::{
    auth::{OnBehalf, ServiceKeys, TURN_CREDENTIALS, bearer},
    clock::unix_now_s,
    config::defaults,
    drain::shutdown,
    serve::{ServeConfig, Server},
    tls::{TlsConfig, TlsSource},
};
use antiphon_signaling::SignalingConfig;
use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
    routing::post,
};
use tokio::net::TcpListener;

use crate::support::{TestServer, only};

const KEY: &str = "signaling:0123456789abcdef0123456789abcdef";
const GOOD: &str = r#"{"iceServers":[{"urls":["stun:turn.example"]},{"urls":["turn:turn.example?transport=udp"],
    "username":"1:acme/ada","credential":"p"}],"ttl":3600,"refreshAfter":3000,"later":true}"#;

/// What turn-credentials does next.
#[derive(Debug, Clone)]
enum Mood {
    Answers(u16, String),
    BreaksOff,
    Hangs,
}

/// Stands in for turn-credentials, and is strict about who asks.
struct CredentialsStandIn {
    address: SocketAddr,
    shared: Arc<Shared>,
    keys_file: PathBuf,
    _directory: tempfile::TempDir,
}

struct Shared {
    keys: ServiceKeys,
    mood: Mutex<Mood>,
    asked: AtomicUsize,
}

impl CredentialsStandIn {
    async fn start(mood: Mood) -> Self {
        Self::start_over(mood, None).await
    }

    async fn start_over(mood: Mood, tls: Option<TlsSource>) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let keys_file = directory.path().join("keys");
        std::fs::write(&keys_file, KEY).expect("written");
        let keys = ServiceKeys::load(&keys_file).expect("a key");
        let shared = Arc::new(Shared { keys, mood: Mutex::new(mood), asked: AtomicUsize::new(0) });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let router = Router::new().route("/v1/ice-servers", post(answer)).with_state(Arc::clone(&shared));
        let (running, shutdown) = shutdown();
        let server = Server::new(defaults::<ServeConfig>()).with_tls(tls);
        tokio::spawn(async move {
            let _running = running;
            server.run(listener, router, shutdown).await
        });
        Self { address, shared, keys_file, _directory: directory }
    }

    fn becomes(&self, mood: Mood) {
        *self.shared.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }

    fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::Relaxed)
    }

    /// A signaling server that asks here.
    fn signaling(&self) -> TestServer {
        TestServer::start_with(|setup| {
            setup.signaling.ice_servers_url = Some(format!("http://{}", self.address).parse().expect("a URL"));
            setup.signaling.ice_servers_keys_file = Some(self.keys_file.clone());
            setup.ice = setup.signaling.ice_source(&shutdown().1).expect("a source");
        })
    }
}

async fn answer(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    shared.asked.fetch_add(1, Ordering::Relaxed);
    let token = bearer(&headers).unwrap_or_default();
    let whom = OnBehalf { tenant: "acme".parse().expect("a tenant"), identity: "ada".parse().expect("an identity") };
    if shared.keys.verify(token, TURN_CREDENTIALS, unix_now_s()) != Ok(whom) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let mood = shared.mood.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match mood {
        Mood::Answers(status, body) => (StatusCode::from_u16(status).expect("a status"), body).into_response(),
        Mood::BreaksOff => {
            let chunks = [Ok("{\"iceServers\":"), Err(std::io::Error::other("gone"))];
            Body::from_stream(futures_util::stream::iter(chunks)).into_response()
        }
        Mood::Hangs => std::future::pending().await,
    }
}

fn good() -> Mood {
    Mood::Answers(200, GOOD.to_owned())
}

#[tokio::test]
async fn a_join_is_given_the_servers_that_were_minted_for_it() {
    let stand_in = CredentialsStandIn::start(good()).await;
    let server = stand_in.signaling();
    let ada = server.person("ada").join().await;
    let given = ada.joined.ice_servers.clone().expect("ICE servers");
    assert_eq!(given.refresh_after, 3_000);
    assert_eq!(given.ice_servers[0].urls, ["stun:turn.example"]);
    let turn = &given.ice_servers[1];
    assert_eq!((turn.username.as_deref(), turn.credential.as_deref()), (Some("1:acme/ada"), Some("p")));
}

#[tokio::test]
async fn whatever_is_answered_the_join_succeeds() {
    let with = |from: &str, to: &str| Mood::Answers(200, GOOD.replace(from, to));
    let many = format!("[{}]", vec!["\"stun:a.example\""; 17].join(","));
    for mood in [
        Mood::Answers(500, String::new()),
        Mood::Answers(201, GOOD.to_owned()),
        Mood::Answers(302, String::new()),
        Mood::Answers(200, GOOD[..50].to_owned()),
        Mood::Answers(200, " ".repeat(100_000)),
        Mood::Answers(200, "[]".to_owned()),
        Mood::BreaksOff,
        with("stun:turn.example", "http://evil.example"),
        with("[\"stun:turn.example\"]", "[]"),
        with("[\"stun:turn.example\"]", &many),
        with("\"p\"", &format!("\"{}\"", "p".repeat(510))),
        with("3000", "-1"),
    ] {
        let stand_in = CredentialsStandIn::start(mood.clone()).await;
        let server = stand_in.signaling();
        let mut ada = server.person("ada").join().await;
        assert_eq!(ada.joined.ice_servers, None, "{mood:?}");
        assert!(server.metric("ice_source_failures_total", &[]) >= 1.0);
        // What is right again is pushed.
        stand_in.becomes(good());
        ada.send_numbered(0, client_frame::Kind::RefreshIceServers(Default::default())).await;
        assert_eq!(ada.expect(only!(IceServers)).await.refresh_after, 3_000, "{mood:?}");
    }
}

#[tokio::test]
async fn one_that_hangs_again_and_again_is_left_alone_and_costs_joins_nothing() {
    let stand_in = CredentialsStandIn::start(Mood::Hangs).await;
    let server = stand_in.signaling();
    // Each waits a while at first; then the breaker opens.
    let mut joined = 0;
    loop {
        let before = stand_in.asked();
        let ada = server.person("ada").join().await;
        assert_eq!(ada.joined.ice_servers, None);
        joined += 1;
        if stand_in.asked() == before {
            break;
        }
        assert!(joined < 100, "it was asked each time");
    }
    let began = Instant::now();
    let ada = server.person("ada").join().await;
    assert_eq!(ada.joined.ice_servers, None);
    assert!(began.elapsed() < Duration::from_secs(2), "the join waited for {:?}", began.elapsed());
}

#[tokio::test]
async fn without_a_key_there_is_no_source() {
    let stand_in = CredentialsStandIn::start(good()).await;
    let mut config: antiphon_signaling::SignalingConfig = antiphon_service_kit::config::defaults();
    config.ice_servers_url = Some(format!("http://{}", stand_in.address).parse().expect("a URL"));
    let refused = config.ice_source(&shutdown().1).map(|_| ()).expect_err("no key").to_string();
    assert!(refused.contains("ice-servers-keys-file"), "{refused}");
    for text in [
        "turn-credentials:7881",
        "ftp://a.example",
        "http://u:p@a.example",
        "http://a.example/path",
        "http://a.example?x",
    ] {
        assert!(text.parse::<antiphon_signaling::IceServersUrl>().is_err(), "{text}");
    }
}

#[tokio::test]
async fn a_service_behind_tls_is_asked_where_the_configured_file_vouches_for_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let write = |name: &str, text: String| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).expect("written");
        path
    };
    let certificate = write("cert.pem", made.cert.pem());
    let (tls_cert, tls_key) = (Some(certificate.clone()), Some(write("key.pem", made.signing_key.serialize_pem())));
    let tls = TlsConfig { tls_cert, tls_key, ..defaults() }.load().expect("a pair");
    let credentials = CredentialsStandIn::start_over(Mood::Answers(200, GOOD.to_owned()), tls).await;
    let source = |ca_file: Option<PathBuf>| {
        let config = SignalingConfig {
            ice_servers_url: Some(format!("https://{}", credentials.address).parse().expect("a URL")),
            ice_servers_keys_file: Some(credentials.keys_file.clone()),
            ice_servers_ca_file: ca_file,
            ..defaults()
        };
        config.ice_source(&shutdown().1)
    };
    let (tenant, identity) = ("acme".parse().expect("a tenant"), "ada".parse().expect("an identity"));
    for (ca_file, is_believed) in [(Some(certificate), true), (None, false)] {
        let given = source(ca_file).expect("a source").ice_servers(&tenant, &identity).await;
        assert_eq!(given.is_ok(), is_believed);
        assert_eq!(credentials.asked(), 1, "a stranger is told no token");
    }
    let error = source(Some(write("empty.pem", String::new()))).err().expect("no certificates");
    assert!(format!("{error:#}").starts_with("signaling.ice-servers-ca-file: "), "{error:#}");
}
