//! What reaches the log: who got what until when, and nothing that is secret.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use antiphon_service_kit::{
    auth::KeyRing,
    config::{HumanDuration, defaults},
};
use antiphon_turn_credentials::{Ask, IceConfig, Parts, TurnCredentials};
use tracing_subscriber::fmt::MakeWriter;

/// Everything that was logged.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn each_mint_is_one_line_without_a_secret() {
    let log = Log::default();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::INFO).with_ansi(false).with_writer(log.clone());
    tracing::subscriber::set_global_default(subscriber.finish()).expect("the only test here");
    let directory = tempfile::tempdir().expect("a directory");
    let secrets = directory.path().join("secrets");
    std::fs::write(&secrets, "the-secret-that-both-share").expect("written");
    let secrets = secrets.display();
    let table =
        format!(r#"{{ type = "coturn", secrets-file = "{secrets}", relays = [{{ uris = ["turn:turn.example"] }}] }}"#);
    let config = IceConfig {
        providers: vec![table.parse().expect("a provider")],
        probe_interval: HumanDuration(Duration::ZERO),
        ..defaults()
    };
    let service = TurnCredentials::build(Parts {
        config,
        keys: KeyRing::new([], Default::default()).expect("a ring"),
        service_keys: None,
        allowed_origins: Vec::new(),
        embedded: None,
        registry: prometheus::Registry::new(),
    });
    let service = service.expect("built");
    let ask = Ask::new("acme".parse().expect("a tenant"), "ada".parse().expect("an identity"));
    let minted = service.minter().mint(ask).await.expect("servers");

    let text = String::from_utf8(log.0.lock().unwrap_or_else(PoisonError::into_inner).clone()).expect("UTF-8");
    let lines: Vec<_> = text.lines().filter(|line| line.contains("antiphon::audit")).collect();
    let [line] = lines[..] else { panic!("one line: {text}") };
    let server = &minted.servers[0];
    let username = server.username.as_deref().expect("a username");
    let expires = username.split(':').next().expect("an expiry");
    for part in ["tenant=acme", "subject=ada", "provider=coturn", &format!("expires={expires}")] {
        assert!(line.contains(part), "{part} is not in {line}");
    }
    for secret in [server.credential.as_deref().expect("a password"), "the-secret-that-both-share"] {
        assert!(!text.contains(secret), "{text}");
    }
}
