//! TLS, and a user who may do no more than he has to.

use std::path::PathBuf;

use antiphon_backplane::{
    conformance,
    redis::{Credentials, RedisConfig, RedisUrl, Status, Topology, connect, rights},
};
use antiphon_redis_fixture::{Certificates, Server, User};

use crate::support::{config, is, two};

struct Secured {
    certificates: Certificates,
    server: Server,
    password_file: PathBuf,
}

impl Secured {
    async fn start() -> Self {
        let certificates = Certificates::issue();
        let rights: &'static str = rights("test-*").leak();
        let server = Server::secured(&certificates, User { name: "antiphon", password: "correct", rights }).await;
        let password_file = certificates.directory().join("password");
        std::fs::write(&password_file, "correct\n").expect("written");
        Self { certificates, server, password_file }
    }

    fn config(&self) -> RedisConfig {
        RedisConfig {
            ca_file: Some(self.certificates.ca.clone()),
            credentials: Some(Credentials {
                username: Some("antiphon".to_owned()),
                password_file: self.password_file.clone(),
            }),
            ..config(&format!("rediss://localhost:{}", self.server.port()))
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_tls_a_user_with_the_least_rights_passes() {
    let secured = Secured::start().await;
    let report = conformance::run(async || two(&secured.config()).await.map(|replica| replica.backplane)).await;
    assert!(report.passed(), "{report}");
}

#[tokio::test]
async fn a_password_is_read_again_for_the_next_connection() {
    let secured = Secured::start().await;
    std::fs::write(&secured.password_file, "wrong").expect("written");
    let mut replica = connect(secured.config()).expect("a configuration that can work");
    secured_stays_away(&replica.backplane).await;
    assert_eq!(*replica.status.borrow(), Status::Connecting);
    std::fs::write(&secured.password_file, "correct").expect("written");
    is(&mut replica, &Status::Connected).await;
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_is_not_trusted() {
    let secured = Secured::start().await;
    let other = Certificates::issue();
    let mut replica = connect(RedisConfig { ca_file: Some(other.ca.clone()), ..secured.config() }).expect("can work");
    secured_stays_away(&replica.backplane).await;
    let plain: RedisUrl = format!("redis://127.0.0.1:{}", secured.server.port()).parse().expect("an address");
    assert!(matches!(plain.topology, Topology::Single(_)));
    replica = connect(RedisConfig { url: plain, ..secured.config() }).expect("can work");
    secured_stays_away(&replica.backplane).await;
}

/// A call waits for a connection, and there is none.
async fn secured_stays_away(backplane: &antiphon_backplane::Backplane) {
    let room = crate::support::room("any");
    assert!(backplane.log.load(&room).await.is_err());
}
