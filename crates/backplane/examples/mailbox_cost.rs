//! What the memory backplane costs: time per directed message, memory per idle room of two.
//!
//! `cargo run --release -p antiphon-backplane --example mailbox_cost`

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use antiphon_backplane::{
    Backplane, Batch, MailOffset, MailboxChange, Offset, Posting, Recipients,
    memory::{self, MemoryConfig},
};
use antiphon_protocol::{RoomKey, Sid};
use bytes::Bytes;

const MESSAGES: u32 = 2_000_000;
const ROOMS: usize = 100_000;

/// A client acknowledges after so many messages.
const ACK_EVERY: u64 = 32;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    memory_per_room().await;
    for rooms in [1, 10_000] {
        let nanoseconds = time_per_message(rooms).await.as_nanos() / u128::from(MESSAGES);
        println!("figure mailbox_message_{rooms}_rooms {nanoseconds} ns");
    }
}

/// Post, read, mark written, and a trim now and then; the messages go round the rooms.
async fn time_per_message(rooms: usize) -> Duration {
    let backplane = memory::backplane(MemoryConfig::default());
    let rooms = rooms_of_two(&backplane, rooms).await;
    let body = Bytes::from(vec![b'v'; 2_048]);
    let begun = Instant::now();
    for nth in 0..MESSAGES {
        let round = nth / rooms.len() as u32;
        let room = &rooms[nth as usize % rooms.len()];
        let posting = Posting {
            from: sid(0),
            generation: 0,
            seq: round + 1,
            to: Recipients::One(sid(1)),
            after: Offset(3),
            format: 0,
            body: body.clone(),
        };
        let through = MailOffset(u64::from(round) + 1);
        backplane.mailbox.post(room, posting).await.expect("there is room");
        let mail = backplane.mailbox.read(room, sid(1), MailOffset(u64::from(round)), 16).await;
        black_box(mail.expect("not trimmed"));
        backplane.mailbox.mark_written(room, sid(1), through).await.expect("in reach");
        if through.0.is_multiple_of(ACK_EVERY) {
            backplane.mailbox.trim(room, sid(1), through).await.expect("in reach");
        }
    }
    begun.elapsed()
}

async fn memory_per_room() {
    let keys: Vec<_> = (0..ROOMS).map(room).collect();
    let backplane = memory::backplane(MemoryConfig::default());
    let before = resident_bytes();
    for key in &keys {
        open(&backplane, key).await;
    }
    let opened = resident_bytes();
    println!("figure idle_room_of_two {} bytes", (opened - before) / ROOMS);
    let mut watches = Vec::with_capacity(ROOMS);
    for key in &keys {
        let head = backplane.log.watch(key).await.expect("in reach");
        let one = backplane.mailbox.watch(key, sid(0)).await.expect("open");
        let other = backplane.mailbox.watch(key, sid(1)).await.expect("open");
        watches.push((head, one, other));
    }
    println!("figure idle_room_of_two_watched {} bytes", (resident_bytes() - before) / ROOMS);
}

async fn rooms_of_two(backplane: &Backplane, count: usize) -> Vec<RoomKey> {
    let rooms: Vec<_> = (0..count).map(room).collect();
    for room in &rooms {
        open(backplane, room).await;
    }
    rooms
}

/// Created, joined, joined; payloads that take no memory of their own.
async fn open(backplane: &Backplane, room: &RoomKey) {
    for (nth, entries) in [2, 1].into_iter().enumerate() {
        let batch = Batch {
            entries: vec![Bytes::from_static(b"entry"); entries],
            deadline_ms: Some(1_000),
            mailboxes: vec![MailboxChange::Open(sid(nth as u8))],
            ..Batch::default()
        };
        let head = backplane.log.load(room).await.expect("in reach").head;
        backplane.log.append(room, head, batch).await.expect("nobody else appends");
    }
}

fn room(number: usize) -> RoomKey {
    RoomKey { tenant: "tenant".parse().expect("short"), room: format!("room-{number:06}").parse().expect("short") }
}

fn sid(number: u8) -> Sid {
    Sid::from_random([number; 10])
}

fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("Linux");
    let pages: usize = statm.split(' ').nth(1).and_then(|field| field.parse().ok()).expect("proc(5)");
    pages * 4_096
}
