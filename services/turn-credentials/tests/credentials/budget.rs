//! A month's budget.

use antiphon_turn_credentials::IceConfig;

use crate::support::{LAST, TestService, ask, urls};

const COSTLY: &str = r#"{ type = "static", name = "costly", monthly-budget = 3, servers = [{ urls = ["turn:costly.example"], username = "u", credential = "p" }] }"#;

fn with_budget(config: &mut IceConfig, file: std::path::PathBuf) {
    config.providers = vec![COSTLY.parse().expect("a provider"), LAST.parse().expect("a provider")];
    config.budget_file = Some(file);
}

#[tokio::test]
async fn beyond_its_budget_a_provider_is_not_asked_and_a_restart_gives_it_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("budget.json");
    let service = TestService::start_with(|_, config| with_budget(config, file.clone()));
    assert_eq!(service.provider_for("acme", "ada").await, "costly");
    assert_eq!(service.provider_for("acme", "bob").await, "costly");
    service.service.close();
    drop(service);

    let service = TestService::start_with(|_, config| with_budget(config, file.clone()));
    let minted = service.service.minter().mint(ask("acme", "carol")).await.expect("servers");
    assert_eq!((&*minted.provider, urls(&minted)), ("costly", vec!["turn:costly.example"]));
    assert_eq!(service.provider_for("acme", "dan").await, "last");
    service
        .until("the gauge tells it", async |service| {
            service.metric("antiphon_ice_provider_month_credentials", "costly") == 3.0
        })
        .await;
    let kept = file.clone();
    service
        .until("the file tells it", async move |_| std::fs::read_to_string(&kept).is_ok_and(|text| text.contains('3')))
        .await;
}
