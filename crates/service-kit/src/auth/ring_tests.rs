use antiphon_protocol::ErrorCode;
use serde_json::{Value, json};

use super::{super::MAX_TOKEN_BYTES, *};

const NOW_S: u64 = 1_763_650_000;
const SECRET: &str = "0123456789abcdef0123456789abcdef";
const OTHER_SECRET: &str = "fedcba9876543210fedcba9876543210";

fn ring() -> KeyRing {
    let keys = [format!("acme/app:{SECRET}"), format!("other:{OTHER_SECRET}")].map(|key| key.parse().expect("a key"));
    KeyRing::new(keys, TokenRules::default()).expect("two ids")
}

/// The key "app".
fn key(tenant: &str, secret: &str) -> ApiKey {
    format!("{tenant}/app:{secret}").parse().expect("a key")
}

fn claims() -> Value {
    json!({
        "iss": "app", "sub": "ada", "aud": "antiphon", "iat": NOW_S, "exp": NOW_S + 3_600,
        "grants": { "room": "rehearsal", "join": true },
    })
}

fn with(mut claims: Value, claim: &str, value: Value) -> Value {
    claims[claim] = value;
    claims
}

fn sign_with(header: &Header, claims: &Value, secret: &str) -> String {
    jsonwebtoken::encode(header, claims, &EncodingKey::from_secret(secret.as_bytes())).expect("signs")
}

fn sign(claims: &Value) -> String {
    sign_with(&Header::new(Algorithm::HS256), claims, SECRET)
}

fn verify(claims: &Value) -> Result<Claims, AuthError> {
    ring().verify(&sign(claims), NOW_S)
}

fn kid(kid: &str) -> Header {
    Header { kid: Some(kid.to_owned()), ..Header::new(Algorithm::HS256) }
}

/// A token whose parts are these texts in base64url.
fn raw(header: &str, payload: &str, signature: &str) -> String {
    [header, payload, signature].map(|part| base64url(part.as_bytes())).join(".")
}

fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for index in 0..=chunk.len() {
            text.push(char::from(ALPHABET[(word >> (18 - 6 * index)) as usize & 63]));
        }
    }
    text
}

#[test]
fn a_good_token_says_who_where_and_what() {
    let claims = json!({
        "iss": "app", "sub": "ada", "aud": ["elsewhere", "antiphon"], "iat": NOW_S - 5, "nbf": NOW_S, "exp": NOW_S + 3_600,
        "name": "Ada", "metadata": "{}", "attributes": { "seat": "1" },
        "grants": { "room": "rehearsal", "join": true, "chat": false, "moderate": true, "later": 1 }, "later": [],
    });
    let expected = Claims {
        tenant: "acme".parse().expect("valid"),
        key_id: "app".to_owned(),
        key_fingerprint: key("acme", SECRET).fingerprint(),
        identity: "ada".parse().expect("valid"),
        name: Some("Ada".to_owned()),
        metadata: Some("{}".to_owned()),
        attributes: BTreeMap::from([("seat".to_owned(), "1".to_owned())]),
        grants: TokenGrants {
            room: Some("rehearsal".parse().expect("valid")),
            join: true,
            chat: false,
            moderate: true,
            ..TokenGrants::default()
        },
        expires_at_s: NOW_S + 3_600,
        lifetime_s: 3_605,
    };
    assert_eq!(verify(&claims), Ok(expected));
}

#[test]
fn without_grants_nothing_can_be_joined() {
    let grants = verify(&with(claims(), "grants", Value::Null)).expect("valid").grants;
    assert!(!grants.join && grants.publish && grants.subscribe && grants.chat && !grants.moderate && !grants.admin);
}

#[test]
fn a_token_expires_at_exp_and_the_leeway() {
    let token = sign(&claims());
    let end_s = NOW_S + 3_600 + LEEWAY_S;
    assert!(ring().verify(&token, end_s - 1).is_ok());
    let error = ring().verify(&token, end_s).expect_err("expired");
    assert_eq!((error, error.code()), (AuthError::Expired, ErrorCode::TokenExpired));
}

#[test]
fn a_token_begins_at_nbf_and_iat_less_the_leeway() {
    for claim in ["nbf", "iat"] {
        let token = sign(&with(claims(), claim, json!(NOW_S)));
        assert!(ring().verify(&token, NOW_S - LEEWAY_S).is_ok(), "{claim}");
        assert_eq!(ring().verify(&token, NOW_S - LEEWAY_S - 1), Err(AuthError::NotYetValid), "{claim}");
    }
}

#[test]
fn a_lifetime_counts_from_the_earliest_of_iat_nbf_and_now() {
    let too_long = Err(AuthError::LifetimeTooLong { max_s: 86_400 });
    let latest_s = NOW_S + 86_400 + LEEWAY_S;
    let lives_until = |exp: u64| with(claims(), "exp", json!(exp));
    assert!(verify(&lives_until(latest_s)).is_ok());
    assert_eq!(verify(&lives_until(latest_s + 1)), too_long);
    assert_eq!(verify(&with(lives_until(latest_s), "iat", json!(NOW_S - 1))), too_long);
    assert_eq!(verify(&with(lives_until(latest_s), "nbf", json!(NOW_S - 1))), too_long);
    assert_eq!(
        verify(&with(lives_until(latest_s + 1), "iat", json!(NOW_S + 9))),
        too_long,
        "a clock that is ahead wins nothing"
    );
    assert_eq!(verify(&lives_until(u64::MAX)), too_long);
}

#[test]
fn dates_may_have_fractions_and_no_other_types() {
    assert!(verify(&with(claims(), "exp", json!(NOW_S as f64 + 3_600.5))).is_ok());
    for value in [json!("1763653600"), json!(-1), json!({}), json!(true)] {
        let error = verify(&with(claims(), "exp", value.clone())).expect_err("refused");
        assert!(matches!(error, AuthError::InvalidClaim { claim: "exp", .. }), "{value}: {error}");
    }
    assert_eq!(verify(&with(claims(), "exp", json!(1e300))), Err(AuthError::LifetimeTooLong { max_s: 86_400 }));
    assert!(matches!(verify(&with(claims(), "exp", Value::Null)), Err(AuthError::InvalidClaim { claim: "exp", .. })));
}

#[test]
fn the_key_is_named_by_iss_or_kid_and_they_must_agree() {
    let anonymous = with(claims(), "iss", Value::Null);
    assert_eq!(verify(&anonymous), Err(AuthError::NoKey));
    assert!(ring().verify(&sign_with(&kid("app"), &anonymous, SECRET), NOW_S).is_ok());
    assert!(ring().verify(&sign_with(&kid("app"), &claims(), SECRET), NOW_S).is_ok());
    assert_eq!(ring().verify(&sign_with(&kid("other"), &claims(), SECRET), NOW_S), Err(AuthError::KeyDisagreement));
}

#[test]
fn tenants_are_apart_and_a_key_cannot_sign_for_another() {
    let other = with(claims(), "iss", json!("other"));
    let header = Header::new(Algorithm::HS256);
    let token = sign_with(&header, &other, OTHER_SECRET);
    assert_eq!(ring().verify(&token, NOW_S).expect("valid").tenant.as_str(), "other");
    assert_eq!(ring().verify(&sign_with(&header, &other, SECRET), NOW_S), Err(AuthError::NotSignedByUs));
    let unknown = with(claims(), "iss", json!("nobody"));
    assert_eq!(ring().verify(&sign(&unknown), NOW_S), Err(AuthError::NotSignedByUs), "as if the secret were wrong");
}

#[test]
fn only_hs256_is_taken_whatever_the_header_says() {
    let payload = claims().to_string();
    for alg in ["none", "None", "NONE", "", "HS257"] {
        let token = raw(&json!({ "alg": alg }).to_string(), &payload, "");
        assert_eq!(ring().verify(&token, NOW_S), Err(AuthError::UnsupportedAlgorithm), "{alg:?}");
    }
    for alg in ["HS384", "HS512", "RS256", "ES256", "EdDSA"] {
        let good = sign(&claims());
        let (_, rest) = good.split_once('.').expect("three parts");
        let token = format!("{}.{rest}", base64url(json!({ "alg": alg }).to_string().as_bytes()));
        assert_eq!(ring().verify(&token, NOW_S), Err(AuthError::UnsupportedAlgorithm), "{alg}");
    }
    let token = sign_with(&Header::new(Algorithm::HS512), &claims(), SECRET);
    assert_eq!(ring().verify(&token, NOW_S), Err(AuthError::UnsupportedAlgorithm));
}

#[test]
fn an_extension_that_must_be_understood_is_not() {
    let header = Header { crit: Some(vec!["b64".to_owned()]), ..Header::new(Algorithm::HS256) };
    assert_eq!(ring().verify(&sign_with(&header, &claims(), SECRET), NOW_S), Err(AuthError::UnsupportedExtension));
}

#[test]
fn the_audience_is_needed() {
    for value in [Value::Null, json!("elsewhere"), json!([]), json!(["elsewhere"]), json!(1), json!("antiphon ")] {
        assert_eq!(verify(&with(claims(), "aud", value.clone())), Err(AuthError::WrongAudience), "{value}");
    }
}

#[test]
fn claims_of_the_wrong_type_are_named() {
    let cases = [
        ("sub", Value::Null),
        ("sub", json!("")),
        ("sub", json!(1)),
        ("sub", json!("a\u{0}b")),
        ("name", json!(1)),
        ("metadata", json!({})),
        ("attributes", json!([])),
        ("attributes", json!({ "a": 1 })),
        ("grants", json!("all")),
        ("nbf", json!("now")),
        ("iat", json!([])),
    ];
    for (name, value) in cases {
        let error = verify(&with(claims(), name, value.clone())).expect_err(name);
        assert!(matches!(error, AuthError::InvalidClaim { claim, .. } if claim == name), "{name} {value}: {error}");
    }
    for (grant, value) in [("join", json!("yes")), ("admin", json!(1)), ("room", json!("")), ("room", json!(7))] {
        let error = verify(&with(claims(), "grants", json!({ grant: value }))).expect_err(grant);
        assert!(error.to_string().contains(&format!("grants.{grant}")), "{error}");
    }
}

/// A token with this text as its payload, signed.
fn sign_text(payload: &str) -> String {
    let signed = [r#"{"alg":"HS256"}"#, payload].map(|part| base64url(part.as_bytes())).join(".");
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &key, Algorithm::HS256).expect("signs");
    format!("{signed}.{signature}")
}

#[test]
fn claims_are_read_however_json_spells_them() {
    let payload = format!(
        r#" {{ "iss" : "\u0061pp", "sub": "\u0061\"da", "aud": [1, null, "antipho\u006e"], "exp": {}.5e0, "name": "",
           "later": {{ "iss": "other" }}, "grants": {{ "join" : true , "room":"r\u00e9", "later":[{{}}] }} }} "#,
        NOW_S + 60
    );
    let claims = ring().verify(&sign_text(&payload), NOW_S).expect("valid");
    assert_eq!((claims.key_id.as_str(), claims.identity.as_str(), claims.name.as_deref()), ("app", "a\"da", Some("")));
    assert_eq!((claims.grants.join, claims.grants.room.expect("a room").as_str()), (true, "ré"));
    assert_eq!(claims.expires_at_s, NOW_S + 60);
}

#[test]
fn a_claim_that_is_there_twice_refuses_the_token() {
    let good = claims().to_string();
    assert!(ring().verify(&sign_text(&good), NOW_S).is_ok());
    for again in [r#""sub":"bob""#, r#""iss":"app""#, r#""exp":1"#, r#""grants":null"#] {
        let payload = good.replacen('{', &format!("{{{again},"), 1);
        assert_eq!(ring().verify(&sign_text(&payload), NOW_S), Err(AuthError::Malformed), "{again}");
    }
    let grants = with(claims(), "grants", json!({})).to_string().replace("{}", r#"{"admin":false,"admin":true}"#);
    let error = ring().verify(&sign_text(&grants), NOW_S).expect_err("refused");
    assert!(matches!(error, AuthError::InvalidClaim { claim: "grants", .. }), "{error}");
}

#[test]
fn an_array_is_neither_claims_nor_grants() {
    assert_eq!(ring().verify(&sign_text(r#"["app","ada","antiphon"]"#), NOW_S), Err(AuthError::Malformed));
    let error = verify(&with(claims(), "grants", json!(["rehearsal", true]))).expect_err("refused");
    assert!(matches!(error, AuthError::InvalidClaim { claim: "grants", .. }), "{error}");
}

#[test]
fn a_token_with_any_one_character_changed_is_refused() {
    let token = sign(&claims());
    for index in 0..token.len() {
        let mut bytes = token.clone().into_bytes();
        bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
        let tampered = String::from_utf8(bytes).expect("ASCII");
        assert!(ring().verify(&tampered, NOW_S).is_err(), "character {index}");
    }
}

#[test]
fn garbage_is_refused_and_long_garbage_unread() {
    let cases = ["", ".", "..", "...", "a.b.c", "é.é.é", "null", "e30.e30.e30", "e30.e30", "W10.W10.W10", "\0\0\0"];
    for token in cases {
        assert!(ring().verify(token, NOW_S).is_err(), "{token:?}");
    }
    assert_eq!(ring().verify(&"a".repeat(MAX_TOKEN_BYTES + 1), NOW_S), Err(AuthError::TooLong));
    let deep = "[".repeat(3_000);
    assert!(ring().verify(&raw(r#"{"alg":"HS256"}"#, &deep, ""), NOW_S).is_err());
}

#[test]
fn a_refreshed_token_says_the_same_and_lives_longer() {
    let ring = ring();
    let old = verify(&claims()).expect("valid");
    let later_s = NOW_S + 3_000;
    let token = ring.refresh(&old, later_s).expect("the key is there");
    let new = ring.verify(&token, later_s).expect("valid");
    assert_eq!(new, Claims { expires_at_s: later_s + 3_600, ..old });
}

#[test]
fn a_refreshed_token_lives_an_hour_where_the_old_one_had_no_iat_and_never_longer_than_the_rules_allow() {
    let lifetime_of = |claims: Value| verify(&claims).expect("valid").lifetime_s;
    let anonymous = |exp: u64| with(with(claims(), "iat", Value::Null), "exp", json!(exp));
    assert_eq!(lifetime_of(anonymous(NOW_S + 5)), 3_600, "what is left of it says nothing");
    assert_eq!(lifetime_of(anonymous(NOW_S + 86_400)), 3_600);
    assert_eq!(lifetime_of(with(claims(), "exp", json!(NOW_S + 86_400 + LEEWAY_S))), 86_400);
    let rules = TokenRules { max_lifetime_s: 60, ..TokenRules::default() };
    let strict = KeyRing::new([key("acme", SECRET)], rules).expect("one id");
    assert_eq!(strict.verify(&sign(&anonymous(NOW_S + 5)), NOW_S).expect("valid").lifetime_s, 60);
}

#[test]
fn a_token_is_refreshed_by_the_key_that_signed_it_and_by_no_other_of_its_id() {
    let old = verify(&claims()).expect("valid");
    for other in [key("globex", SECRET), key("acme", OTHER_SECRET)] {
        let ring = ring();
        ring.replace([other]).expect("one id");
        assert_eq!(ring.refresh(&old, NOW_S), Err(NoRefresh::KeyGone));
    }
    let ring = ring();
    ring.replace([key("acme", SECRET)]).expect("one id");
    assert!(ring.refresh(&old, NOW_S).is_ok());
}

#[test]
fn a_key_that_is_taken_away_signs_and_refreshes_nothing() {
    let ring = ring();
    let old = verify(&claims()).expect("valid");
    ring.replace([format!("acme/app-2:{SECRET}").parse().expect("a key")]).expect("one id");
    assert_eq!(ring.verify(&sign(&claims()), NOW_S), Err(AuthError::NotSignedByUs));
    assert_eq!(ring.refresh(&old, NOW_S), Err(NoRefresh::KeyGone));
}

#[test]
fn two_keys_of_one_id_are_refused() {
    let keys = [format!("a/app:{SECRET}"), format!("b/app:{OTHER_SECRET}")].map(|key| key.parse().expect("a key"));
    assert_eq!(KeyRing::new(keys, TokenRules::default()).expect_err("refused"), DuplicateKey("app".to_owned()));
}

#[test]
fn neither_secrets_nor_tokens_are_in_debug_output_or_errors() {
    let token = sign(&claims());
    let tampered = format!("{token}A");
    let error = ring().verify(&tampered, NOW_S).expect_err("refused");
    let shown = format!("{:?} {error:?} {error} {:?}", ring(), verify(&claims()));
    for secret in [SECRET, OTHER_SECRET, &token, "0123"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
