//! More waits than is kept, and a backplane that is away.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use antiphon_backplane::{
    Backplane, Partition, Place,
    memory::{MemoryConfig, backplane},
};

use crate::{
    endpoint,
    receiver::{Got, Receiver, Reply},
    support::{Client, Faults, TestServer, until, within},
};

fn texts(got: &[Got]) -> Vec<&str> {
    got.iter().filter(|got| got.kind() == "chat.sent").map(Got::text).collect()
}

fn numbered(numbers: std::ops::RangeInclusive<usize>) -> Vec<String> {
    numbers.map(|number| format!("message {number}")).collect()
}

async fn write(ada: &mut Client, messages: &[String]) {
    for message in messages {
        ada.chat(message).await;
    }
    ada.expect_chat(messages.last().expect("one")).await;
}

/// A server with one endpoint, and the memory behind its faults.
struct Faulty {
    server: TestServer,
    memory: Backplane,
}

impl Faulty {
    fn start(receiver: &Receiver, faults: &Arc<Faults>, rest: &str) -> Self {
        let memory = backplane(MemoryConfig::default());
        let server = TestServer::start_with(|setup| {
            setup.faults = Some(Arc::clone(faults));
            setup.backplane = Some(memory.clone());
            setup.signaling.webhooks = vec![endpoint("default", receiver, rest).parse().expect("valid")];
        });
        Self { server, memory }
    }

    /// How many webhooks are in the outbox.
    async fn unsettled(&self) -> usize {
        let outbox = &self.memory.outbox;
        let mut count = 0;
        for partition in (0..outbox.partitions()).map(Partition) {
            count += outbox.read(partition, Place(0), usize::MAX).await.expect("memory").messages.len();
        }
        count
    }

    /// Completes when none is.
    async fn until_settled(&self) {
        let mut again = tokio::time::interval(Duration::from_millis(5));
        within("an empty outbox", async {
            while self.unsettled().await > 0 {
                again.tick().await;
            }
        })
        .await;
    }
}

#[tokio::test]
async fn beyond_its_limit_the_outbox_loses_the_oldest_says_so_and_delivers_the_rest_in_order() {
    let receiver = Receiver::with(|_| Reply::Status(500)).await;
    let server = TestServer::start_with(|setup| {
        setup.limits.outbox_messages = 20;
        setup.signaling.webhooks = vec![endpoint("default", &receiver, "").parse().expect("valid")];
    });
    let mut ada = server.person("ada").join().await;
    receiver.until_count(1).await;
    write(&mut ada, &numbered(1..=100)).await;
    // 102 events in all: the room, ada, the messages.
    server.until_metric("webhook_lost_total", &[("endpoint", "outbox")], 82.0).await;
    server.until_metric("webhook_waiting", &[], 20.0).await;
    // One that gave way may still be on its way.
    let before = receiver.got().len();
    receiver.answer(|_| Reply::Status(204));
    let got = receiver.until("the last message", |got| texts(got).contains(&"message 100")).await;
    let mut taken = texts(&got[before..]);
    taken.dedup();
    let kept = taken.iter().position(|text| *text == "message 81").expect("the oldest that was kept");
    assert_eq!(taken[kept..], numbered(81..=100));
    server.until_metric("webhook_waiting", &[], 0.0).await;
}

#[tokio::test]
async fn what_gave_way_is_not_remembered_while_a_receiver_keeps_its_answer_to_itself() {
    let receiver = Receiver::with(|_| Reply::Never).await;
    let server = TestServer::start_with(|setup| {
        setup.limits.outbox_messages = 20;
        let patient = endpoint("default", &receiver, ", timeout = \"1m\"");
        setup.signaling.webhooks = vec![patient.parse().expect("valid")];
    });
    let mut ada = server.person("ada").join().await;
    receiver.until_count(1).await;
    write(&mut ada, &numbered(1..=100)).await;
    server.until_metric("webhook_lost_total", &[("endpoint", "outbox")], 82.0).await;
    // The first event is being sent.
    until("the rest", || server.metric("webhook_waiting", &[]) <= 21.0).await;
}

#[tokio::test]
async fn webhooks_wait_while_the_outbox_is_out_of_reach_and_come_in_order_when_it_is_back() {
    let faults = Arc::new(Faults::default());
    let receiver = Receiver::start().await;
    let faulty = Faulty::start(&receiver, &faults, "");
    faults.no_outbox.store(true, Ordering::Relaxed);
    let mut ada = faulty.server.person("ada").join().await;
    write(&mut ada, &numbered(1..=10)).await;
    assert_eq!(faulty.unsettled().await, 12, "the rooms go on");
    assert!(receiver.got().is_empty());
    faults.no_outbox.store(false, Ordering::Relaxed);
    let got = receiver.until_count(12).await;
    assert_eq!(texts(&got), numbered(1..=10));
    faulty.until_settled().await;
    assert_eq!(faulty.server.metric("webhook_lost_total", &[]), 0.0);
}

#[tokio::test]
async fn what_was_delivered_and_could_not_be_taken_away_is_taken_away_later_and_not_sent_again() {
    let faults = Arc::new(Faults::default());
    let receiver = Receiver::start().await;
    let faulty = Faulty::start(&receiver, &faults, "");
    faults.no_settle.store(true, Ordering::Relaxed);
    let mut ada = faulty.server.person("ada").join().await;
    write(&mut ada, &numbered(1..=10)).await;
    receiver.until_count(12).await;
    faulty.server.until_metric("webhook_waiting", &[], 0.0).await;
    assert_eq!(faulty.unsettled().await, 12);
    faults.no_settle.store(false, Ordering::Relaxed);
    faulty.until_settled().await;
    assert_eq!(receiver.got().len(), 12);
}

#[tokio::test]
async fn what_cannot_be_laid_aside_is_not_lost() {
    let faults = Arc::new(Faults::default());
    let receiver = Receiver::with(|_| Reply::Status(500)).await;
    let faulty = Faulty::start(&receiver, &faults, ", retry-for = \"0\"");
    faults.no_bury.store(true, Ordering::Relaxed);
    let _ada = faulty.server.person("ada").join().await;
    receiver.until_count(1).await;
    assert_eq!(faulty.server.metric("webhook_dead_letters", &[]), 0.0);
    faults.no_bury.store(false, Ordering::Relaxed);
    faulty.server.until_metric("webhook_dead_letters", &[], 2.0).await;
    faulty.until_settled().await;
    let letters = faulty.server.get("/v1/webhooks/default/dead-letters").await.ok(200);
    assert_eq!(letters["deadLetters"][0]["reason"], "answered 500");
}
