//! Replicas that race while their connections are cut.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use antiphon_backplane::{AppendError, Backplane, Batch, Head, Limits, Offset, ReadError, redis::RedisConfig};
use antiphon_protocol::RoomKey;
use antiphon_redis_fixture::Server;
use bytes::Bytes;
use rand::{Rng as _, RngExt as _, SeedableRng as _, rngs::SmallRng};
use tokio::{
    sync::watch,
    task::{JoinSet, LocalSet},
};

use crate::support::{config, connected, persist, room};

const REPLICAS: usize = 3;
const APPENDERS: usize = 9;
const BATCHES: usize = 25;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_what_racing_replicas_append_nothing_is_lost_doubled_or_reordered() {
    let server = Server::start().await;
    // A follower that is slow is not to be left behind: what is trimmed is another test.
    let limits = Limits::default();
    let config = RedisConfig { limits, check_interval: Duration::from_millis(500), ..config(&server.url()) };
    for seed in 0..3 {
        let room = room(&format!("race-{seed}"));
        LocalSet::new().run_until(race(&server, &config, room, seed)).await;
    }
}

async fn race(server: &Server, config: &RedisConfig, room: RoomKey, seed: u64) {
    let mut replicas = Vec::new();
    for _ in 0..REPLICAS {
        replicas.push(connected(config).await.backplane);
    }
    let (done, is_done) = watch::channel(None);
    let mut followers = JoinSet::new();
    for replica in &replicas {
        followers.spawn_local(follow(replica.clone(), room.clone(), is_done.clone()));
    }
    let mut appenders = JoinSet::new();
    for appender in 0..APPENDERS {
        let random = SmallRng::seed_from_u64(seed << 8 | appender as u64);
        appenders.spawn_local(append_all(replicas[appender % REPLICAS].clone(), room.clone(), appender, random));
    }
    let mut random = SmallRng::seed_from_u64(seed);
    while !appenders.is_empty() {
        tokio::select! {
            appended = appenders.join_next() => { appended.transpose().expect("no panic"); }
            () = tokio::time::sleep(Duration::from_millis(random.random_range(5..50))) => {
                let kind = if random.random_bool(0.5) { "normal" } else { "pubsub" };
                _ = server.try_query::<()>(&["CLIENT", "KILL", "TYPE", kind]).await;
            }
        }
    }
    let head = persist(async || replicas[0].log.load(&room).await).await.head;
    done.send_replace(Some(head));
    let logs = followers.join_all().await;
    let log = &logs[0];
    assert!(logs.iter().all(|other| other == log), "seed {seed}: replicas saw different logs");
    assert_eq!(log.len(), APPENDERS * BATCHES, "seed {seed}");
    let mut next = BTreeMap::<&str, usize>::new();
    for entry in log {
        let (appender, nth) = entry.split_once(' ').expect("two numbers");
        let next = next.entry(appender).or_default();
        assert_eq!(nth, next.to_string(), "seed {seed}: of appender {appender}");
        *next += 1;
    }
}

/// Appends until all is in the log. Where an answer is lost, looks whether it is there before it appends again.
async fn append_all(replica: Backplane, room: RoomKey, appender: usize, mut random: SmallRng) {
    for nth in 0..BATCHES {
        let text = Arc::new(format!("{appender} {nth}"));
        let mut head = persist(async || replica.log.load(&room).await).await.head;
        loop {
            let batch = Batch { entries: vec![Bytes::from(text.as_bytes().to_vec())], ..Batch::default() };
            match replica.log.append(&room, head, batch).await {
                Ok(next) => {
                    head = next;
                    break;
                }
                Err(AppendError::Conflict { head: next, tail }) if !holds(tail.as_deref(), &text) => head = next,
                Err(AppendError::Conflict { .. }) => break,
                // Nothing was snapshotted between: all of the log that it may stand in is in what is loaded.
                Err(AppendError::Unavailable(_)) if stands(&replica, &room, head, &text).await => break,
                Err(AppendError::Unavailable(_)) => {}
            }
        }
        if random.next_u32().is_multiple_of(8) {
            let snapshot = Bytes::from(head.offset.0.to_string());
            _ = replica.log.store_snapshot(&room, head, snapshot).await;
        }
    }
}

fn holds(entries: Option<&[antiphon_backplane::Entry]>, text: &str) -> bool {
    entries.is_some_and(|entries| entries.iter().any(|entry| entry.payload == text.as_bytes()))
}

/// Whether an entry was appended behind a head.
async fn stands(replica: &Backplane, room: &RoomKey, behind: Head, text: &str) -> bool {
    let entries = persist(async || match replica.log.read(room, behind.epoch, behind.offset, usize::MAX).await {
        Ok(entries) => Ok(entries),
        Err(ReadError::Unavailable(error)) => Err(error),
        Err(ReadError::Trimmed) => panic!("more than the log keeps was appended meanwhile"),
    })
    .await;
    holds(Some(&entries), text)
}

/// As a replica does: waits for the head to move and reads what came, up to the head at which all are done.
async fn follow(replica: Backplane, room: RoomKey, mut done: watch::Receiver<Option<Head>>) -> Vec<String> {
    let mut watch = persist(async || replica.log.watch(&room).await).await;
    let mut log = Vec::<String>::new();
    loop {
        let epoch = watch.borrow_and_update().epoch;
        let after = Offset(log.len() as u64);
        let read = replica.log.read(&room, epoch, after, 10).await;
        match read {
            Ok(entries) if entries.is_empty() => {}
            Ok(entries) => {
                log.extend(entries.iter().map(|entry| String::from_utf8_lossy(&entry.payload).into_owned()));
                continue;
            }
            Err(ReadError::Unavailable(_)) => {
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            }
            Err(ReadError::Trimmed) => panic!("a follower fell behind what the log keeps"),
        }
        if done.borrow().is_some_and(|head| head.offset.0 == log.len() as u64) {
            return log;
        }
        tokio::select! {
            changed = watch.changed() => changed.expect("the watch goes on"),
            changed = done.changed() => changed.expect("the race goes on"),
        }
    }
}
