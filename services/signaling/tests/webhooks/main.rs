//! Webhooks as a receiver gets them: real rooms, real HTTP, a receiver that takes them, refuses them, is slow or away.

#[path = "../rest/application.rs"]
#[expect(dead_code, reason = "shared with the tests of the REST API")]
mod application;
#[path = "../support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "shared with the other tests")]
mod support;

mod dead_letters;
mod delivery;
mod examples;
mod hostile;
mod https;
mod outbox;
mod receiver;
mod signed;

use receiver::Receiver;
use support::TestServer;

/// The secret of every endpoint that is given no other.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// An endpoint of tenant acme, with waits that a test can wait for. `rest` begins with a comma, or is empty.
fn endpoint(id: &str, receiver: &Receiver, rest: &str) -> String {
    let url = receiver.url();
    let rest = if rest.contains("secrets") { rest.to_owned() } else { format!(", secrets = [\"{SECRET}\"]{rest}") };
    format!(
        "{{ tenant = \"acme\", id = \"{id}\", url = \"{url}\", retry-first = \"5ms\", retry-longest = \"50ms\"{rest} }}"
    )
}

/// A server with these endpoints.
fn server(endpoints: &[String]) -> TestServer {
    TestServer::start_with(|setup| {
        setup.signaling.webhooks = endpoints.iter().map(|text| text.parse().expect(text)).collect();
    })
}

/// A server with one endpoint.
fn server_for(receiver: &Receiver) -> TestServer {
    server(&[endpoint("default", receiver, "")])
}
