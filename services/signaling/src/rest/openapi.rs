//! The description of the API (OpenAPI 3.1), generated from the handlers.

use antiphon_service_kit::openapi::{add_problems, operations, with_tokens};
use utoipa::{
    OpenApi,
    openapi::{
        RefOr, Required,
        path::{Operation, ParameterBuilder, ParameterIn},
        schema::{ObjectBuilder, Type},
    },
};

use super::{events, idempotency, router::resources};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Antiphon rooms",
        description = "The REST API of rooms, for the application's server."
    ),
    tags(
        (name = "rooms", description = "Rooms, before, while and after people are in them"),
        (name = "participants", description = "Who is in a room"),
        (name = "lobby", description = "Who waits to be let in"),
        (name = "bans", description = "Who may not come back"),
        (name = "chat", description = "What was written to everyone"),
        (name = "data", description = "Bytes of the application"),
        (name = "events", description = "What happens in a room, or in every room, as it happens"),
        (name = "usage", description = "What the tenant uses"),
        (name = "webhooks", description = "What the application is told of its rooms by HTTP, and what could not be delivered"),
    )
)]
struct Document;

/// What the description begins with: all but the resources.
pub(super) fn document() -> utoipa::openapi::OpenApi {
    with_tokens(Document::openapi())
}

/// The description of every resource of this service.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = resources().into_openapi();
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            add_path_parameters(path, operation);
            add_refusals(path, operation);
        }
        if let Some(operation) = &mut item.post {
            add_idempotency(operation);
        }
        if let Some(operation) = item.get.as_mut().filter(|_| path.ends_with("/events")) {
            add_last_event_id(operation);
        }
    }
    document
}

/// Every stream of events can be gone on from.
fn add_last_event_id(operation: &mut Operation) {
    let schema = ObjectBuilder::new().schema_type(Type::String).pattern(Some(events::ID_PATTERN)).examples(["1.42"]);
    let parameter = ParameterBuilder::new()
        .name("Last-Event-ID")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "The `id` of the last event that was seen: what happened since comes first, where it is still known",
        ))
        .schema(Some(schema));
    operation.parameters.get_or_insert_default().push(RefOr::T(parameter.build()));
}

/// Every POST takes a key.
fn add_idempotency(operation: &mut Operation) {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(idempotency::KEY_PATTERN))
        .examples(["0f6c2b1e-7e43-4f5c-9a0a-2f1d0a7c9d55"]);
    let parameter = ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("Under the same key the same request is carried out once, and answered alike for a day"))
        .schema(Some(schema));
    operation.parameters.get_or_insert_default().push(RefOr::T(parameter.build()));
    let refusals = [
        ("409", "It is not the time: the first request with this key has no answer yet (`request_in_progress`)"),
        ("413", "The body, or a value in it, is too long"),
        ("422", "This key came with another request before (`idempotency_key_reused`)"),
    ];
    add_problems(operation, refusals);
}

/// A string without control characters, as the ids of the protocol are.
const NO_CONTROL: &str = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$";

/// What stands in paths: name, meaning, an example, the longest, the pattern.
const PATH_PARAMETERS: [(&str, &str, &str, usize, &str); 6] = [
    ("room", "The room's name", "rehearsal", 128, NO_CONTROL),
    (
        "participant",
        "A session's sid, or `@` and an identity: then the session of that identity which came last",
        "@ada",
        257,
        "^([a-z2-7]{16}|@[^\\u0000-\\u001f\\u007f-\\u009f]{1,256})$",
    ),
    ("identity", "The token's `sub`", "ada", 256, NO_CONTROL),
    ("message", "The id of a chat message", "gaytemzugu3doobz-7", 256, NO_CONTROL),
    ("webhook", "The endpoint's `id`", "default", 64, "^[A-Za-z0-9_-]*$"),
    ("letter", "The event's id", "evt_0123456789abcdef0123456789abcdef", 64, NO_CONTROL),
];

/// Describes the parameters of the path that the handler does not describe itself.
fn add_path_parameters(path: &str, operation: &mut Operation) {
    let parameters = operation.parameters.get_or_insert_default();
    for (name, description, example, longest, pattern) in PATH_PARAMETERS {
        let is_known = parameters.iter().any(|known| matches!(known, RefOr::T(known) if known.name == name));
        if is_known || !path.contains(&format!("{{{name}}}")) {
            continue;
        }
        let schema = ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(longest))
            .pattern(Some(pattern))
            .examples([example]);
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .description(Some(description))
            .schema(Some(schema));
        parameters.push(RefOr::T(parameter.build()));
    }
    if parameters.is_empty() {
        operation.parameters = None;
    }
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

/// What a request about something in the path may be answered.
const PATH_REFUSAL: (&str, &str) = ("404", "There is no such thing");

/// What a request with a body may be answered.
const BODY_REFUSALS: [(&str, &str); 2] =
    [("413", "The body, or a value in it, is too long"), ("415", "The body is not `application/json`")];

fn add_refusals(path: &str, operation: &mut Operation) {
    let of_path = path.contains('{').then_some(PATH_REFUSAL);
    let of_body = operation.request_body.is_some().then_some(BODY_REFUSALS);
    add_problems(operation, REFUSALS.into_iter().chain(of_path).chain(of_body.into_iter().flatten()));
}
