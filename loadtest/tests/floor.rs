//! The clients and the floor in one process: every scenario that needs no server process runs to its end without a fault.

use std::{sync::Arc, time::Duration};

use antiphon_loadtest::{
    client::{Client, Expected},
    content::{Content, Kind},
    fault::Fault,
    floor,
    process::Process,
    report::{Figures, Report},
    scenario::{Exchange, Setup, idle::run_idle, run_load, storm::run_storm},
    target::{Member, Target, Wire},
    token::Tokens,
};
use tokio::net::TcpListener;

async fn start_floor() -> Arc<Target> {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("ws://{}", listener.local_addr().expect("an address"));
    tokio::spawn(floor::run(listener));
    Arc::new(Target {
        url: url.parse().expect("a URL"),
        wire: Wire::Floor,
        tokens: Tokens::None,
        content: Content::new(None),
        patience: Duration::from_secs(20),
    })
}

async fn setup(clients: usize, room_size: usize) -> Setup {
    Setup {
        target: start_floor().await,
        process: Some(Process::new(std::process::id())),
        clients,
        room_size,
        connecting: 4,
        settle: Duration::from_millis(20),
        duration: Duration::from_millis(100),
    }
}

fn messages(report: &Report) -> u64 {
    match &report.figures {
        Figures::Load(load) => load.messages,
        Figures::Idle(_) | Figures::Storm(_) | Figures::Rest(_) => panic!("{report}"),
    }
}

fn member(identity: &str) -> Member {
    Member { room: "room".to_owned(), identity: identity.to_owned(), moderator: false }
}

#[tokio::test]
async fn pairs_negotiate_through_the_floor_without_a_fault() {
    let report = run_load(&setup(4, 2).await, Exchange::Relay).await.expect("a report");
    assert!(report.is_clean(), "{report}");
    assert!(messages(&report) > 0, "{report}");
}

#[tokio::test]
async fn everyone_hears_everyone_through_the_floor() {
    let report = run_load(&setup(10, 5).await, Exchange::Fanout(Kind::Chat)).await.expect("a report");
    assert!(report.is_clean(), "{report}");
    assert!(messages(&report) > 0, "{report}");
}

#[tokio::test]
async fn silent_clients_stay_and_are_counted() {
    let report = run_idle(&setup(6, 2).await, 2, None).await.expect("a report");
    assert!(report.is_clean(), "{report}");
    let Figures::Idle(idle) = &report.figures else { panic!("{report}") };
    assert_eq!(idle.baseline_clients, 2);
}

#[tokio::test]
async fn everyone_comes_back_after_a_storm() {
    let report = run_storm(&setup(6, 2).await).await.expect("a report");
    assert!(report.is_clean(), "{report}");
    let Figures::Storm(storm) = &report.figures else { panic!("{report}") };
    assert_eq!((storm.resumed, storm.rejoined, storm.rooms_proved), (0, 6, 3));
}

#[tokio::test]
async fn a_message_that_never_came_is_a_fault() {
    let target = start_floor().await;
    let target = Arc::new(Target {
        url: target.url.clone(),
        wire: Wire::Floor,
        tokens: Tokens::None,
        content: Content::new(None),
        patience: Duration::from_millis(50),
    });
    let mut ada = Client::join(target, member("ada")).await.expect("joined");
    let expected = Expected { kind: Kind::Chat, number: 1, from: "bob".to_owned(), seq: 0 };
    assert!(matches!(ada.expect(&expected).await, Err(Fault::Silence(_))));
}

#[tokio::test]
async fn a_message_delivered_twice_is_a_fault() {
    let target = start_floor().await;
    let mut ada = Client::join(target.clone(), member("ada")).await.expect("joined");
    let mut bob = Client::join(target, member("bob")).await.expect("joined");
    let first = bob.send(Kind::Offer, 1, "ada").await.expect("sent");
    bob.send(Kind::Offer, 1, "ada").await.expect("sent");
    let second = bob.send(Kind::Answer, 2, "ada").await.expect("sent");
    ada.expect(&first).await.expect("the first");
    assert!(matches!(ada.expect(&second).await, Err(Fault::WrongMessage { .. })));
}
