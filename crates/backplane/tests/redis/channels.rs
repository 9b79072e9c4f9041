//! What replicas tell each other, and what it saves.

use std::time::Duration;

use antiphon_backplane::{
    Batch, Head, Mail, MailOffset, MailboxChange, Offset, Posting, Recipients, Tail,
    redis::{RedisBackplane, RedisConfig},
};
use antiphon_protocol::{RoomKey, Sid};
use antiphon_redis_fixture::{Server, eventually};
use bytes::Bytes;

use crate::support::{append, batch, config, room, shows, two};

/// Two replicas and a server of their own, so that what it does is theirs.
struct Stage {
    server: Server,
    one: RedisBackplane,
    other: RedisBackplane,
}

impl Stage {
    async fn checking_every(check_interval: Duration) -> Self {
        let server = Server::start().await;
        let config = RedisConfig { check_interval, ..config(&server.url()) };
        let [one, other] = two(&config).await;
        Self { server, one, other }
    }

    /// How many scripts were run for clients.
    async fn scripts(&self) -> u64 {
        let calls: String = self.server.query(&["INFO", "commandstats"]).await;
        let calls =
            calls.lines().find_map(|line| line.strip_prefix("cmdstat_evalsha:calls=")?.split(',').next()?.parse().ok());
        calls.expect("scripts were run")
    }

    async fn channels(&self) -> Vec<String> {
        self.server.query(&["PUBSUB", "SHARDCHANNELS"]).await
    }

    async fn open(&self, room: &RoomKey) -> Head {
        let head = self.one.backplane.log.load(room).await.expect("in reach").head;
        let mailboxes = [1, 2].map(|number| MailboxChange::Open(sid(number))).to_vec();
        let opening = Batch { mailboxes, ..batch("opened") };
        self.one.backplane.log.append(room, head, opening).await.expect("nobody else appends")
    }

    async fn post(&self, room: &RoomKey, body: &'static str) {
        let posting = Posting {
            from: sid(1),
            generation: 0,
            seq: 0,
            to: Recipients::One(sid(2)),
            after: Offset(1),
            format: 0,
            body: Bytes::from_static(body.as_bytes()),
        };
        self.one.backplane.mailbox.post(room, posting).await.expect("it is taken");
    }
}

/// So that notices alone tell.
const NEVER: Duration = Duration::from_secs(3_600);

fn sid(number: u8) -> Sid {
    Sid::from_random([number; 10])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_has_one_subscription_while_somebody_watches_it() {
    let stage = Stage::checking_every(Duration::from_millis(200)).await;
    let room = room("watched");
    stage.open(&room).await;
    let log = &stage.other.backplane.log;
    let watches = [log.watch(&room).await, log.watch(&room).await];
    let mail = stage.other.backplane.mailbox.watch(&room, sid(1)).await.expect("it is open");
    let channels = stage.channels().await;
    assert_eq!(channels.len(), 1, "{channels:?}");
    let subscribed: (String, u64) = stage.server.query(&["PUBSUB", "SHARDNUMSUB", &channels[0]]).await;
    assert_eq!(subscribed.1, 1);
    drop(watches);
    let mut again = log.watch(&room).await.expect("in reach");
    let head = append(&stage.one.backplane, &room, "after").await;
    shows(&mut again, |shown| *shown == head).await;
    drop((again, mail));
    eventually("the channel is given up", async || stage.channels().await.is_empty()).await;
    let mut later = log.watch(&room).await.expect("in reach");
    let head = append(&stage.one.backplane, &room, "later").await;
    shows(&mut later, |shown| *shown == head).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_notice_brought_is_read_without_asking() {
    let stage = Stage::checking_every(NEVER).await;
    let room = room("told");
    let (log, mailbox) = (&stage.other.backplane.log, &stage.other.backplane.mailbox);
    let opened = stage.open(&room).await;
    let mut watch = log.watch(&room).await.expect("in reach");
    let mail = mailbox.watch(&room, sid(2)).await.expect("it is open");
    let first = stage.one.backplane.log.append(&room, opened, batch("first")).await.expect("nobody else appends");
    shows(&mut watch, |shown| *shown == first).await;
    let second = stage.one.backplane.log.append(&room, first, batch("second")).await.expect("nobody else appends");
    shows(&mut watch, |shown| *shown == second).await;
    stage.post(&room, "mail").await;
    mail.notified().await;

    // Who does not answer cannot have been asked.
    stage.server.pause();
    let tail = log.since(&room, first, 9).await.expect("it is in the log");
    assert_eq!((tail.head, tail.entries.len()), (second, 1));
    let read = mailbox.read(&room, sid(2), MailOffset(0), 9).await.expect("it is open");
    let told: Vec<_> = read.iter().map(|Mail { offset, body, .. }| (offset.0, body.as_ref())).collect();
    assert_eq!(told, [(1, &b"mail"[..])]);
    stage.server.resume();
    // What notices did not bring is asked for.
    let whole = log.since(&room, opened, 9).await.expect("it is in the log");
    assert_eq!((whole.head, whole.entries.len()), (second, 2));
    assert_eq!(log.since(&room, second, 9).await.expect("it is in the log"), Tail { head: second, entries: vec![] });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn delivering_a_message_takes_one_script() {
    const MESSAGES: u64 = 100;
    let stage = Stage::checking_every(NEVER).await;
    let room = room("written");
    stage.open(&room).await;
    let mailbox = &stage.other.backplane.mailbox;
    let watch = mailbox.watch(&room, sid(2)).await.expect("it is open");
    let (before, mut read) = (stage.scripts().await, MailOffset(0));
    for nth in 1..=MESSAGES {
        stage.post(&room, "mail").await;
        while read.0 < nth {
            watch.notified().await;
            let mail = mailbox.read(&room, sid(2), read, 9).await.expect("it is open");
            read = mail.last().map_or(read, |last| last.offset);
        }
        mailbox.mark_written(&room, sid(2), read).await.expect("in reach");
    }
    // The mailbox takes eight messages, so every fourth is told at once.
    let scripts = stage.scripts().await - before;
    assert!(scripts < MESSAGES * 3 / 2, "{scripts} scripts for {MESSAGES} messages");
    let keys: Vec<String> = stage.server.query(&["KEYS", &format!("*mail:{}*", sid(2))]).await;
    eventually("the engine is told what is written", async || {
        stage.server.query::<u64>(&["HGET", &keys[0], "w"]).await == MESSAGES
    })
    .await;
}
