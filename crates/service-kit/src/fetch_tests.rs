use axum::{Router, routing::get};
use rustls_pki_types::CertificateDer;
use tokio::net::TcpListener;

use super::*;

const LIMIT: usize = 1_000;

/// A server of this machine; its address as `http://127.0.0.1:PORT`.
async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(axum::serve(listener, router).into_future());
    format!("http://{address}")
}

async fn get_from(url: &str) -> Result<Bytes, FetchError> {
    Fetcher::new(Duration::from_secs(10), LIMIT).get(&url.parse().expect("a URL")).await
}

#[test]
fn only_https_and_this_machine_are_fetched_from() {
    for url in [
        "https://a.example",
        "https://a.example:8443/x?y=z",
        "http://localhost:1/x",
        "http://127.9.9.9",
        "http://[::1]:80/",
    ] {
        assert!(url.parse::<FetchUrl>().is_ok(), "{url}");
    }
    let cases = [
        ("http://a.example/x", InvalidUrl::NotHttps),
        ("http://localhost.a.example", InvalidUrl::NotHttps),
        ("http://10.0.0.1", InvalidUrl::NotHttps),
        ("http://[fe80::1]", InvalidUrl::NotHttps),
        ("file:///etc/passwd", InvalidUrl::NotUrl),
        ("ftp://a.example", InvalidUrl::NotHttps),
        ("a.example", InvalidUrl::NotUrl),
        ("/x", InvalidUrl::NotUrl),
        ("", InvalidUrl::NotUrl),
        ("https://user:secret@a.example", InvalidUrl::Credentials),
        ("http://127.0.0.1@a.example", InvalidUrl::Credentials),
    ];
    for (url, expected) in cases {
        assert_eq!(url.parse::<FetchUrl>().err(), Some(expected), "{url}");
    }
    let url: FetchUrl = "https://a.example/x".parse().expect("a URL");
    assert_eq!((url.host.as_str(), url.port, url.tls), ("a.example", 443, true));
}

#[tokio::test]
async fn a_document_is_fetched_up_to_its_limit() {
    let router = Router::new()
        .route("/fits", get(async || "x".repeat(LIMIT)))
        .route("/more", get(async || "x".repeat(LIMIT + 1)))
        .route("/moved", get(async || axum::response::Redirect::temporary("/fits")));
    let server = serve(router).await;
    assert_eq!(get_from(&format!("{server}/fits?a=b")).await.expect("there").len(), LIMIT);
    assert!(matches!(get_from(&format!("{server}/more")).await, Err(FetchError::TooLarge(LIMIT))));
    assert!(matches!(
        get_from(&format!("{server}/moved")).await,
        Err(FetchError::Status(StatusCode::TEMPORARY_REDIRECT))
    ));
    assert!(matches!(get_from(&server).await, Err(FetchError::Status(StatusCode::NOT_FOUND))));
}

#[tokio::test]
async fn who_does_not_answer_is_given_up() {
    // It takes connections and never reads from them.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let limit = Duration::from_millis(50);
    for scheme in ["http", "https"] {
        let url = format!("{scheme}://{address}").parse().expect("a URL");
        let fetched = Fetcher::new(limit, LIMIT).trusting(RootCertStore::empty()).get(&url).await;
        assert!(matches!(fetched, Err(FetchError::TimedOut(_))), "{fetched:?}");
    }
    drop(listener);
    assert!(matches!(get_from(&format!("http://{address}")).await, Err(FetchError::Connect(_))));
}

#[tokio::test]
async fn a_certificate_must_be_trusted_and_of_the_name() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("generated");
    let trusted = made.cert.der().clone();
    let port = serve_tls(trusted.clone(), made.signing_key.serialize_der()).await;
    let fetch = async |host: &str, trusts: &[CertificateDer<'static>]| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(trusts.to_vec());
        let fetcher = Fetcher::new(Duration::from_secs(10), LIMIT).trusting(roots);
        fetcher.get(&format!("https://{host}:{port}/").parse().expect("a URL")).await
    };
    assert_eq!(fetch("localhost", std::slice::from_ref(&trusted)).await.expect("trusted"), "keys");
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("generated").cert.der().clone();
    assert!(matches!(fetch("localhost", &[other]).await, Err(FetchError::Tls(_))));
    assert!(matches!(fetch("127.0.0.1", &[trusted]).await, Err(FetchError::Tls(_))));
}

async fn serve_tls(certificate: CertificateDer<'static>, key: Vec<u8>) -> u16 {
    let key = rustls_pki_types::PrivateKeyDer::Pkcs8(key.into());
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("supported")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a pair");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that does not trust it goes away.
            let Ok(stream) = acceptor.accept(stream).await else { continue };
            let service = hyper::service::service_fn(async |_| {
                Ok::<_, std::convert::Infallible>(http::Response::new(http_body_util::Full::new(Bytes::from("keys"))))
            });
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        }
    });
    port
}
