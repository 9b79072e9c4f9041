use super::*;

fn read_one(text: &str) -> Result<ProviderConfig, InvalidProvider> {
    text.parse::<ProviderArgument>().map(|mut argument| argument.0.remove(0))
}

#[test]
fn a_coturn_needs_its_secrets_and_relays_and_the_rest_has_defaults() {
    let config = read_one(r#"{ type = "coturn", secrets-file = "/s", relays = [{ uris = ["turn:a.example"] }] }"#);
    let config = config.expect("valid");
    assert_eq!((config.name.as_str(), config.rules.priority, config.rules.timeout.as_secs()), ("coturn", 0, 1));
    assert_eq!((config.rules.breaker.failures.get(), config.rules.monthly_budget), (3, None));
    let ProviderKind::Coturn(coturn) = config.kind else { panic!("a coturn") };
    assert_eq!((coturn.relays[0].priority, coturn.relays[0].weight, coturn.relays[0].region.as_deref()), (0, 1, None));
}

#[test]
fn the_example_is_read_and_so_are_several_at_once() {
    let example = super::super::PROVIDERS;
    let table: String = example.lines().filter_map(|line| line.strip_prefix("  ")).collect::<Vec<_>>().join("\n");
    let document: Table = table.parse().expect("TOML");
    let provider = document["ice"]["providers"][0].to_string();
    let config = read_one(&provider).expect("valid");
    assert_eq!(config.rules.monthly_budget, Some(100_000));
    let both = r#"[{ type = "twilio", account-sid = "AC1", secret-file = "/t", name = "us" }, { type = "cloudflare", key-id = "k", token-file = "/c" }]"#;
    let both = both.parse::<ProviderArgument>().expect("valid").0;
    assert_eq!(both.iter().map(|config| config.name.as_str()).collect::<Vec<_>>(), ["us", "cloudflare"]);
    let ProviderKind::Twilio(twilio) = &both[0].kind else { panic!("Twilio") };
    assert_eq!((twilio.url.as_str(), twilio.share_for.as_secs()), ("https://api.twilio.com/", 600));
}

#[test]
fn what_is_wrong_is_said_and_no_secret_is_repeated() {
    let coturn = |rest: &str| read_one(&format!(r#"{{ type = "coturn", secrets-file = "/s"{rest} }}"#));
    let cloud =
        |url: &str| read_one(&format!(r#"{{ type = "cloudflare", key-id = "k", token-file = "/t", url = "{url}" }}"#));
    let server = |server: &str| read_one(&format!(r#"{{ type = "static", servers = [{{ {server} }}] }}"#));
    let relay = |uri: &str| coturn(&format!(r#", relays = [{{ uris = ["{uri}"] }}]"#));
    for (outcome, expected) in [
        (read_one("{"), "expected TOML"),
        (read_one("7"), "expected a table"),
        (read_one("{}"), "type: expected"),
        (read_one(r#"{ type = "turn" }"#), "type: expected"),
        (coturn(""), "missing field `relays`"),
        (coturn(", relays = []"), "relays: expected at least one"),
        (coturn(", relays = [{ uris = [] }]"), "expected at least one URI"),
        (relay("stun:a.example"), "relays: each needs a turn: or turns: URI"),
        (relay("turn:a.example:25"), "browsers dial TURN at 53, 80, 443"),
        (relay("turn://a.example"), "turn://a.example: expected a host name"),
        (coturn(r#", relays = [{ uris = ["turn:a.example"] }], secret = "hunter2""#), "unknown field `secret`"),
        (coturn(r#", relays = [{ uris = ["turn:a.example"], wait = 1 }]"#), "unknown field `wait`"),
        (coturn(r#", timeout = "1m", relays = [{ uris = ["turn:a.example"] }]"#), "timeout: expected a duration from"),
        (coturn(r#", name = "", relays = [{ uris = ["turn:a.example"] }]"#), "name: expected 1 to 64"),
        (coturn(r#", monthly-budget = 0, relays = [{ uris = ["turn:a.example"] }]"#), "expected a nonzero"),
        (server(r#"urls = ["turn:a.example"], username = "u""#), "servers: a TURN server needs"),
        (server(r#"urls = ["turn:a.example"], username = "u", credential = "hunter2", x = 1"#), "unknown field `x`"),
        (server(r#"urls = ["stun:a", "stun:b", "stun:c", "stun:d", "stun:e"]"#), "servers: expected four URLs at most"),
        (read_one(r#"{ type = "twilio", account-sid = "AC/../x", secret-file = "/t" }"#), "account-sid: expected"),
        (cloud("http://api.example"), "url: expected https"),
        (cloud("https://user:hunter2@api.example"), "url: expected https"),
        (cloud("no URL"), "url: expected a URL"),
    ] {
        let error = outcome.expect_err(expected).to_string();
        assert!(error.contains(expected), "{error} is not {expected}");
        assert!(!error.contains("hunter2"), "{error}");
    }
    cloud("http://127.0.0.1:8080").expect("a stand-in on this machine");
}

#[test]
fn debug_output_has_no_credential() {
    let config = read_one(
        r#"{ type = "static", servers = [{ urls = ["turn:a.example"], username = "u", credential = "hunter2" }] }"#,
    );
    assert!(!format!("{:?}", config.expect("valid")).contains("hunter2"));
}
