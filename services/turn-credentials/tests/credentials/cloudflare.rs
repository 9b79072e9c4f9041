//! Cloudflare, by its stand-in.

use std::time::Duration;

use antiphon_service_kit::config::HumanDuration;
use antiphon_turn_credentials::{Ask, Minted};
use http::{Method, StatusCode};
use serde_json::json;

use crate::{
    cloudflare_stand_in::{API_TOKEN, CloudflareStandIn},
    support::{LAST, TestService, ask, file, request, urls},
};

async fn started() -> (CloudflareStandIn, TestService) {
    let cloudflare = CloudflareStandIn::start().await;
    let service = TestService::start_with(|directory, config| {
        let token = file(directory, "cloudflare", API_TOKEN);
        let tables = [cloudflare.table(&token, r#", failures = 1000, timeout = "30s""#), LAST.to_owned()];
        config.providers = tables.iter().map(|table| table.parse().expect("a provider")).collect();
    });
    (cloudflare, service)
}

fn username(minted: &Minted) -> Option<&str> {
    minted.servers.iter().find_map(|server| server.username.as_deref())
}

#[tokio::test]
async fn each_client_gets_credentials_of_its_own_and_no_url_at_port_53() {
    let (cloudflare, service) = started().await;
    let ada = service.mint("acme", "ada").await.expect("servers");
    let expected = [
        "stun:stun.cloudflare.com:3478",
        "turn:turn.cloudflare.com:3478?transport=udp",
        "turn:turn.cloudflare.com:80?transport=tcp",
        "turns:turn.cloudflare.com:443?transport=tcp",
    ];
    assert_eq!((urls(&ada), &*ada.provider), (expected.to_vec(), "cloudflare"));
    let bob = service.mint("acme", "bob").await.expect("servers");
    assert_eq!((username(&ada), username(&bob)), (Some("cf-user-1"), Some("cf-user-2")));
    assert_eq!(cloudflare.known().asked, [3_600, 3_600]);
}

#[tokio::test]
async fn who_asks_for_more_than_two_days_gets_none_of_it_and_opens_no_breaker() {
    let cloudflare = CloudflareStandIn::start().await;
    let service = TestService::start_with(|directory, config| {
        let token = file(directory, "cloudflare", API_TOKEN);
        let tables = [cloudflare.table(&token, r#", failures = 1, open-for = "1h""#), LAST.to_owned()];
        config.providers = tables.iter().map(|table| table.parse().expect("a provider")).collect();
        config.max_credential_ttl = HumanDuration(Duration::from_secs(3 * 86_400));
    });
    for (seconds, expected) in [(172_801, "last"), (172_801, "last"), (172_801, "last"), (172_800, "cloudflare")] {
        let asked = Ask { ttl: Some(Duration::from_secs(seconds)), ..ask("acme", "ada") };
        let minted = service.service.minter().mint(asked).await.expect("servers");
        assert_eq!(&*minted.provider, expected, "{seconds}");
    }
    assert_eq!(cloudflare.known().asked, [172_800]);
}

#[tokio::test]
async fn requests_beyond_those_that_may_be_under_way_go_to_the_next_provider_and_open_no_breaker() {
    let cloudflare = CloudflareStandIn::start().await;
    let service = TestService::start_with(|directory, config| {
        let token = file(directory, "cloudflare", API_TOKEN);
        let tables = [cloudflare.table(&token, r#", failures = 1, open-for = "1h", timeout = "30s""#), LAST.to_owned()];
        config.providers = tables.iter().map(|table| table.parse().expect("a provider")).collect();
    });
    let hung = cloudflare.hang();
    let minter = service.service.minter();
    let asking: Vec<_> = (0..300)
        .map(|number| {
            let minter = minter.clone();
            tokio::spawn(async move { minter.mint(ask("acme", &format!("ada-{number}"))).await })
        })
        .collect();
    service
        .until("the rest is turned away", async |service| {
            service.metric("antiphon_ice_provider_failures_total", "busy") == 44.0
        })
        .await;
    drop(hung);
    let mut by_cloudflare = 0;
    for asking in asking {
        by_cloudflare += usize::from(&*asking.await.expect("no panic").expect("servers").provider == "cloudflare");
    }
    assert_eq!(by_cloudflare, 256);
    assert_eq!(service.provider_for("acme", "bob").await, "cloudflare");
}

#[tokio::test]
async fn the_older_answer_with_one_object_is_read_too() {
    let (cloudflare, service) = started().await;
    cloudflare.known().gives_object = true;
    let minted = service.mint("acme", "ada").await.expect("servers");
    assert_eq!((&*minted.provider, urls(&minted).len()), ("cloudflare", 3));
}

#[tokio::test]
async fn whatever_cloudflare_refuses_with_the_client_has_servers() {
    let (cloudflare, service) = started().await;
    for (status, reason) in [(401, "unauthorized"), (429, "rate_limited"), (500, "status"), (204, "status")] {
        cloudflare.known().refuses_with = Some(status);
        assert_eq!(service.provider_for("acme", "ada").await, "last");
        assert_eq!(
            service.metric("antiphon_ice_provider_failures_total", reason),
            if status == 204 { 2.0 } else { 1.0 }
        );
    }
}

#[tokio::test]
async fn the_application_revokes_what_an_identity_has() {
    let (cloudflare, service) = started().await;
    for identity in ["ada", "ada", "bob"] {
        service.mint("acme", identity).await.expect("servers");
    }
    let admin = service.admin_token("acme");
    let revoke = |token: &str| request(Method::POST, "/v1/ice-servers/revoke", Some(token), r#"{"identity":"ada"}"#);

    cloudflare.known().refuses_with = Some(500);
    let failed = service.send(revoke(&admin)).await;
    assert_eq!((failed.status, &failed.body["code"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("unavailable")));
    cloudflare.known().refuses_with = None;

    let others = service.send(revoke(&service.admin_token("globex"))).await;
    assert_eq!((others.status, &others.body), (StatusCode::OK, &json!({ "revoked": 0 })));
    let refused = service.send(revoke(&service.token("acme", "ada"))).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let answer = service.send(revoke(&admin)).await;
    assert_eq!((answer.status, &answer.body), (StatusCode::OK, &json!({ "revoked": 2 })));
    assert_eq!(cloudflare.known().live.iter().collect::<Vec<_>>(), ["cf-user-3"]);
    assert_eq!(service.send(revoke(&admin)).await.body, json!({ "revoked": 0 }), "once");

    service.mint("acme", "ada").await.expect("servers");
    cloudflare.known().live.clear();
    let answer = service.send(revoke(&admin)).await;
    assert_eq!(
        (answer.status, &answer.body),
        (StatusCode::OK, &json!({ "revoked": 1 })),
        "it is good no more either way"
    );
}
