//! `GET /v1/connect`: from an HTTP request to a WebSocket.

use std::{sync::Arc, time::Instant};

use antiphon_protocol::{CloseCode, ErrorCode, Format};
use antiphon_service_kit::{
    auth::{Claims, bearer},
    client_address::limit_key,
    origins,
    problem::Problem,
    serve::PeerAddr,
};
use axum::{
    Extension,
    extract::{RawQuery, State, WebSocketUpgrade, ws::rejection::WebSocketUpgradeRejection},
    http::{HeaderMap, HeaderName, StatusCode, header},
    response::{IntoResponse as _, Response},
};

use crate::{
    Shared,
    admission::{Overload, Place},
    connection::{self, Denied, Upgraded},
    room::wall_clock,
};

/// Read from a socket at once. What a burst of candidates needs; an offer takes a few reads.
const READ_BUFFER: usize = 2 * 1024;

/// Written to a socket at once.
const WRITE_BUFFER: usize = 4 * 1024;

/// Frames that a connection may have unwritten, in bytes: the largest snapshot of a room.
const MAX_WRITE_BUFFER: usize = 32 << 20;

/// What a frame may have beyond an SDP's limit: the rest of the frame, and room to say what was wrong.
const FRAME_SLACK: usize = 4 * 1024;

const TOKEN_SUBPROTOCOL: &str = "antiphon.token.";

/// Opens the signaling socket.
pub(crate) async fn open_socket(
    State(shared): State<Arc<Shared>>,
    peer: Extension<PeerAddr>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let upgrade = upgrade.map_err(|reason| not_an_upgrade(&reason))?;
    let now = Instant::now();
    let address = limit_key(shared.client_address.resolve(peer.0.0, &headers));
    let mut place = shared.admission.admit(address, now).map_err(|overload| refuse(&shared, overload))?;
    check_origin(&shared, &headers)?;

    let asked = Asked::read(&headers, query.as_deref());
    let verified = verify(&shared, asked.token.as_deref(), &mut place, now).await;
    let config = &shared.config;
    let max_bytes = config.max_sdp_bytes.as_usize().max(config.max_message_bytes.as_usize()) + FRAME_SLACK;
    let upgraded = Upgraded { format: asked.format, place, verified };
    Ok(upgrade
        .protocols(asked.answer)
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(MAX_WRITE_BUFFER)
        .max_message_size(max_bytes)
        .max_frame_size(max_bytes)
        .on_upgrade(move |socket| connection::serve(shared, socket, upgraded))
        .into_response())
}

fn not_an_upgrade(reason: &WebSocketUpgradeRejection) -> Problem {
    Problem::new(ErrorCode::InvalidArgument, format!("this address is for WebSockets: {reason}"))
        .with_status(StatusCode::UPGRADE_REQUIRED)
}

fn refuse(shared: &Shared, overload: Overload) -> Problem {
    shared.metrics.refused_connections.with_label_values(&[overload.reason()]).inc();
    let retry_after_ms = u32::try_from(overload.retry_after().as_millis()).unwrap_or(u32::MAX);
    Problem::new(ErrorCode::RateLimited, overload.message()).with_retry_after_ms(retry_after_ms)
}

/// A page may connect from the server's own origin and from those that are configured. What is no browser sends no origin.
fn check_origin(shared: &Shared, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().unwrap_or_default();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let own = ["http://", "https://"].iter().any(|scheme| origin.strip_prefix(scheme) == Some(host));
    if own || origins::allows(&shared.config.allowed_origins, origin) {
        return Ok(());
    }
    shared.metrics.refused_connections.with_label_values(&["origin"]).inc();
    Err(Problem::new(
        ErrorCode::OriginDenied,
        "pages of this origin may not connect; see allowed-origins in the configuration",
    ))
}

/// What the request asks for.
struct Asked {
    format: Format,
    /// The subprotocol to answer with.
    answer: Option<&'static str>,
    token: Option<String>,
}

impl Asked {
    fn read(headers: &HeaderMap, query: Option<&str>) -> Self {
        let offered: Vec<&str> = values(headers, &header::SEC_WEBSOCKET_PROTOCOL);
        let format = [Format::Json, Format::Proto]
            .into_iter()
            .filter_map(|format| {
                let place = offered.iter().position(|offer| *offer == format.subprotocol())?;
                Some((place, format))
            })
            .min_by_key(|(place, _)| *place)
            .map(|(_, format)| format);
        let bearer = bearer(headers).map(str::to_owned);
        let subprotocol = || offered.iter().find_map(|offer| offer.strip_prefix(TOKEN_SUBPROTOCOL)).map(str::to_owned);
        let parameter = || {
            let pairs = query?.split('&');
            // A JWT is made of characters that need no escaping (RFC 7515 §2, RFC 3986 §2.3).
            pairs
                .filter_map(|pair| pair.split_once('='))
                .find(|(name, _)| *name == "access_token")
                .map(|(_, token)| token.to_owned())
        };
        Self {
            format: format.unwrap_or_default(),
            answer: format.map(Format::subprotocol),
            token: bearer.or_else(subprotocol).or_else(parameter),
        }
    }
}

fn values<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a str> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).collect()
}

/// Whose connection it is. What is wrong with the token is told on the socket: a browser hides the answer to a failed upgrade.
async fn verify(shared: &Shared, token: Option<&str>, place: &mut Place, now: Instant) -> Result<Claims, Denied> {
    let denied = |code, message: String, close| Denied { code, message, close };
    let Some(token) = token else {
        let message =
            "a token is needed: as Authorization: Bearer, as a subprotocol antiphon.token.TOKEN, or as ?access_token=";
        return Err(denied(ErrorCode::Unauthenticated, message.to_owned(), CloseCode::Unauthenticated));
    };
    let claims = shared
        .keys
        .verify_fresh(token, wall_clock().0 / 1000)
        .await
        .map_err(|error| denied(error.code(), error.to_string(), CloseCode::Unauthenticated))?;
    if !claims.grants.join {
        let message = "the token does not grant join";
        return Err(denied(ErrorCode::PermissionDenied, message.to_owned(), CloseCode::JoinRefused));
    }
    place
        .belongs_to(&claims.tenant, now)
        .map_err(|overload| denied(ErrorCode::RateLimited, overload.message().to_owned(), CloseCode::TryAgainLater))?;
    Ok(claims)
}
