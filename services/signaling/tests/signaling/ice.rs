//! ICE servers: in the answer to join where the source is there, later where it is not.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use antiphon_protocol::{
    Identity, TenantId,
    v1::{self, client_frame},
};
use antiphon_signaling::{IceServerSource, IceServers, IceSourceError, StaticIceServers};
use async_trait::async_trait;
use tokio::sync::Semaphore;

use crate::support::{TestServer, only};

fn servers(name: &str) -> Vec<v1::IceServer> {
    let urls = vec![format!("turn:{name}.example:3478")];
    vec![v1::IceServer { urls, username: Some("u".to_owned()), credential: Some("p".to_owned()) }]
}

/// What the source does next.
#[derive(Clone)]
enum Mood {
    Gives(&'static str, Option<Duration>),
    Fails,
    Hangs,
}

struct Moody {
    mood: Mutex<Mood>,
    asked: Semaphore,
}

impl Moody {
    fn new(mood: Mood) -> Arc<Self> {
        Arc::new(Self { mood: Mutex::new(mood), asked: Semaphore::new(0) })
    }

    fn becomes(&self, mood: Mood) {
        *self.mood.lock().unwrap_or_else(PoisonError::into_inner) = mood;
    }
}

#[async_trait]
impl IceServerSource for Moody {
    async fn ice_servers(&self, tenant: &TenantId, identity: &Identity) -> Result<IceServers, IceSourceError> {
        assert_eq!((tenant.as_str(), identity.as_str()), ("acme", "ada"));
        self.asked.add_permits(1);
        let mood = self.mood.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match mood {
            Mood::Gives(name, refresh_after) => Ok(IceServers { servers: servers(name), refresh_after }),
            Mood::Fails => Err(IceSourceError("out of order".to_owned())),
            Mood::Hangs => std::future::pending().await,
        }
    }
}

fn refresh() -> client_frame::Kind {
    client_frame::Kind::RefreshIceServers(v1::RefreshIceServers {})
}

#[tokio::test]
async fn the_configured_list_stands_in_joined_and_resumed() {
    let server = TestServer::start_with(|setup| setup.ice = Arc::new(StaticIceServers(servers("one"))));
    let mut ada = server.person("ada").join().await;
    let given = ada.joined.ice_servers.clone().expect("ICE servers");
    assert_eq!((given.ice_servers, given.refresh_after), (servers("one"), 0));
    ada.send_numbered(0, refresh()).await;
    assert_eq!(ada.expect(only!(IceServers)).await.ice_servers, servers("one"));
    let (_, resumed) = ada.cut().await.resume().await;
    assert_eq!(resumed.ice_servers.expect("ICE servers").ice_servers, servers("one"));
}

#[tokio::test]
async fn servers_that_expire_are_replaced_in_time() {
    let source = Moody::new(Mood::Gives("first", Some(Duration::from_secs(1))));
    let server = TestServer::start_with(|setup| setup.ice = source.clone());
    let mut ada = server.person("ada").join().await;
    assert_eq!(ada.joined.ice_servers.clone().expect("ICE servers").refresh_after, 1);
    source.becomes(Mood::Gives("second", None));
    let fresh = ada.expect(only!(IceServers)).await;
    assert_eq!((fresh.ice_servers, fresh.refresh_after), (servers("second"), 0));
}

#[tokio::test]
async fn a_source_that_fails_keeps_nobody_out_and_its_servers_come_later() {
    let source = Moody::new(Mood::Fails);
    let server = TestServer::start_with(|setup| setup.ice = source.clone());
    let mut ada = server.person("ada").join().await;
    assert_eq!(ada.joined.ice_servers, None);
    assert!(server.metric("ice_source_failures_total", &[]) >= 1.0);
    source.becomes(Mood::Gives("late", None));
    ada.send_numbered(0, refresh()).await;
    assert_eq!(ada.expect(only!(IceServers)).await.ice_servers, servers("late"));
}

#[tokio::test]
async fn a_source_that_fails_is_asked_again_without_being_told() {
    let source = Moody::new(Mood::Fails);
    let server = TestServer::start_with(|setup| setup.ice = source.clone());
    let mut ada = server.person("ada").join().await;
    source.becomes(Mood::Gives("late", None));
    assert_eq!(ada.expect(only!(IceServers)).await.ice_servers, servers("late"));
}

#[tokio::test]
async fn a_source_that_hangs_delays_neither_the_join_nor_the_room() {
    let source = Moody::new(Mood::Hangs);
    let server = TestServer::start_with(|setup| setup.ice = source.clone());
    let began = Instant::now();
    let mut ada = server.person("ada").join().await;
    assert!(began.elapsed() < Duration::from_secs(4), "the join waited for {:?}", began.elapsed());
    assert_eq!(ada.joined.ice_servers, None);

    source.asked.acquire_many(1).await.expect("open").forget();
    ada.send_numbered(0, refresh()).await;
    source.asked.acquire().await.expect("open").forget();
    // The source is being asked, and has not answered.
    let began = Instant::now();
    ada.chat("meanwhile").await;
    ada.expect_chat("meanwhile").await;
    assert!(began.elapsed() < Duration::from_secs(3), "the room waited for {:?}", began.elapsed());
}
