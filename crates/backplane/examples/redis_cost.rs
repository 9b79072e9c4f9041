//! What rooms cost Redis, on a server of its own on this machine.
//!
//! `cargo run --release -p antiphon-backplane --example redis_cost` prints appends that another replica has read, postings that the
//! other replica has read and marked written, both per second and per CPU-second of Redis and of this process; commands for each;
//! and the bytes that Redis takes for a room and for a session.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

use std::{
    error::Error,
    time::{Duration, Instant},
};

use antiphon_backplane::{
    Backplane, Batch, Head, MailOffset, MailboxChange, Posting, Recipients,
    redis::{RedisConfig, Status, connect},
};
use antiphon_protocol::{RoomKey, Sid};
use antiphon_redis_fixture::Server;
use bytes::Bytes;
use tokio::task::JoinSet;

const ROOMS: usize = 100;
const EACH: usize = 200;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_default_env()).init();
    let server = Server::start().await;
    let (one, other) = (replica(&server).await?, replica(&server).await?);
    let mut rooms = Vec::new();
    let before = memory(&server).await;
    for nth in 0..ROOMS {
        let room = RoomKey { tenant: "tenant".parse()?, room: format!("room-{nth}").parse()? };
        let head = one.log.load(&room).await?.head;
        rooms.push((room.clone(), one.log.append(&room, head, batch(Vec::new())).await?));
    }
    let with_rooms = memory(&server).await;
    for (room, head) in &mut rooms {
        let opened = [1, 2].map(|number| MailboxChange::Open(sid(number))).to_vec();
        *head = one.log.append(room, *head, batch(opened)).await?;
    }
    let with_sessions = memory(&server).await;
    say("bytes of a room with one entry", (with_rooms - before) as f64 / ROOMS as f64);
    say("bytes of a session", (with_sessions - with_rooms) as f64 / (2 * ROOMS) as f64);

    for key in server.query::<Vec<String>>(&["KEYS", "*room-0"]).await {
        say(&key, server.query(&["MEMORY", "USAGE", &key, "SAMPLES", "0"]).await);
    }

    measure(&server, "append, read by another replica", &rooms, |room, head| {
        follow(one.clone(), other.clone(), room, head)
    })
    .await?;
    measure(&server, "posting, read by another replica", &rooms, |room, _| deliver(one.clone(), other.clone(), room))
        .await?;
    Ok(())
}

async fn replica(server: &Server) -> Outcome<Backplane> {
    // A figure, not a refusal, also where the machine does something else besides.
    let patient = RedisConfig { response_timeout: Duration::from_secs(30), ..RedisConfig::new(server.url().parse()?) };
    let mut redis = connect(patient)?;
    redis.status.wait_for(|status| *status == Status::Connected).await?;
    Ok(redis.backplane)
}

/// Runs something in every room at once; each does [`EACH`] of it.
async fn measure<F>(
    server: &Server,
    what: &str,
    rooms: &[(RoomKey, Head)],
    run: impl Fn(RoomKey, Head) -> F,
) -> Outcome<()>
where
    F: Future<Output = Outcome<Vec<Duration>>> + Send + 'static,
{
    let (commands, redis_cpu, own_cpu, start) =
        (commands(server).await, redis_cpu(server).await, own_cpu(), Instant::now());
    let mut running: JoinSet<_> = rooms.iter().map(|(room, head)| run(room.clone(), *head)).collect();
    let mut times = Vec::new();
    while let Some(ran) = running.join_next().await {
        times.extend(ran??);
    }
    let elapsed = start.elapsed().as_secs_f64();
    let done = times.len() as f64;
    times.sort_unstable();
    println!("{what}:");
    say("  a second", done / elapsed);
    say("  p50, microseconds", times[times.len() / 2].as_secs_f64() * 1e6);
    say("  a CPU-second of Redis", done / (self::redis_cpu(server).await - redis_cpu));
    say("  a CPU-second of both replicas", done / (self::own_cpu() - own_cpu));
    say("  commands each, what scripts call included", (self::commands(server).await - commands) / done);
    Ok(())
}

/// One replica appends, the other watches and reads.
async fn follow(one: Backplane, other: Backplane, room: RoomKey, mut head: Head) -> Outcome<Vec<Duration>> {
    let mut watch = other.log.watch(&room).await?;
    let mut known = head;
    let mut times = Vec::with_capacity(EACH);
    for _ in 0..EACH {
        let start = Instant::now();
        head = one.log.append(&room, head, batch(Vec::new())).await?;
        watch.wait_for(|seen| *seen == head).await?;
        known = other.log.since(&room, known, 1_024).await?.head;
        times.push(start.elapsed());
        if head.offset.0.is_multiple_of(64) {
            one.log.store_snapshot(&room, head, Bytes::from_static(&[0; 1_024])).await?;
        }
    }
    assert_eq!(known, head, "all of it was read");
    Ok(times)
}

/// One session posts to another, whose replica reads and marks written, as a connection does.
async fn deliver(one: Backplane, other: Backplane, room: RoomKey) -> Outcome<Vec<Duration>> {
    let (from, to) = (sid(1), sid(2));
    let watch = other.mailbox.watch(&room, to).await?;
    let mut read = MailOffset(0);
    let mut times = Vec::with_capacity(EACH);
    for seq in 1..=EACH as u32 {
        let start = Instant::now();
        one.mailbox.post(&room, posting(from, to, seq)).await?;
        while read.0 < u64::from(seq) {
            watch.notified().await;
            let mail = other.mailbox.read(&room, to, read, 64).await?;
            read = mail.last().map_or(read, |last| last.offset);
        }
        times.push(start.elapsed());
        other.mailbox.mark_written(&room, to, read).await?;
        if seq.is_multiple_of(32) {
            other.mailbox.trim(&room, to, read).await?;
        }
    }
    Ok(times)
}

fn batch(mailboxes: Vec<MailboxChange>) -> Batch {
    Batch { entries: vec![Bytes::from_static(&[b'x'; 300])], mailboxes, ..Batch::default() }
}

fn posting(from: Sid, to: Sid, seq: u32) -> Posting {
    let body = Bytes::from_static(&[b'x'; 300]);
    Posting { from, generation: 0, seq, to: Recipients::One(to), after: antiphon_backplane::Offset(1), format: 0, body }
}

fn sid(number: u8) -> Sid {
    Sid::from_random([number; 10])
}

fn say(what: &str, figure: f64) {
    println!("{what:<46} {figure:>12.1}");
}

async fn memory(server: &Server) -> u64 {
    figure(&server.query::<String>(&["INFO", "memory"]).await, "used_memory:") as u64
}

/// Seconds of processor time that Redis has used.
async fn redis_cpu(server: &Server) -> f64 {
    let used = server.query::<String>(&["INFO", "cpu"]).await;
    figure(&used, "used_cpu_sys:") + figure(&used, "used_cpu_user:")
}

/// How many calls of commands, those of clients and those of scripts.
async fn commands(server: &Server) -> f64 {
    let calls = server.query::<String>(&["INFO", "commandstats"]).await;
    calls.lines().filter_map(|line| line.split("calls=").nth(1)?.split(',').next()?.parse::<f64>().ok()).sum()
}

fn figure(info: &str, name: &str) -> f64 {
    info.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok()).expect("Redis says so")
}

fn own_cpu() -> f64 {
    // Fields 14 and 15 of proc_pid_stat(5), in hundredths of a second; the second field ends at the last bracket.
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    fields[11..13].iter().map(|ticks| ticks.parse::<f64>().expect("a number")).sum::<f64>() / 100.0
}
