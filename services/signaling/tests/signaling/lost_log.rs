//! A backplane that comes back without what it had acknowledged.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use antiphon_backplane::{
    Backplane, Loaded,
    memory::{MemoryConfig, backplane},
};
use antiphon_protocol::v1::{self, client_frame, participant::State};
use antiphon_service_kit::config::HumanDuration;

use crate::support::{Client, Faults, Setup, TestServer, only};

fn empty() -> Backplane {
    backplane(MemoryConfig::default())
}

/// Two replicas of one engine, each with its own way to it.
struct Stage {
    faults: [Arc<Faults>; 2],
    servers: [TestServer; 2],
}

impl Stage {
    fn new() -> Self {
        let engine = empty();
        let faults = [Arc::<Faults>::default(), Arc::default()];
        let servers = faults.each_ref().map(|faults| {
            TestServer::start_with(|setup: &mut Setup| {
                setup.signaling.lease = HumanDuration(Duration::from_secs(2));
                setup.backplane = Some(engine.clone());
                setup.faults = Some(Arc::clone(faults));
            })
        });
        Self { faults, servers }
    }

    /// The engine goes away from both.
    fn dies(&self) {
        self.faults.iter().for_each(|faults| faults.dies());
    }

    /// This engine is there for both.
    fn comes_back_as(&self, engine: &Backplane) {
        for faults in &self.faults {
            *faults.replaced.lock().expect("no panic") = Some(engine.clone());
            faults.lives();
        }
    }

    async fn join(&self, server: usize, identity: &str) -> Client {
        self.servers[server].person(identity).join().await
    }
}

/// Resumes after the connection was closed because the log is another one.
async fn resumed_with_a_snapshot(mut client: Client) -> (Client, Vec<String>) {
    client.closed().await;
    let (client, resumed) = client.cut().await.resume().await;
    assert_eq!(resumed.recovered, Some(false), "a hole is announced");
    let participants = resumed.snapshot.expect("a snapshot").participants;
    let mut identities: Vec<_> = participants.into_iter().map(|participant| participant.identity).collect();
    identities.sort();
    (client, identities)
}

#[tokio::test]
async fn an_engine_that_comes_back_empty_is_given_the_room_again() {
    let stage = Stage::new();
    let mut ada = stage.join(0, "ada").await;
    let mut bob = stage.join(1, "bob").await;
    ada.chat("before").await;
    bob.expect_chat("before").await;
    stage.dies();
    let seq = ada.chat("meanwhile").await;
    assert_eq!(ada.expect_error(seq).await.code, "unavailable");
    let engine = empty();
    stage.comes_back_as(&engine);

    // The memory tells nobody that another one has taken its place; a command finds it out.
    bob.chat("hello?").await;
    let (mut ada, seen_by_ada) = resumed_with_a_snapshot(ada).await;
    let (mut bob, seen_by_bob) = resumed_with_a_snapshot(bob).await;
    assert_eq!((seen_by_ada.len(), seen_by_bob.len()), (2, 2), "nobody is missing: {seen_by_ada:?}, {seen_by_bob:?}");
    let again = v1::SendChat { text: "meanwhile".to_owned(), to: String::new() };
    ada.send_numbered(seq, client_frame::Kind::Chat(again)).await;
    bob.expect_chat("meanwhile").await;
    bob.chat("and back").await;
    ada.expect_chat("and back").await;
    let seq = bob.offer(&ada.sid, "v=0").await;
    bob.expect_ack(seq).await;
    assert_eq!(ada.expect(only!(Offer)).await.from, bob.sid);
}

#[tokio::test]
async fn an_engine_that_lost_its_last_writes_is_given_them_again() {
    let stage = Stage::new();
    let mut ada = stage.join(0, "ada").await;
    let older = empty();
    let mut bob = stage.join(1, "bob").await;
    ada.expect(only!(ParticipantJoined)).await;
    copy(&stage, &older, 2).await;
    ada.chat("acknowledged, and lost").await;
    bob.expect_chat("acknowledged, and lost").await;
    stage.dies();
    stage.comes_back_as(&older);
    // What is asked next finds it out.
    bob.chat("hello?").await;
    ada.chat("hello?").await;
    let (mut bob, identities) = resumed_with_a_snapshot(bob).await;
    assert_eq!(identities, ["ada", "bob"]);
    let (mut ada, _) = resumed_with_a_snapshot(ada).await;
    // The engine has lost that these were acknowledged; the clients do not have them any more.
    ada.chat("after").await;
    bob.expect_chat("after").await;
    bob.chat("and back").await;
    ada.expect_chat("and back").await;
}

/// Copies the room's log without its last entries into another engine.
async fn copy(stage: &Stage, other: &Backplane, without: usize) {
    let key = stage.servers[0].room_key("rehearsal");
    let Loaded { tail, .. } = stage.servers[0].load("rehearsal").await;
    let head = other.log.load(&key).await.expect("memory").head;
    let kept = tail.len().saturating_sub(without).max(1);
    let entries = tail.into_iter().take(kept).map(|entry| entry.payload).collect();
    let batch = antiphon_backplane::Batch { entries, ..Default::default() };
    other.log.append(&key, head, batch).await.expect("empty before");
}

#[tokio::test]
async fn a_room_that_ended_while_a_replica_was_away_is_not_put_back() {
    let stage = Stage::new();
    let mut ada = stage.servers[0].person("ada").moderator().join().await;
    let bob = stage.join(1, "bob").await;
    stage.faults[1].dies();
    ada.send(client_frame::Kind::EndRoom(v1::EndRoom::default())).await;
    stage.servers[0].until_room_is_gone("rehearsal").await;
    stage.faults[1].lives();
    let mut bob = bob;
    bob.closed().await;
    let rejected = bob.cut().await.rejected().await;
    assert_eq!(rejected.code(), "resume_failed");
}

#[tokio::test]
async fn connections_of_a_replica_that_died_with_the_log_are_found_out() {
    let stage = Stage::new();
    let mut ada = stage.join(0, "ada").await;
    let bob = stage.join(1, "bob").await;
    ada.expect(only!(ParticipantJoined)).await;
    stage.dies();
    let engine = empty();
    // Bob's replica does not come back, and the index of its rooms is gone.
    *stage.faults[0].replaced.lock().expect("no panic") = Some(engine);
    stage.faults[0].lives();
    ada.chat("hello?").await;
    let (mut ada, identities) = resumed_with_a_snapshot(ada).await;
    assert_eq!(identities, ["ada", "bob"]);
    ada.expect_state(&bob.sid, State::Disconnected).await;
    assert!(stage.faults[1].no_append.load(Ordering::Relaxed), "still away");
}
