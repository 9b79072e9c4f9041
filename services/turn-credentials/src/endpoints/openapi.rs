//! The description of the API under `/v1` (OpenAPI 3.1), generated from the handlers. The other two shapes are described by the REST
//! draft and by Matrix.

use antiphon_service_kit::openapi::{add_problems, operations, with_tokens};
use utoipa::{
    OpenApi,
    openapi::{RefOr, Required},
};

use super::ice_servers;

#[derive(OpenApi)]
#[openapi(
    info(title = "Antiphon's ICE servers", description = "ICE servers that are minted for who asks; docs/turn.md has clients."),
    paths(ice_servers::create_ice_servers, ice_servers::revoke_ice_servers),
    tags((name = "ice-servers", description = "What an `RTCPeerConnection` finds its relays by"))
)]
struct Document;

/// What any request may be answered.
const REFUSALS: [(&str, &str); 7] = [
    ("400", "The body cannot be read, or a value in it cannot be"),
    ("401", "No token, or one that is not valid"),
    ("403", "The token does not grant this, or not for this identity"),
    ("413", "The body is too long"),
    ("429", "Too many requests of this identity, or of its tenant"),
    ("500", "A fault of the server's own"),
    ("503", "No provider can be reached now"),
];

/// The operation whose body may be left out.
const WITHOUT_BODY: &str = "create_ice_servers";

/// The description of what is under `/v1`.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = with_tokens(Document::openapi());
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        add_problems(operation, REFUSALS);
        if operation.operation_id.as_deref() == Some(WITHOUT_BODY)
            && let Some(RefOr::T(body)) = &mut operation.request_body
        {
            body.required = Some(Required::False);
        }
    }
    document
}
