//! Twilio's Tokens resource as it is documented, strict about what it is sent.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub(crate) const ACCOUNT: &str = "AC0123456789abcdef";
pub(crate) const KEY: &str = "SK0123456789abcdef";
pub(crate) const KEY_SECRET: &str = "twilio-key-secret";

/// What it does next.
#[derive(Debug, Clone, Default)]
pub(crate) enum Mood {
    #[default]
    Good,
    /// 429 with code 20429.
    Busy,
    Answers(u16, Value),
    /// JSON that ends in the middle.
    Truncates,
    /// A body that never comes to its end.
    BreaksOff,
    /// A token, and behind it more blanks than anyone should read.
    Floods,
    /// To itself.
    Redirects,
    Hangs,
}

/// A running stand-in.
pub(crate) struct TwilioStandIn {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    mood: Mutex<Mood>,
    /// The lifetimes that were asked for.
    asked: Mutex<Vec<u64>>,
}

impl TwilioStandIn {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::<Shared>::default();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, shared }
    }

    pub(crate) fn becomes(&self, mood: Mood) {
        *self.shared.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }

    /// The lifetimes that were asked for, in their order.
    pub(crate) fn asked(&self) -> Vec<u64> {
        self.shared.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A provider's table that leads here.
    pub(crate) fn table(&self, secret_file: &std::path::Path, rest: &str) -> String {
        let (address, secret_file) = (self.address, secret_file.display());
        format!(
            r#"{{ type = "twilio", account-sid = "{ACCOUNT}", key-sid = "{KEY}", secret-file = "{secret_file}", url = "http://{address}"{rest} }}"#
        )
    }
}

/// An error as Twilio's API writes it.
fn error(status: StatusCode, code: u32, message: &str) -> Response {
    let more_info = format!("https://www.twilio.com/docs/errors/{code}");
    let body = json!({ "code": code, "message": message, "more_info": more_info, "status": status.as_u16() });
    (status, axum::Json(body)).into_response()
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if uri.path() != format!("/2010-04-01/Accounts/{ACCOUNT}/Tokens.json") || uri.query().is_some() {
        return error(StatusCode::NOT_FOUND, 20404, "The requested resource was not found");
    }
    if method != Method::POST {
        return error(StatusCode::METHOD_NOT_ALLOWED, 20004, "Method not allowed");
    }
    let basic = format!("Basic {}", STANDARD.encode(format!("{KEY}:{KEY_SECRET}")));
    if headers.get(header::AUTHORIZATION).is_none_or(|value| value.as_bytes() != basic.as_bytes()) {
        return error(StatusCode::UNAUTHORIZED, 20003, "Authenticate");
    }
    let is_form = headers.get(header::CONTENT_TYPE).is_some_and(|value| value == "application/x-www-form-urlencoded");
    let ttl = str::from_utf8(&body).ok().and_then(|body| body.strip_prefix("Ttl=")?.parse::<u64>().ok());
    let Some(ttl) = ttl.filter(|ttl| is_form && (1..=86_400).contains(ttl)) else {
        return error(StatusCode::BAD_REQUEST, 20001, "Invalid Ttl");
    };
    let number = {
        let mut asked = shared.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.push(ttl);
        asked.len()
    };
    let mood = shared.mood.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let token = token(number, ttl);
    match mood {
        Mood::Good => (StatusCode::CREATED, axum::Json(token)).into_response(),
        Mood::Busy => error(StatusCode::TOO_MANY_REQUESTS, 20429, "Too Many Requests"),
        Mood::Answers(status, body) => {
            (StatusCode::from_u16(status).expect("a status"), axum::Json(body)).into_response()
        }
        Mood::Truncates => {
            let text = token.to_string();
            (StatusCode::CREATED, [("content-type", "application/json")], text[..text.len() / 2].to_owned())
                .into_response()
        }
        Mood::BreaksOff => {
            let half = Bytes::from_static(b"{\"username\":");
            let chunks = [Ok(half), Err(std::io::Error::other("gone"))];
            (StatusCode::CREATED, Body::from_stream(futures_util::stream::iter(chunks))).into_response()
        }
        Mood::Floods => (StatusCode::CREATED, token.to_string() + &" ".repeat(1 << 20)).into_response(),
        Mood::Redirects => {
            (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, uri.path().to_owned())]).into_response()
        }
        Mood::Hangs => {
            while matches!(*shared.mood.lock().unwrap_or_else(PoisonError::into_inner), Mood::Hangs) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            (StatusCode::CREATED, axum::Json(token)).into_response()
        }
    }
}

/// A token as the documentation shows it: numbers in strings, one URL a server, the first for STUN.
pub(crate) fn token(number: usize, ttl: u64) -> Value {
    let (username, password) = (format!("user-{number}"), format!("twilio-password-{number}"));
    let turn = |url: &str| json!({ "url": url, "urls": url, "username": username, "credential": password });
    let stun = "stun:global.stun.twilio.com:3478";
    json!({
        "username": username,
        "password": password,
        "ttl": ttl.to_string(),
        "account_sid": ACCOUNT,
        "date_created": "Sat, 21 Nov 2026 16:00:00 +0000",
        "date_updated": "Sat, 21 Nov 2026 16:00:00 +0000",
        "ice_servers": [
            { "url": stun, "urls": stun },
            turn("turn:global.turn.twilio.com:3478?transport=udp"),
            turn("turn:global.turn.twilio.com:3478?transport=tcp"),
            turn("turn:global.turn.twilio.com:443?transport=tcp"),
        ],
    })
}
