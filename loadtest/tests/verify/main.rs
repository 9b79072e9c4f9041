//! `verify` against real servers: clean where they keep their promises, whatever the clients do; and each planted fault is found.

mod proxy;
mod server;

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use antiphon_loadtest::{
    content::Content,
    target::{Target, Wire},
    token::Tokens,
    verify::{
        Run, Setup,
        check::{Bounds, Findings, Wrong},
        player::Habits,
        report::{Report, Thresholds},
    },
};
use antiphon_protocol::Format;
use proxy::{Passing, proxy};
use serde_json::{Value, json};
use server::{RESUME_WINDOW, TestServer, key};

const PATIENCE: Duration = Duration::from_secs(60);

/// Deliveries that are enough for a fault to show among.
const SOME: u64 = 300;

fn never() -> Duration {
    Duration::from_secs(3_600)
}

/// People who talk, and stay.
fn talkers() -> Habits {
    Habits {
        pace: Duration::from_millis(30),
        stay: never(),
        pause: Duration::from_millis(20),
        cut: never(),
        kick: never(),
        end_room: never(),
        resume_window: RESUME_WINDOW,
    }
}

/// People who do everything that clients may do, and often.
fn everything() -> Habits {
    Habits {
        stay: Duration::from_secs(3),
        cut: Duration::from_secs(2),
        kick: Duration::from_secs(1),
        end_room: Duration::from_secs(4),
        ..talkers()
    }
}

fn setup(servers: &[SocketAddr], habits: Habits, format: Format) -> Setup {
    let target = |address: &SocketAddr| Target {
        url: format!("ws://{address}/v1/connect").parse().expect("a URL"),
        wire: Wire::Antiphon(format),
        tokens: Tokens::from_key(&key()).expect("a key"),
        content: Content::new(None),
        patience: Duration::from_secs(10),
    };
    let slack = Duration::from_secs(2);
    Setup {
        targets: servers.iter().map(target).map(Arc::new).collect(),
        format,
        rooms: 2,
        clients: 8,
        seed: 5,
        habits,
        bounds: Bounds { ghost: RESUME_WINDOW + slack, epoch: slack, delivery: slack },
        settle: RESUME_WINDOW + slack * 2,
        thresholds: Thresholds { messages: 50, faults: 0 },
    }
}

/// Plays until `enough`, and judges.
async fn play(setup: Setup, mut enough: impl FnMut(&Findings) -> bool) -> Report {
    let run = Run::start(setup).expect("a run");
    let recorder = run.recorder();
    let waited = tokio::time::timeout(PATIENCE, async {
        let mut again = tokio::time::interval(Duration::from_millis(20));
        while !enough(&recorder.findings()) {
            again.tick().await;
        }
    });
    let is_enough = waited.await.is_ok();
    let report = run.settle(&[]).await;
    assert!(is_enough, "waited too long\n{report}");
    report
}

/// Plays with `meddle` between server and clients, until it says that it has planted its fault, and some more.
async fn play_with(mut meddle: impl FnMut(Passing, &AtomicUsize) -> Vec<Value> + Send + 'static) -> Report {
    let server = TestServer::start();
    let planted = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&planted);
    let address = proxy(server.address, move |passing| meddle(passing, &seen)).await;
    let mut planted_at = None;
    play(setup(&[address], talkers(), Format::Json), |findings| {
        if planted.load(Relaxed) > 0 {
            planted_at.get_or_insert(findings.deliveries_checked);
        }
        planted_at.is_some_and(|before| findings.deliveries_checked > before + SOME)
    })
    .await
}

/// A chat of somebody else to the room, on its way to a client.
fn is_chat(passing: &Passing) -> bool {
    let chat = &passing.frame["chat"];
    // Its sender gets its acknowledgement beside it.
    !passing.to_server && chat.is_object() && chat.get("to").is_none() && passing.frame.get("ackSeq").is_none()
}

/// The count of what this is called for has reached `count`, for the first time.
fn is_number(count: &AtomicUsize, wanted: usize) -> bool {
    count.fetch_add(1, Relaxed) == wanted
}

#[tokio::test]
async fn a_server_that_keeps_its_promises_is_clean_whatever_its_clients_do() {
    let server = TestServer::start();
    let reasons = Arc::new(Mutex::new(BTreeSet::new()));
    let seen = Arc::clone(&reasons);
    let holes = AtomicUsize::new(0);
    let address = proxy(server.address, move |mut passing| {
        let left = ["left", "participantLeft"].map(|kind| passing.frame[kind]["reason"].as_str());
        for reason in left.into_iter().flatten() {
            seen.lock().expect("not poisoned").insert(reason.to_owned());
        }
        // One resume in three has lost its place, and is given a snapshot.
        if passing.frame["resume"].is_object() && holes.fetch_add(1, Relaxed).is_multiple_of(3) {
            passing.frame["resume"]["cursor"] = json!("");
        }
        vec![passing.frame]
    })
    .await;
    let wanted = ["CLIENT_LEFT", "KICKED", "ROOM_ENDED", "DUPLICATE_IDENTITY", "RESUME_TIMEOUT"];
    let report = play(setup(&[address], everything(), Format::Json), |findings| {
        let reasons = reasons.lock().expect("not poisoned");
        wanted.iter().all(|reason| reasons.contains(*reason))
            && findings.announced_holes >= 5
            && findings.deliveries_checked > 3_000
    })
    .await;
    assert!(report.is_clean(), "{report}");
    assert!(report.outage.affected > 0, "{report}");
}

#[tokio::test]
async fn replicas_that_share_their_rooms_are_clean_without_affinity() {
    let server = TestServer::start();
    let replica = server.replica();
    let setup = setup(&[server.address, replica.address], everything(), Format::Proto);
    let report = play(setup, |findings| findings.deliveries_checked > 3_000).await;
    assert!(report.is_clean(), "{report}");
}

#[tokio::test]
async fn servers_that_do_not_share_their_rooms_are_split() {
    let (one, other) = (TestServer::start(), TestServer::start());
    // This seed has clients of one room choose both.
    let setup = Setup { seed: 6, ..setup(&[one.address, other.address], talkers(), Format::Json) };
    let report = play(setup, |findings| findings.deliveries_checked > SOME).await;
    assert!(report.findings.count(Wrong::SplitRooms) > 0, "{report}");
    assert!(!report.is_clean());
}

#[tokio::test]
async fn a_dropped_message_is_lost() {
    let report = play_with(
        |passing, planted| {
            if is_chat(&passing) && is_number(planted, 20) { vec![] } else { vec![passing.frame] }
        },
    )
    .await;
    assert_eq!(report.findings.count(Wrong::Lost), 1, "{report}");
}

#[tokio::test]
async fn a_dropped_candidate_is_lost() {
    let report = play_with(|passing, planted| {
        let is_candidate = !passing.to_server && passing.frame["candidate"].is_object();
        let has_ack = passing.frame.get("ackSeq").is_some();
        if is_candidate && !has_ack && is_number(planted, 5) { vec![] } else { vec![passing.frame] }
    })
    .await;
    assert_eq!(report.findings.count(Wrong::Lost), 1, "{report}");
}

#[tokio::test]
async fn a_message_that_comes_again_under_another_number_is_doubled() {
    let report = play_with(|passing, planted| {
        let mut again = passing.frame.clone();
        if is_chat(&passing) && is_number(planted, 20) {
            again["chat"]["seq"] = json!(1_000_000);
            vec![passing.frame, again]
        } else {
            vec![passing.frame]
        }
    })
    .await;
    assert_eq!(report.findings.count(Wrong::Doubled), 1, "{report}");
}

#[tokio::test]
async fn a_second_copy_that_its_number_tells_is_no_fault() {
    let report = play_with(|passing, planted| {
        let frame = passing.frame.clone();
        if is_chat(&passing) {
            planted.fetch_add(1, Relaxed);
            vec![frame.clone(), frame]
        } else {
            vec![frame]
        }
    })
    .await;
    assert!(report.is_clean(), "{report}");
}

#[tokio::test]
async fn two_messages_the_other_way_round_are_reordered() {
    let mut held = None::<(usize, Value)>;
    let report = play_with(move |passing, planted| {
        match &held {
            None if is_chat(&passing) && is_number(planted, 20) => {
                held = Some((passing.connection, passing.frame));
                return vec![];
            }
            Some((connection, _)) if *connection == passing.connection && is_chat(&passing) => {
                let (_, frame) = held.take().expect("held");
                return vec![passing.frame, frame];
            }
            _ => {}
        }
        vec![passing.frame]
    })
    .await;
    assert!(report.findings.count(Wrong::Reordered) > 0, "{report}");
}

#[tokio::test]
async fn somebody_who_left_and_whom_a_reader_is_not_told_of_is_a_ghost() {
    let server = TestServer::start();
    let planted = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&planted);
    let address = proxy(server.address, move |passing| {
        if passing.frame["participantLeft"].is_object() && is_number(&seen, 3) { vec![] } else { vec![passing.frame] }
    })
    .await;
    let habits = Habits { stay: Duration::from_secs(2), ..talkers() };
    let report = play(setup(&[address], habits, Format::Json), |_| planted.load(Relaxed) > 3).await;
    assert!(report.findings.count(Wrong::Ghosts) > 0, "{report}");
}

#[tokio::test]
async fn somebody_whom_a_reader_is_not_told_of_splits_the_room() {
    let report = play_with(|passing, planted| {
        if passing.frame["participantJoined"].is_object() && is_number(planted, 3) {
            vec![]
        } else {
            vec![passing.frame]
        }
    })
    .await;
    assert!(report.findings.count(Wrong::SplitRooms) > 0, "{report}");
    assert!(report.findings.count(Wrong::Reordered) > 0, "it speaks, and was not announced\n{report}");
}

#[tokio::test]
async fn a_message_that_was_changed_on_its_way_is_a_wrong_answer() {
    let report = play_with(|mut passing, planted| {
        if is_chat(&passing) && is_number(planted, 20) {
            passing.frame["chat"]["text"] = json!("something else");
        }
        vec![passing.frame]
    })
    .await;
    assert!(report.findings.count(Wrong::WrongAnswers) > 0, "{report}");
}

#[tokio::test]
async fn a_run_that_checked_too_little_says_so() {
    let server = TestServer::start();
    let mut setup = setup(&[server.address], talkers(), Format::Json);
    setup.thresholds = Thresholds { messages: 1_000_000, faults: 1 };
    let report = play(setup, |findings| findings.deliveries_checked > 10).await;
    assert!(report.findings.is_clean() && !report.is_clean(), "{report}");
    let text = report.to_string();
    assert!(text.contains("figure lost 0\n") && text.contains("figure faults_effective 0\n"), "{text}");
    assert_eq!(text.matches("TOO LITTLE").count(), 2, "{text}");
}
