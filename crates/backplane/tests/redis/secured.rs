//! TLS, and a user who may do no more than he has to.

use std::{path::PathBuf, time::Duration};

use antiphon_backplane::{
    Backplane, conformance,
    redis::{Credentials, RedisConfig, Status, connect, rights},
};
use antiphon_redis_fixture::{Certificates, Server, User};

use crate::support::{config, is, room, two};

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

    /// For who waits in vain.
    fn quick(&self) -> RedisConfig {
        RedisConfig { response_timeout: Duration::from_secs(1), ..self.config() }
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
    let mut replica = connect(secured.quick()).expect("a configuration that can work");
    stays_away(&replica.backplane).await;
    assert_eq!(*replica.status.borrow(), Status::Connecting);
    std::fs::write(&secured.password_file, "correct").expect("written");
    is(&mut replica, &Status::Connected).await;
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_is_not_trusted() {
    let secured = Secured::start().await;
    let other = Certificates::issue();
    let distrusting = RedisConfig { ca_file: Some(other.ca.clone()), ..secured.quick() };
    stays_away(&connect(distrusting).expect("a configuration that can work").backplane).await;
    let url = format!("redis://127.0.0.1:{}", secured.server.port()).parse().expect("an address");
    let plain = RedisConfig { url, ..secured.quick() };
    stays_away(&connect(plain).expect("a configuration that can work").backplane).await;
    let mut trusting = connect(secured.quick()).expect("a configuration that can work");
    is(&mut trusting, &Status::Connected).await;
}

/// A call waits for a connection, and there is none.
async fn stays_away(backplane: &Backplane) {
    backplane.log.load(&room("any")).await.expect_err("there is no connection");
}
