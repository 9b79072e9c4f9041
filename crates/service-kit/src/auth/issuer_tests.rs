use std::path::Path;

use serde_json::{Value, json};

use super::{
    super::{
        AuthConfig, KeyRing, LEEWAY_S, NoRefresh,
        issuers_file::{self, InvalidIssuer},
        remote::Pace,
        signers::{self, Signer, base64url},
    },
    *,
};

const NOW_S: u64 = 1_763_650_000;
const SECRET: &str = "0123456789abcdef0123456789abcdef";
const ISSUER: &str = "https://login.acme.example/";

fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "ada", "aud": "antiphon", "iat": NOW_S, "exp": NOW_S + 3_600,
        "grants": { "room": "rehearsal", "join": true },
    })
}

fn with(claim: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[claim] = value;
    claims
}

/// A ring of a file of issuers, which names the files beside it, and of the API key "app" of tenant acme.
fn ring(issuers: &str, files: &[(&str, &str)]) -> KeyRing {
    try_ring(issuers, files).expect("valid")
}

fn try_ring(issuers: &str, files: &[(&str, &str)]) -> Result<KeyRing, String> {
    let directory = tempfile::tempdir().expect("a directory");
    let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).expect("written");
    write("issuers.toml", issuers);
    for (name, text) in files {
        write(name, text);
    }
    let config = AuthConfig {
        keys: vec![format!("acme/app:{SECRET}").parse().expect("a key")],
        issuers_file: Some(directory.path().join("issuers.toml")),
        ..crate::config::defaults()
    };
    let place = format!("{}/", directory.path().display());
    config.key_ring().map_err(|error| error.to_string().replace(&place, ""))
}

/// One issuer of tenant acme with this key.
fn ring_of(signer: &Signer) -> KeyRing {
    ring(&entry("public-key-files = [\"key.pem\"]"), &[("key.pem", &signer.pem)])
}

fn entry(source: &str) -> String {
    format!("[[issuers]]\nissuer = \"{ISSUER}\"\ntenant = \"acme\"\n{source}\n")
}

fn hs256(secret: &[u8], claims: &Value) -> String {
    let key = jsonwebtoken::EncodingKey::from_secret(secret);
    jsonwebtoken::encode(&jsonwebtoken::Header::new(Algorithm::HS256), claims, &key).expect("signs")
}

#[test]
fn a_token_of_an_issuer_is_believed_and_is_of_its_tenant() {
    for signer in [Signer::ed25519(), Signer::p256(), Signer::rsa(2_048)] {
        let ring = ring_of(&signer);
        for kid in [None, Some("any: the file does not say what it is called")] {
            let claims = ring.verify(&signer.sign(kid, &claims()), NOW_S).expect("valid");
            assert_eq!((claims.tenant.as_str(), claims.key_id.as_str()), ("acme", ISSUER));
            assert_eq!(claims.identity.as_str(), "ada");
        }
        let expired = ring.verify(&signer.sign(None, &claims()), NOW_S + 3_600 + LEEWAY_S);
        assert_eq!(expired, Err(AuthError::Expired));
        for stranger in [Signer::ed25519(), Signer::p256()] {
            assert!(ring.verify(&stranger.sign(None, &claims()), NOW_S).is_err());
        }
    }
}

#[test]
fn a_header_cannot_choose_another_algorithm_than_the_keys() {
    let keys = [Signer::ed25519(), Signer::p256(), Signer::rsa(2_048)];
    for signer in &keys {
        let ring = ring_of(signer);
        let expected = Err(AuthError::WrongAlgorithm { expected: name_of(signer.algorithm) });
        let der = signer.pem.lines().filter(|line| !line.starts_with('-')).collect::<String>();
        let der = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, der).expect("base64");
        for secret in [signer.pem.as_bytes(), signer.pem.trim().as_bytes(), &der, &der[der.len() - 32..], b""] {
            assert_eq!(ring.verify(&hs256(secret, &claims()), NOW_S), expected, "a secret that everybody knows");
        }
        for other in keys.iter().filter(|other| other.algorithm != signer.algorithm) {
            assert_eq!(ring.verify(&other.sign(None, &claims()), NOW_S), expected);
        }
        let good = signer.sign(None, &claims());
        let (_, rest) = good.split_once('.').expect("three parts");
        let (payload, _) = rest.split_once('.').expect("three parts");
        for alg in ["none", "None", "", "ES384", "PS256", "RS512", "Ed25519"] {
            let header = base64url(json!({ "alg": alg }).to_string().as_bytes());
            for token in [format!("{header}.{rest}"), format!("{header}.{payload}.")] {
                assert_eq!(ring.verify(&token, NOW_S), Err(AuthError::UnsupportedAlgorithm), "{alg:?}");
            }
        }
        assert_eq!(
            ring.verify(&good.replace(&good[good.len() - 8..], "AAAAAAAA"), NOW_S),
            Err(AuthError::NotSignedByUs)
        );
        assert_eq!(ring.verify(&good[..=good.rfind('.').expect("a dot")], NOW_S), Err(AuthError::NotSignedByUs));
    }
}

#[test]
fn an_rsa_key_that_is_too_short_is_no_key() {
    let short = Signer::rsa(1_024);
    let refused = try_ring(&entry("public-key-files = [\"key.pem\"]"), &[("key.pem", &short.pem)]);
    assert!(refused.expect_err("refused").contains("2048"));
    let keys = signers::jwks(&[short.jwk("short"), Signer::ed25519().jwk("good")]);
    let ring = ring(&entry("jwks-file = \"jwks.json\""), &[("jwks.json", &keys)]);
    assert_eq!(ring.verify(&short.sign(Some("short"), &claims()), NOW_S), Err(AuthError::NotSignedByUs));
    let expected = Err(AuthError::WrongAlgorithm { expected: "EdDSA" });
    assert_eq!(ring.verify(&short.sign(None, &claims()), NOW_S), expected);
}

#[test]
fn an_issuer_and_an_api_key_cannot_stand_in_for_one_another() {
    let signer = Signer::ed25519();
    let ring = ring_of(&signer);
    assert!(ring.verify(&hs256(SECRET.as_bytes(), &with("iss", json!("app"))), NOW_S).is_ok());
    let usurped = hs256(SECRET.as_bytes(), &claims());
    assert_eq!(ring.verify(&usurped, NOW_S), Err(AuthError::WrongAlgorithm { expected: "EdDSA" }));
    let usurped = signer.sign(None, &with("iss", json!("app")));
    assert_eq!(ring.verify(&usurped, NOW_S), Err(AuthError::UnsupportedAlgorithm));
    // An API key may be named by `kid` alone, an issuer may not.
    let anonymous = signer.sign(Some(ISSUER), &with("iss", Value::Null));
    assert_eq!(ring.verify(&anonymous, NOW_S), Err(AuthError::UnsupportedAlgorithm));
    let named_as_key = entry("public-key-files = [\"key.pem\"]").replace(ISSUER, "app");
    let refused = try_ring(&named_as_key, &[("key.pem", &signer.pem)]).expect_err("refused");
    assert_eq!(refused, "two API keys or issuers have the id \"app\"");
}

#[test]
fn the_kid_chooses_among_the_keys_of_the_issuer_alone() {
    let (old, new, foreign) = (Signer::p256(), Signer::p256(), Signer::p256());
    let other = "[[issuers]]\nissuer = \"other\"\ntenant = \"globex\"\njwks-file = \"other.json\"\n";
    let files = [
        ("jwks.json", signers::jwks(&[old.jwk("old"), new.jwk("new")])),
        ("other.json", signers::jwks(&[foreign.jwk("foreign")])),
    ];
    let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
    let ring = ring(&(entry("jwks-file = \"jwks.json\"") + other), &files);
    let verify = |signer: &Signer, kid: Option<&str>| ring.verify(&signer.sign(kid, &claims()), NOW_S).map(|_| ());
    for (signer, kid) in [(&old, Some("old")), (&new, Some("new")), (&old, None), (&new, None)] {
        assert_eq!(verify(signer, kid), Ok(()), "{kid:?}");
    }
    for (signer, kid) in [
        (&old, Some("new")),
        (&new, Some("newer")),
        (&foreign, Some("foreign")),
        (&foreign, None),
        (&foreign, Some("old")),
    ] {
        assert_eq!(verify(signer, kid), Err(AuthError::NotSignedByUs), "{kid:?}");
    }
    let theirs = foreign.sign(None, &with("iss", json!("other")));
    assert_eq!(ring.verify(&theirs, NOW_S).expect("valid").tenant.as_str(), "globex");
}

#[test]
fn an_issuer_may_have_an_audience_of_its_own() {
    let signer = Signer::ed25519();
    let with_audience = entry("audience = \"rooms\"\npublic-key-files = [\"key.pem\"]");
    let ring = ring(&with_audience, &[("key.pem", &signer.pem)]);
    let verify = |audience: Value| ring.verify(&signer.sign(None, &with("aud", audience)), NOW_S).map(|_| ());
    assert_eq!(verify(json!("rooms")), Ok(()));
    assert_eq!(verify(json!(["elsewhere", "rooms"])), Ok(()));
    for other in [json!("antiphon"), json!([]), Value::Null] {
        assert_eq!(verify(other.clone()), Err(AuthError::WrongAudience), "{other}");
    }
    assert!(
        ring.verify(&hs256(SECRET.as_bytes(), &with("iss", json!("app"))), NOW_S).is_ok(),
        "keys have the server's"
    );
}

#[test]
fn a_token_of_an_issuer_is_not_replaced_by_the_server() {
    let signer = Signer::ed25519();
    let ring = ring_of(&signer);
    let claims = ring.verify(&signer.sign(None, &claims()), NOW_S).expect("valid");
    assert_eq!(ring.refresh(&claims, NOW_S), Err(NoRefresh::Issuer));
    assert_eq!(ring.key_ids(), ["app"], "there is nothing to sign with");
    assert!(!format!("{ring:?}").contains("BEGIN"));
}

#[test]
fn mistakes_in_the_file_are_one_line_with_place_and_cure() {
    let pem = Signer::ed25519().pem;
    let good = entry("public-key-files = [\"key.pem\"]");
    let tail = |text: &str| format!("{good}\n{text}");
    let cases = [
        ("issuer = 1".to_owned(), "issuers-file issuers.toml:1: unknown field `issuer`"),
        ("[[issuers]]\n\nissuer = 1".to_owned(), "issuers-file issuers.toml:3: invalid type"),
        ("[[issuers]]\nissuer = \"a\"".to_owned(), "issuers-file issuers.toml:1: missing field `tenant`"),
        (
            tail("[[issuers]]\nissuer = \"b\"\ntenant = \"a\"\nkey = 1"),
            "issuers-file issuers.toml:9: unknown field `key`",
        ),
        (
            tail("[[issuers]]\nissuer = \"b\"\ntenant = \"a\""),
            "issuers-file issuers.toml:6: expected one of jwks-url, jwks-file and public-key-files",
        ),
        (entry(""), "issuers.toml:1: expected one of jwks-url"),
        (entry("jwks-file = \"a\"\njwks-url = \"https://a.example\""), "issuers.toml:1: expected one of jwks-url"),
        (
            entry("public-key-files = [\"key.pem\"]").replace("acme\"\n", "a b\"\n"),
            "issuers.toml:1: tenant: expected 1 to 64",
        ),
        (entry("public-key-files = [\"key.pem\"]").replace(ISSUER, ""), "issuers.toml:1: issuer: expected 1 to 256"),
        (entry("audience = \"\"\npublic-key-files = [\"key.pem\"]"), "issuers.toml:1: audience: expected"),
        (entry("public-key-files = [\"none.pem\"]"), "issuers.toml:1: none.pem: No such file"),
        (entry("public-key-files = [\"issuers.toml\"]"), "issuers.toml:1: issuers.toml: expected a public key in PEM"),
        (entry("jwks-file = \"key.pem\""), "issuers.toml:1: key.pem: expected a JWK set"),
        (entry("jwks-url = \"http://a.example/jwks.json\""), "issuers.toml:1: jwks-url: expected https; http is for"),
        (entry("jwks-url = \"a.example\""), "issuers.toml:1: jwks-url: expected a URL such as"),
        (entry("jwks-url = \"https://a:b@a.example\""), "issuers.toml:1: jwks-url: expected a URL without user"),
        (tail(&good), "two API keys or issuers have the id \"https://login.acme.example/\""),
    ];
    for (issuers, expected) in cases {
        let complaint = try_ring(&issuers, &[("key.pem", &pem)]).expect_err(expected);
        assert!(complaint.contains(expected), "{issuers}\n{complaint}");
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
    }
}

#[test]
fn the_file_of_the_documentation_is_one() {
    let page = include_str!("../../../../docs/tokens.md");
    let (_, rest) = page.split_once("```toml\n").expect("an example");
    let (example, _) = rest.split_once("```").expect("its end");
    let jwks = signers::jwks(&[Signer::p256().jwk("one")]);
    let (old, new) = (Signer::ed25519().pem, Signer::ed25519().pem);
    let files = [("globex.jwks.json", &jwks), ("initech-2025.pem", &old), ("initech-2026.pem", &new)];
    let ring = ring(example, &files.map(|(name, text)| (name, text.as_str())));
    assert_eq!(ring.issuers(), ["globex-backend", "https://login.acme.example/", "initech-backend"]);
}

#[test]
fn a_file_that_cannot_be_read_is_watched_all_the_same() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("issuers.toml");
    std::fs::write(&path, entry("jwks-file = \"keys/jwks.json\"")).expect("written");
    let mut files = Vec::new();
    let missing = issuers_file::read(&path, Pace::default(), &mut files).err().expect("a file is missing");
    assert!(matches!(missing, super::super::KeysFileError::Issuer { error: InvalidIssuer::Unreadable { .. }, .. }));
    assert_eq!(files, [path, directory.path().join(Path::new("keys/jwks.json"))]);
}
