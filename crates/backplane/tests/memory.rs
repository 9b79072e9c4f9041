//! What the memory backplane does beyond the suite: its clock, and what it forgets.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use antiphon_backplane::{
    Batch, Limits, Mailbox, MailboxChange, Offset, RoomLog, StoredBan,
    memory::{Memory, MemoryConfig},
};
use antiphon_protocol::{RoomKey, Sid};
use bytes::Bytes;

/// A backplane on a clock that the test sets.
struct Fixture {
    now_ms: Arc<AtomicU64>,
    memory: Memory,
}

impl Fixture {
    fn new() -> Self {
        let now_ms = Arc::new(AtomicU64::new(0));
        let clock = Arc::clone(&now_ms);
        let clock = Arc::new(move || clock.load(Ordering::Relaxed));
        Self { now_ms, memory: Memory::with_clock(MemoryConfig::default(), clock) }
    }

    fn set_clock(&self, now_ms: u64) {
        self.now_ms.store(now_ms, Ordering::Relaxed);
    }

    async fn append(&self, room: &RoomKey, batch: Batch) {
        let head = self.memory.load(room).await.expect("in reach").head;
        self.memory.append(room, head, batch).await.expect("nobody else appends");
    }

    async fn end_with_ban(&self, room: &RoomKey, until_ms: u64) {
        let bans = vec![StoredBan { identity: "ada".parse().expect("short"), until_ms }];
        self.append(room, Batch { bans, ends: true, ..batch() }).await;
    }
}

fn room(number: usize) -> RoomKey {
    RoomKey { tenant: "tenant".parse().expect("short"), room: format!("room-{number}").parse().expect("short") }
}

fn batch() -> Batch {
    Batch { entries: vec![Bytes::from_static(b"entry")], ..Batch::default() }
}

#[tokio::test]
async fn a_ban_holds_until_its_time_and_not_at_it() {
    let fixture = Fixture::new();
    fixture.end_with_ban(&room(1), 1_000).await;
    for (now_ms, bans) in [(0, 1), (999, 1), (1_000, 0), (1_001, 0)] {
        fixture.set_clock(now_ms);
        assert_eq!(fixture.memory.load(&room(1)).await.expect("in reach").bans.len(), bans, "at {now_ms}");
    }
}

#[tokio::test]
async fn a_room_that_is_only_read_takes_no_memory() {
    let fixture = Fixture::new();
    let sid = Sid::from_random([0; 10]);
    for number in 0..1_000 {
        let room = room(number);
        let head = fixture.memory.load(&room).await.expect("in reach").head;
        let entries = RoomLog::read(&fixture.memory, &room, head.epoch, Offset(0), 10).await.expect("in reach");
        assert_eq!(entries, []);
        fixture.memory.store_snapshot(&room, head, Bytes::new()).await.expect("in reach");
        fixture.memory.settled(&room, sid).await.expect_err("no mailbox");
    }
    assert_eq!(fixture.memory.rooms(), 0);
}

#[tokio::test]
async fn rooms_that_nobody_watches_any_more_are_forgotten_as_others_come() {
    let fixture = Fixture::new();
    for number in 0..100_000 {
        fixture.memory.watch_head(&room(number)).await;
    }
    assert!(fixture.memory.rooms() < 10_000, "{} rooms are kept", fixture.memory.rooms());
}

#[tokio::test]
async fn a_room_is_kept_while_somebody_watches_it() {
    let fixture = Fixture::new();
    let mut watch = fixture.memory.watch_head(&room(0)).await;
    for number in 1..20_000 {
        fixture.memory.watch_head(&room(number)).await;
    }
    fixture.append(&room(0), batch()).await;
    assert!(watch.has_changed().expect("the room is there"));
    assert_eq!(watch.borrow_and_update().offset, Offset(1));
}

#[tokio::test]
async fn a_room_that_ended_is_forgotten_at_once_or_when_its_bans_have_run_out() {
    let fixture = Fixture::new();
    let open = vec![MailboxChange::Open(Sid::from_random([0; 10]))];
    fixture.append(&room(0), Batch { mailboxes: open, deadline_ms: Some(5), ..batch() }).await;
    fixture.append(&room(0), Batch { ends: true, ..batch() }).await;
    assert_eq!(fixture.memory.rooms(), 0, "without bans");

    for number in 0..10_000 {
        fixture.end_with_ban(&room(number), 1_000).await;
    }
    assert_eq!(fixture.memory.rooms(), 10_000, "with bans");
    fixture.set_clock(1_000);
    for number in 0..100_000 {
        fixture.end_with_ban(&room(number), 1_000).await;
    }
    assert!(fixture.memory.rooms() < 10_000, "{} rooms are kept", fixture.memory.rooms());
}

#[tokio::test]
async fn the_log_is_capped_by_bytes_too() {
    let fixture = Fixture::new();
    let limits = Limits::default();
    let payload = Bytes::from(vec![0; limits.log_bytes / 4]);
    for _ in 0..6 {
        fixture.append(&room(0), Batch { entries: vec![payload.clone()], ..Batch::default() }).await;
        let head = fixture.memory.load(&room(0)).await.expect("in reach").head;
        fixture.memory.store_snapshot(&room(0), head, Bytes::new()).await.expect("in reach");
    }
    let epoch = fixture.memory.load(&room(0)).await.expect("in reach").head.epoch;
    for (after, readable) in [(0, false), (1, false), (2, true), (3, true)] {
        let read = RoomLog::read(&fixture.memory, &room(0), epoch, Offset(after), 10).await;
        assert_eq!(read.is_ok(), readable, "behind {after}");
    }
}

/// `RoomLog::watch`, told apart from `Mailbox::watch`.
trait WatchHead {
    async fn watch_head(&self, room: &RoomKey) -> antiphon_backplane::Watch;
}

impl WatchHead for Memory {
    async fn watch_head(&self, room: &RoomKey) -> antiphon_backplane::Watch {
        RoomLog::watch(self, room).await.expect("in reach")
    }
}
