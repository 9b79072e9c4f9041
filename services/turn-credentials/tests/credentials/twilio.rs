//! Twilio, by its stand-in.

use std::{sync::Arc, time::Duration};

use antiphon_service_kit::config::HumanDuration;
use antiphon_turn_credentials::{Ask, Minted};
use serde_json::{Value, json};

use crate::{
    support::{LAST, SECRET, TestService, ask, file, urls},
    twilio_stand_in::{KEY_SECRET, Mood, TwilioStandIn, token},
};

async fn started(rest: &str) -> (TwilioStandIn, TestService) {
    started_with(rest, None).await
}

/// Also with a relay in this region, which is asked last.
async fn started_with(rest: &str, region: Option<&str>) -> (TwilioStandIn, TestService) {
    let twilio = TwilioStandIn::start().await;
    let service = TestService::start_with(|directory, config| {
        let secret = file(directory, "twilio", KEY_SECRET);
        let mut tables = vec![twilio.table(&secret, rest), LAST.to_owned()];
        tables.extend(region.map(|region| {
            let secrets = file(directory, "secrets", SECRET);
            let relay = format!(r#"{{ uris = ["turn:{region}.example"], region = "{region}" }}"#);
            format!(r#"{{ type = "coturn", priority = 10, secrets-file = {secrets:?}, relays = [{relay}] }}"#)
        }));
        config.providers = tables.iter().map(|table| table.parse().expect("a provider")).collect();
    });
    (twilio, service)
}

fn username(minted: &Minted) -> Option<&str> {
    minted.servers.iter().find_map(|server| server.username.as_deref())
}

#[tokio::test]
async fn a_token_is_fetched_as_documented_and_gives_its_best_urls() {
    let (twilio, service) = started("").await;
    let minted = service.mint("acme", "ada").await.expect("servers");
    assert_eq!(&*minted.provider, "twilio");
    let expected = [
        "stun:global.stun.twilio.com:3478",
        "turn:global.turn.twilio.com:3478?transport=udp",
        "turn:global.turn.twilio.com:443?transport=tcp",
    ];
    assert_eq!(urls(&minted), expected);
    assert_eq!(twilio.asked(), [3_600 + 600], "what was asked for, and for how long it is shared");
    assert_eq!(minted.ttl, Duration::from_secs(4_200));
}

#[tokio::test]
async fn clients_of_a_tenant_and_region_share_a_token_and_others_do_not() {
    let (twilio, service) = started_with("", Some("us")).await;
    let (ada, bob) = (service.mint("acme", "ada").await, service.mint("acme", "bob").await);
    assert_eq!(ada.as_ref().ok().and_then(username), Some("user-1"));
    assert_eq!(bob.as_ref().ok().and_then(username), Some("user-1"));
    assert_eq!(service.mint("globex", "carol").await.as_ref().ok().and_then(username), Some("user-2"));
    for (region, expected) in [("us", "user-3"), ("made-up-1", "user-1"), ("made-up-2", "user-1"), ("us", "user-3")] {
        let there = Ask { region: Some(Arc::from(region)), ..ask("acme", "ada") };
        let minted = service.service.minter().mint(there).await.expect("servers");
        assert_eq!(username(&minted), Some(expected), "{region}");
    }
    assert_eq!(twilio.asked().len(), 3);
}

#[tokio::test]
async fn who_asks_for_more_than_a_day_gets_none_of_it_and_opens_no_breaker() {
    let twilio = TwilioStandIn::start().await;
    let service = TestService::start_with(|directory, config| {
        let secret = file(directory, "twilio", KEY_SECRET);
        let tables = [twilio.table(&secret, r#", failures = 1, open-for = "1h""#), LAST.to_owned()];
        config.providers = tables.iter().map(|table| table.parse().expect("a provider")).collect();
        config.max_credential_ttl = HumanDuration(Duration::from_secs(3 * 86_400));
    });
    for (seconds, expected) in [(86_401, "last"), (86_401, "last"), (86_400, "twilio")] {
        let asked = Ask { ttl: Some(Duration::from_secs(seconds)), ..ask("acme", "ada") };
        let minted = service.service.minter().mint(asked).await.expect("servers");
        assert_eq!(&*minted.provider, expected, "{seconds}");
    }
    assert_eq!(twilio.asked(), [86_400]);
    assert_eq!(service.metric("antiphon_ice_provider_failures_total", "too_long"), 2.0);
}

#[tokio::test]
async fn many_at_once_ask_twilio_once() {
    let (twilio, service) = started(r#", timeout = "30s""#).await;
    twilio.becomes(Mood::Hangs);
    let minter = service.service.minter();
    // More than may ask at once: who waits for another's request makes none.
    let asking: Vec<_> = (0..400)
        .map(|number| {
            let minter = minter.clone();
            tokio::spawn(async move { minter.mint(ask("acme", &format!("ada-{number}"))).await })
        })
        .collect();
    service.until("Twilio is asked", async |_| !twilio.asked().is_empty()).await;
    twilio.becomes(Mood::Good);
    for asking in asking {
        assert_eq!(username(&asking.await.expect("no panic").expect("servers")), Some("user-1"));
    }
    assert_eq!(twilio.asked().len(), 1);
}

#[tokio::test]
async fn a_token_is_never_given_with_less_life_than_asked_for() {
    let (twilio, service) = started("").await;
    let for_seconds = |seconds| Ask { ttl: Some(Duration::from_secs(seconds)), ..ask("acme", "ada") };
    for (wanted, expected, fetched) in [
        (60, "user-1", vec![660]),
        (500, "user-1", vec![660]),
        // Longer than what is left of the first.
        (3_600, "user-2", vec![660, 4_200]),
        (60, "user-2", vec![660, 4_200]),
    ] {
        let minted = service.service.minter().mint(for_seconds(wanted)).await.expect("servers");
        assert!(minted.ttl >= Duration::from_secs(wanted), "{:?} for {wanted}", minted.ttl);
        assert_eq!((username(&minted), twilio.asked()), (Some(expected), fetched));
    }
}

#[tokio::test]
async fn whatever_twilio_answers_the_client_has_servers() {
    let long = json!("x".repeat(1_000));
    let with = |change: &dyn Fn(&mut Value)| {
        let mut answer = token(1, 4_200);
        change(&mut answer);
        Mood::Answers(201, answer)
    };
    for (mood, reason) in [
        (Mood::Busy, "rate_limited"),
        (Mood::Answers(500, json!({})), "status"),
        (Mood::Answers(401, json!({ "code": 20003 })), "unauthorized"),
        (Mood::Answers(200, token(1, 4_200)), "status"),
        (Mood::Answers(302, json!({})), "status"),
        (Mood::Redirects, "status"),
        (Mood::Truncates, "wrong_answer"),
        // How far it got before is the connection's affair.
        (Mood::BreaksOff, "twilio"),
        (Mood::Floods, "wrong_answer"),
        (Mood::Answers(201, json!([])), "wrong_answer"),
        (with(&|answer| answer["ttl"] = json!(4_200)), "wrong_answer"),
        (with(&|answer| answer["ttl"] = json!("60")), "wrong_answer"),
        (with(&|answer| answer["ttl"] = json!("-1")), "wrong_answer"),
        (with(&|answer| answer["ice_servers"] = json!([])), "wrong_answer"),
        (with(&|answer| answer["ice_servers"][1]["urls"] = json!("http://evil.example")), ""),
        (with(&|answer| answer["ice_servers"][1]["username"] = json!("somebody")), "wrong_answer"),
        (with(&|answer| answer["username"] = json!("somebody")), "wrong_answer"),
        (with(&|answer| answer["ice_servers"][1]["credential"] = long.clone()), "wrong_answer"),
        (
            with(&|answer| {
                answer["ice_servers"][1].as_object_mut().expect("a server").remove("credential");
            }),
            "wrong_answer",
        ),
    ] {
        let (twilio, service) = started("").await;
        twilio.becomes(mood.clone());
        let minted = service.mint("acme", "ada").await.expect("servers, in any case");
        let expected = if reason.is_empty() { "twilio" } else { "last" };
        assert_eq!(&*minted.provider, expected, "{mood:?}");
        assert!(urls(&minted).iter().all(|url| !url.contains("evil")), "{mood:?}");
        let failures = service.metric("antiphon_ice_provider_failures_total", reason);
        assert_eq!(failures, if reason.is_empty() { 0.0 } else { 1.0 }, "{mood:?}");
        assert_eq!(twilio.asked().len(), 1, "{mood:?}");
    }
}

#[tokio::test]
async fn a_wrong_secret_is_refused_and_a_corrected_file_is_taken_up() {
    let (_twilio, service) = started(r#", failures = 1000"#).await;
    // Each tenant's token is fetched anew.
    let mut tenants = (0..).map(|number| format!("tenant-{number}"));
    file(&service.directory, "twilio", "not-the-secret");
    let mut next = || tenants.next().expect("another tenant");
    service.until("refused", async |service| service.provider_for(&next(), "ada").await == "last").await;
    assert!(service.metric("antiphon_ice_provider_failures_total", "unauthorized") >= 1.0);
    file(&service.directory, "twilio", KEY_SECRET);
    service.until("taken", async |service| service.provider_for(&next(), "ada").await == "twilio").await;
}

#[tokio::test]
async fn a_slow_answer_costs_its_time_limit_and_serves_those_who_come_later() {
    let (twilio, service) = started(r#", timeout = "20ms""#).await;
    twilio.becomes(Mood::Hangs);
    assert_eq!(service.provider_for("acme", "ada").await, "last");
    assert_eq!(service.metric("antiphon_ice_provider_failures_total", "timed_out"), 1.0);
    service.until("Twilio is asked", async |_| !twilio.asked().is_empty()).await;
    twilio.becomes(Mood::Good);
    service.until("the late token serves", async |service| service.provider_for("acme", "bob").await == "twilio").await;
    assert_eq!(twilio.asked().len(), 1);
}

#[tokio::test]
async fn one_that_fails_again_and_again_is_left_alone_for_a_while() {
    let (twilio, service) = started(r#", failures = 2, open-for = "200ms""#).await;
    twilio.becomes(Mood::Busy);
    for number in 0..20 {
        assert_eq!(service.provider_for("acme", &format!("ada-{number}")).await, "last");
    }
    assert!(twilio.asked().len() < 20, "it was asked {} times", twilio.asked().len());
    service
        .until("the gauge tells", async |service| service.metric("antiphon_ice_provider_open", "twilio") == 1.0)
        .await;
    twilio.becomes(Mood::Good);
    service.until("it is tried again", async |service| service.provider_for("acme", "ada").await == "twilio").await;
}

#[tokio::test]
async fn a_caller_that_gives_up_leaves_the_provider_judged() {
    let (twilio, service) = started(r#", timeout = "50ms", failures = 1, open-for = "1m""#).await;
    twilio.becomes(Mood::Hangs);
    let minter = service.service.minter();
    let joining = tokio::spawn(async move { minter.mint(ask("acme", "ada")).await.is_ok() });
    service.until("Twilio is asked", async |_| !twilio.asked().is_empty()).await;
    joining.abort();
    service.until("it is judged", async |service| service.metric("antiphon_ice_provider_open", "twilio") == 1.0).await;
}
