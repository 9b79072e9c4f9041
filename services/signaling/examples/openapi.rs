//! Prints the description of the REST API: `cargo run -p antiphon-signaling --example openapi > docs/openapi.json`.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(antiphon_signaling::openapi_text().as_bytes())
}
