//! Somebody who signs tokens with a private key of its own, and publishes the public one as a JWK set.

use std::sync::Arc;

use antiphon_service_kit::{
    auth::{AuthConfig, KeyRing},
    config::defaults,
    drain::{ShutdownTrigger, shutdown},
    serve::{ServeConfig, Server, bind},
};
use axum::{Router, extract::State, routing::get};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rcgen::{KeyPair, PublicKeyData as _};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::{ACME, GLOBEX, Key, claims};

const NAME: &str = "https://login.acme.example/";

/// An issuer of tenant acme. It publishes nothing any more when dropped.
pub(crate) struct Issuer {
    key: EncodingKey,
    /// The keys of a server that believes this issuer, and the API keys of acme and globex.
    pub(crate) keys: KeyRing,
    _running: ShutdownTrigger,
}

#[derive(Clone)]
struct Published {
    jwks: Arc<str>,
    may_answer: Arc<Semaphore>,
}

async fn show(State(Published { jwks, may_answer }): State<Published>) -> String {
    may_answer.acquire().await.expect("never closed").forget();
    jwks.to_string()
}

impl Issuer {
    /// Its keys are read with a permit of `may_answer`.
    pub(crate) fn start(may_answer: Arc<Semaphore>) -> Self {
        let pair = KeyPair::generate_for(&rcgen::PKCS_ED25519).expect("a key");
        let x = URL_SAFE_NO_PAD.encode(pair.der_bytes());
        let jwks = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "2026", "x": x }] });
        let listener = bind(([127, 0, 0, 1], 0).into()).expect("a free port");
        let address = listener.local_addr().expect("bound");
        let (running, shutdown) = shutdown();
        let published = Published { jwks: jwks.to_string().into(), may_answer };
        let router = Router::new().route("/jwks.json", get(show)).with_state(published);
        tokio::spawn(Server::new(ServeConfig::default()).run(listener, router, shutdown));

        let file = tempfile::NamedTempFile::new().expect("a file");
        let entry =
            format!("[[issuers]]\nissuer = \"{NAME}\"\ntenant = \"acme\"\njwks-url = \"http://{address}/jwks.json\"\n");
        std::fs::write(file.path(), entry).expect("written");
        let api = |key: Key| format!("{}/{}:{}", key.tenant, key.id, key.secret).parse().expect("a key");
        let config =
            AuthConfig { keys: vec![api(ACME), api(GLOBEX)], issuers_file: Some(file.path().to_owned()), ..defaults() };
        let keys = config.key_ring().expect("an issuer");
        Self { key: EncodingKey::from_ed_der(&pair.serialize_der()), keys, _running: running }
    }

    /// A token for the room "rehearsal", with these grants beside `join`, and these claims beside the usual ones.
    pub(crate) fn token(&self, identity: &str, grants: &Value, others: &Value) -> String {
        let mut claims = claims(ACME, identity, "rehearsal", grants);
        claims["iss"] = NAME.into();
        for (claim, value) in others.as_object().into_iter().flatten() {
            claims[claim] = value.clone();
        }
        let header = Header { kid: Some("2026".to_owned()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, &claims, &self.key).expect("signs")
    }
}
