//! Signaling asks a turn-credentials that runs apart, as decision 7 has it.

use antiphon_service_kit::{
    auth::{KeyRing, ServiceKeys, TokenRules},
    config::{HumanDuration, defaults},
    drain::shutdown,
};
use antiphon_signaling::SignalingConfig;
use antiphon_turn_credentials::{IceConfig, Parts, TurnCredentials};
use tokio::net::TcpListener;

const SECRET: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test]
async fn a_participant_of_any_tenant_is_asked_for_while_the_keys_rotate() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).expect("written");
        path
    };
    let secrets = file("secrets", "the-secret-that-both-share");
    let secrets = secrets.display();
    let table = format!(
        r#"{{ type = "coturn", secrets-file = "{secrets}", relays = [{{ uris = ["turn:127.0.0.1:3478"] }}] }}"#
    );
    let both = format!("new:{SECRET}-new\nold:{SECRET}-old\n");
    let service = TurnCredentials::build(Parts {
        config: IceConfig {
            providers: vec![table.parse().expect("a provider")],
            probe_interval: HumanDuration::from_secs(0),
            ..defaults()
        },
        keys: KeyRing::new([], TokenRules::default()).expect("a ring"),
        service_keys: Some(ServiceKeys::load(&file("service-keys", &both)).expect("keys")),
        allowed_origins: Vec::new(),
        embedded: None,
        registry: prometheus::Registry::new(),
    });
    let service = service.expect("built");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(axum::serve(listener, service.router()).into_future());

    let asking_with = |key: &str| {
        let config = SignalingConfig {
            ice_servers_url: Some(format!("http://{address}").parse().expect("a URL")),
            ice_servers_keys_file: Some(file("keys", key)),
            ..defaults()
        };
        config.ice_source(&shutdown().1).expect("a source")
    };
    let (tenant, identity) = ("a/b".parse().expect("a tenant"), "ada".parse().expect("an identity"));
    for key in [format!("old:{SECRET}-old"), format!("new:{SECRET}-new")] {
        let given = asking_with(&key).ice_servers(&tenant, &identity).await.expect("servers");
        assert_eq!(given.servers[0].urls, ["turn:127.0.0.1:3478"]);
        assert!(given.servers[0].username.as_deref().expect("a username").ends_with(":a%2Fb/ada"));
        assert_eq!(given.refresh_after.map(|after| after.as_secs()), Some(3_000));
    }
    let refused = asking_with(&format!("new:{SECRET}-forged")).ice_servers(&tenant, &identity).await;
    assert_eq!(refused.map(|_| ()).expect_err("forged").0, "turn-credentials answered 401");
}
