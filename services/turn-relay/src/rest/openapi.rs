//! The description of the API (OpenAPI 3.1), generated from the handlers.

use antiphon_service_kit::openapi::{add_problems, operations, with_tokens};
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    info(title = "Antiphon's relay", description = "The STUN and TURN server's REST API, for the application's server."),
    paths(super::list_allocations, super::end_allocations),
    tags((name = "turn", description = "What clients have of the relay"))
)]
struct Document;

/// What any request may be answered.
const REFUSALS: [(&str, &str); 5] = [
    ("400", "A parameter cannot be, or DELETE names nothing"),
    ("401", "No token, or one that is not valid"),
    ("403", "The token does not grant `admin`, or is of another tenant"),
    ("500", "A fault of the server's own"),
    ("503", "The relay is too busy to answer"),
];

/// The description of the relay's resources.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = with_tokens(Document::openapi());
    document.paths.paths.values_mut().flat_map(operations).for_each(|operation| add_problems(operation, REFUSALS));
    document
}
