//! Signs an access token with jsonwebtoken: cargo add jsonwebtoken --features rust_crypto

use anyhow::Context as _;
use jsonwebtoken::{EncodingKey, Header, encode, get_current_timestamp};
use serde_json::json;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let identity = arguments.next().context("which identity?")?;
    let room = arguments.next().context("which room?")?;
    let now = get_current_timestamp();
    let claims = json!({
        "iss": std::env::var("ANTIPHON_KEY_ID")?,
        "sub": identity,
        "aud": "antiphon",
        "iat": now,
        "exp": now + 15 * 60,
        "name": identity,
        "grants": { "room": room, "join": true },
    });
    let secret = std::env::var("ANTIPHON_KEY_SECRET")?;
    // The default header is HS256.
    println!("{}", encode(&Header::default(), &claims, &EncodingKey::from_secret(secret.as_bytes()))?);
    Ok(())
}
