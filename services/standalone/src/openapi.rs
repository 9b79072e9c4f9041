//! The description of the REST API of the whole process: those of its services in one (OpenAPI 3.1).

use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(info(
    title = "Antiphon",
    description = "The REST API of rooms, of ICE servers and of the relay, for the application's server. A request has an access token \
                   that grants `admin`, unless it says what else will do; docs/rest.md has examples."
))]
struct Document;

/// The description, with or without a relay.
pub(crate) fn openapi(has_relay: bool) -> utoipa::openapi::OpenApi {
    let mut document = Document::openapi();
    document.merge(antiphon_signaling::openapi());
    document.merge(antiphon_turn_credentials::openapi());
    if has_relay {
        document.merge(antiphon_turn_relay::openapi());
    }
    document
}

/// The text of `docs/openapi.json`.
pub(crate) fn text() -> String {
    antiphon_service_kit::openapi::text(&openapi(true))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_committed_description_is_what_the_code_generates() {
        let committed = include_str!("../../../docs/openapi.json");
        assert!(committed == text(), "run: make generate");
    }

    #[test]
    fn the_services_have_no_name_in_common_that_means_two_things() {
        let services =
            [antiphon_signaling::openapi(), antiphon_turn_credentials::openapi(), antiphon_turn_relay::openapi()];
        let (mut paths, mut operations, mut schemas) =
            (HashSet::new(), HashSet::new(), HashSet::from(["ProblemDetails".to_owned()]));
        for mut service in services {
            for (path, item) in &mut service.paths.paths {
                assert!(paths.insert(path.clone()), "{path}");
                for operation in antiphon_service_kit::openapi::operations(item) {
                    let id = operation.operation_id.clone().expect("an id");
                    assert!(operations.insert(id.clone()), "{id}");
                }
            }
            let own = service.components.map(|components| components.schemas.into_keys()).into_iter().flatten();
            for name in own.filter(|name| name != "ProblemDetails") {
                assert!(schemas.insert(name.clone()), "{name}");
            }
        }
    }

    #[test]
    fn without_a_relay_there_is_nothing_of_it() {
        let paths = openapi(false).paths.paths;
        assert!(paths.contains_key("/v1/ice-servers") && !paths.contains_key("/v1/turn/allocations"));
    }
}
