//! The description of the API (OpenAPI 3.1), generated from the handlers and served at `/v1/openapi.json`.

use std::sync::{Arc, LazyLock};

use antiphon_service_kit::problem::{MEDIA_TYPE, ProblemDetails};
use axum::{Router, http::header, response::IntoResponse, routing::get};
use utoipa::{
    OpenApi,
    openapi::{
        ContentBuilder, Ref, Response, ResponseBuilder,
        path::{Operation, PathItem},
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use super::router::resources;
use crate::Shared;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Antiphon",
        description = "The REST API of rooms, for the application's server. Every request has an access token that grants `admin`; \
                       docs/rest.md has examples."
    ),
    components(schemas(ProblemDetails)),
    tags(
        (name = "rooms", description = "Rooms, before, while and after people are in them"),
    )
)]
struct Document;

const BEARER: &str = "bearer";

/// What the description begins with: all but the resources.
pub(super) fn document() -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("An access token that grants `admin`"))
        .build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
    document.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>(BEARER, [])]);
    document
}

/// The description of every resource.
fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = resources().into_openapi();
    for path in document.paths.paths.values_mut() {
        for operation in operations(path) {
            add_refusals(operation);
        }
    }
    document
}

fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = path;
    [get, put, post, delete, patch].into_iter().flatten()
}

/// What any request may be answered.
const REFUSALS: [(&str, &str); 6] = [
    ("400", "The request cannot be read, or a value in it cannot be"),
    ("401", "No token, or one that is not valid"),
    ("403", "The token does not grant `admin`, or the room's rules forbid it"),
    ("429", "Too many requests of this tenant"),
    ("500", "A fault of the server's own"),
    ("503", "Not now"),
];

fn add_refusals(operation: &mut Operation) {
    for (status, description) in REFUSALS {
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| problem(description).into());
    }
}

fn problem(description: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemDetails"))).build();
    ResponseBuilder::new().description(description).content(MEDIA_TYPE, content).build()
}

static TEXT: LazyLock<String> = LazyLock::new(|| {
    let mut text = openapi().to_pretty_json().expect("strings and numbers");
    text.push('\n');
    text
});

/// The description of the REST API as it is served, in JSON (OpenAPI 3.1).
#[must_use]
pub fn openapi_text() -> &'static str {
    &TEXT
}

/// Serves the description, to anybody.
pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/v1/openapi.json", get(show_openapi))
}

async fn show_openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], openapi_text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_description_is_what_the_code_generates() {
        let committed = include_str!("../../../../docs/openapi.json");
        assert!(committed == openapi_text(), "run: make generate");
    }
}
