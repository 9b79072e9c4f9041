//! What the OpenAPI descriptions (3.1) of all services share, and where they are served.
//!
//! A service describes its own resources. Whoever puts services together in one process merges their descriptions and serves the whole.

use axum::{Router, body::Bytes, http::header, routing::get};
use utoipa::{
    PartialSchema as _, ToSchema as _,
    openapi::{
        ContentBuilder, OpenApi, Ref, Response, ResponseBuilder,
        path::{Operation, PathItem},
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use crate::problem::{MEDIA_TYPE, ProblemDetails};

/// Where a description is served.
pub const PATH: &str = "/v1/openapi.json";

const BEARER: &str = "bearer";

/// Adds what every operation needs: a bearer's token, and [`ProblemDetails`].
#[must_use]
pub fn with_tokens(mut document: OpenApi) -> OpenApi {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some("An access token. It grants `admin`, unless the operation says what else will do"))
        .build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
    components.schemas.insert(ProblemDetails::name().into_owned(), ProblemDetails::schema());
    document.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>(BEARER, [])]);
    document
}

/// A path's operations.
pub fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = path;
    [get, put, post, delete, patch].into_iter().flatten()
}

/// Adds refusals by their status, as problems; what the operation says of a status itself stays.
pub fn add_problems<'a>(operation: &mut Operation, problems: impl IntoIterator<Item = (&'a str, &'a str)>) {
    for (status, description) in problems {
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| problem(description).into());
    }
}

fn problem(description: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(ProblemDetails::name()))).build();
    ResponseBuilder::new().description(description).content(MEDIA_TYPE, content).build()
}

/// A description as it is served and committed: JSON, and a line's end.
///
/// # Panics
/// Never: it has strings and numbers.
#[must_use]
pub fn text(document: &OpenApi) -> String {
    let mut text = document.to_pretty_json().expect("strings and numbers");
    text.push('\n');
    text
}

/// Serves a description at [`PATH`], to anybody.
pub fn router(document: &OpenApi) -> Router {
    let text = Bytes::from(text(document));
    let show = async move || ([(header::CONTENT_TYPE, "application/json")], text.clone());
    Router::new().route(PATH, get(show))
}
