use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, extract::State, routing::get};
use http::StatusCode;
use serde_json::json;

use super::{
    super::{
        AuthError, KeyRing, LoadedKeys, TokenRules,
        signers::{self, Signer},
    },
    *,
};

const NOW_S: u64 = 1_763_650_000;

/// An issuer's server: its JWK set, and how often it was asked for.
#[derive(Default)]
struct Published {
    jwks: Mutex<String>,
    asked: AtomicUsize,
}

impl Published {
    fn publish(&self, keys: &[(&Signer, &str)]) {
        let keys: Vec<_> = keys.iter().map(|(signer, kid)| signer.jwk(kid)).collect();
        *self.jwks.lock().expect("not poisoned") = signers::jwks(&keys);
    }

    fn break_down(&self) {
        self.jwks.lock().expect("not poisoned").clear();
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    async fn serve(self: &Arc<Self>) -> FetchUrl {
        let router = Router::new().route("/jwks.json", get(show)).with_state(Arc::clone(self));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        tokio::spawn(axum::serve(listener, router).into_future());
        format!("http://{address}/jwks.json").parse().expect("a URL")
    }
}

async fn show(State(published): State<Arc<Published>>) -> Result<String, StatusCode> {
    published.asked.fetch_add(1, Ordering::SeqCst);
    let jwks = published.jwks.lock().expect("not poisoned").clone();
    if jwks.is_empty() { Err(StatusCode::SERVICE_UNAVAILABLE) } else { Ok(jwks) }
}

const HOUR: Duration = Duration::from_secs(3_600);

/// Asks whenever there is a reason.
const EAGER: Pace = Pace { max_age: HOUR, pause: Duration::ZERO, pause_after_failure: Duration::ZERO };

fn issuer(url: &FetchUrl, pace: Pace) -> Issuer {
    let fetcher = Arc::new(Fetcher::new(FETCH_TIMEOUT, MAX_JWKS_BYTES));
    let tenant = "acme".parse().expect("a name");
    Issuer::new("acme-login".to_owned(), tenant, None, Vec::new(), Some(Remote::new(url.clone(), pace, fetcher)))
}

fn loaded(url: &FetchUrl, pace: Pace) -> LoadedKeys {
    LoadedKeys { api: Vec::new(), issuers: vec![issuer(url, pace)] }
}

fn ring(url: &FetchUrl, pace: Pace) -> KeyRing {
    KeyRing::of(loaded(url, pace), TokenRules::default()).expect("one issuer")
}

fn token(signer: &Signer, kid: &str) -> String {
    let claims = json!({ "iss": "acme-login", "sub": "ada", "aud": "antiphon", "exp": NOW_S + 60 });
    signer.sign(Some(kid), &claims)
}

#[tokio::test]
async fn a_key_that_is_not_known_is_fetched_and_then_known() {
    let published = Arc::new(Published::default());
    let (old, new) = (Signer::p256(), Signer::ed25519());
    published.publish(&[(&old, "old")]);
    let ring = ring(&published.serve().await, EAGER);
    assert_eq!(published.asked(), 0);
    for _ in 0..3 {
        assert_eq!(ring.verify_fresh(&token(&old, "old"), NOW_S).await.expect("valid").tenant.as_str(), "acme");
    }
    assert_eq!(published.asked(), 1);
    published.publish(&[(&old, "old"), (&new, "new")]);
    assert_eq!(ring.verify(&token(&new, "new"), NOW_S), Err(AuthError::NotSignedByUs), "this one does not ask");
    assert!(ring.verify_fresh(&token(&new, "new"), NOW_S).await.is_ok());
    assert!(ring.verify_fresh(&token(&old, "old"), NOW_S).await.is_ok());
    assert_eq!(published.asked(), 2);
    published.publish(&[(&new, "new")]);
    assert!(ring.verify_fresh(&token(&old, "other"), NOW_S).await.is_err());
    assert_eq!(ring.verify_fresh(&token(&old, "old"), NOW_S).await, Err(AuthError::NotSignedByUs), "it was taken away");
}

#[tokio::test]
async fn unknown_keys_do_not_make_the_server_ask_again_and_again() {
    let published = Arc::new(Published::default());
    let signer = Signer::ed25519();
    published.publish(&[(&signer, "known")]);
    let ring = ring(&published.serve().await, Pace { pause: HOUR, ..EAGER });
    let unknown: Vec<_> = (0..50).map(|number| token(&signer, &format!("unknown {number}"))).collect();
    let asking = unknown.iter().map(|token| ring.verify_fresh(token, NOW_S));
    for verified in futures_util::future::join_all(asking).await {
        assert_eq!(verified, Err(AuthError::NotSignedByUs));
    }
    assert!(ring.verify_fresh(&token(&signer, "known"), NOW_S).await.is_ok());
    assert_eq!(published.asked(), 1, "all of them waited for the one answer");
}

#[tokio::test]
async fn an_issuer_that_is_down_or_publishes_nothing_keeps_its_keys() {
    let published = Arc::new(Published::default());
    let signer = Signer::ed25519();
    published.publish(&[(&signer, "known")]);
    let ring = ring(&published.serve().await, Pace { max_age: Duration::ZERO, ..EAGER });
    ring.refresh_issuers().await;
    published.break_down();
    ring.refresh_issuers().await;
    published.publish(&[]);
    ring.refresh_issuers().await;
    assert_eq!(published.asked(), 3);
    assert!(ring.verify(&token(&signer, "known"), NOW_S).is_ok());
}

#[tokio::test]
async fn keys_are_fetched_anew_when_they_are_old_and_soon_after_a_failure() {
    let published = Arc::new(Published::default());
    let signer = Signer::ed25519();
    let ring = ring(&published.serve().await, EAGER);
    ring.refresh_issuers().await;
    ring.refresh_issuers().await;
    assert_eq!(published.asked(), 2, "there was no answer yet");
    published.publish(&[(&signer, "known")]);
    ring.refresh_issuers().await;
    ring.refresh_issuers().await;
    assert_eq!(published.asked(), 3, "they are young");
    assert!(ring.verify(&token(&signer, "known"), NOW_S).is_ok());
}

#[tokio::test]
async fn what_was_fetched_stays_through_a_reload_unless_the_issuer_changed() {
    let (published, elsewhere) = (Arc::new(Published::default()), Arc::new(Published::default()));
    let signer = Signer::ed25519();
    published.publish(&[(&signer, "known")]);
    let url = published.serve().await;
    let ring = ring(&url, EAGER);
    ring.refresh_issuers().await;
    assert!(!ring.replace_all(loaded(&url, EAGER)).expect("one issuer"));
    assert!(ring.verify(&token(&signer, "known"), NOW_S).is_ok());
    assert!(ring.replace_all(loaded(&elsewhere.serve().await, EAGER)).expect("one issuer"));
    assert!(ring.verify(&token(&signer, "known"), NOW_S).is_err());
}
