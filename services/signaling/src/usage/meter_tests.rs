use antiphon_protocol::Sid;
use antiphon_room_core::{Generation, Grants, LeaveReason};
use prometheus::Registry;

use super::{super::QuotasConfig, *};
use crate::metrics::Metrics;

fn usage(rooms: u32, participants: u32) -> Usage {
    let config = QuotasConfig {
        tenant_rooms: rooms,
        tenant_participants: participants,
        ..antiphon_service_kit::config::defaults()
    };
    let metrics = Metrics::register(&Registry::new()).expect("an empty registry").tenants;
    Usage::new(Arc::new(Quotas::load(config).expect("there is no file")), metrics)
}

fn acme(usage: &Usage) -> Arc<Meter> {
    usage.meter(&"acme".parse().expect("a name"))
}

fn created() -> EventBody {
    EventBody::RoomCreated { lobby: false, chat_history: 0 }
}

fn joined() -> EventBody {
    EventBody::Joined {
        sid: Sid::from_random([1; 10]),
        identity: "ada".parse().expect("a name"),
        name: String::new(),
        metadata: String::new(),
        attributes: Default::default(),
        grants: Grants { publish: true, subscribe: true, chat: true, moderate: false, admin: false },
        role: antiphon_room_core::Role::Speaker,
        expires_at: Millis(0),
        resume: antiphon_room_core::ResumeHash([0; 32]),
        waiting: false,
        holder: antiphon_protocol::ReplicaId::from_random([0; 10]),
    }
}

fn left() -> EventBody {
    EventBody::Left {
        sid: Sid::from_random([1; 10]),
        identity: "ada".parse().expect("a name"),
        reason: LeaveReason::ClientLeft,
        message: String::new(),
    }
}

#[test]
fn what_was_claimed_counts_until_it_is_counted_or_given_up() {
    let usage = usage(1, 2);
    let meter = acme(&usage);
    let first = meter.claim([&created(), &joined()].into_iter()).expect("room for both").expect("a claim");
    let field = |events: &[EventBody]| meter.claim(events.iter()).err().map(|refusal| (refusal.code, refusal.field));
    assert_eq!(field(&[created(), joined()]), Some((ErrorCode::QuotaExceeded, "tenant-rooms")));
    let second = meter.claim([&joined()].into_iter()).expect("room for one more").expect("a claim");
    assert_eq!(field(&[joined()]), Some((ErrorCode::QuotaExceeded, "tenant-participants")));
    meter.count([&created(), &joined()].into_iter(), wall_clock());
    drop(first);
    assert_eq!(field(&[joined()]), Some((ErrorCode::QuotaExceeded, "tenant-participants")));
    drop(second);
    assert_eq!(field(&[joined()]), None, "its join was not written");
    meter.count([&left(), &EventBody::RoomEnded { reason: String::new() }].into_iter(), wall_clock());
    assert_eq!(field(&[created(), joined(), joined()]), None);
}

#[test]
fn who_takes_another_ones_place_is_not_one_too_many() {
    let usage = usage(0, 1);
    let meter = acme(&usage);
    meter.count([&created(), &joined()].into_iter(), wall_clock());
    assert!(meter.claim([&joined()].into_iter()).is_err());
    assert!(meter.claim([&left(), &joined()].into_iter()).expect("one for another").is_none());
    let resumed = EventBody::ResumeConfirmed { sid: Sid::from_random([1; 10]), generation: Generation::default() };
    assert!(meter.claim([&resumed].into_iter()).expect("nothing").is_none());
}

#[test]
fn a_refusal_says_which_quota_holds_and_what_to_do() {
    let usage = usage(0, 1);
    let meter = acme(&usage);
    meter.count([&joined()].into_iter(), wall_clock());
    let refusal = meter.claim([&joined()].into_iter()).expect_err("one too many");
    assert_eq!(
        refusal.message,
        "the tenant has 1 participants already, which is its quota: wait until somebody leaves, or have tenant-participants raised"
    );
}

#[test]
fn tenants_are_counted_apart() {
    let usage = usage(0, 1);
    acme(&usage).count([&joined()].into_iter(), wall_clock());
    let theirs = usage.meter(&"globex".parse().expect("a name"));
    assert!(theirs.claim([&joined()].into_iter()).is_ok());
    assert_eq!(theirs.read(Hour::of(Millis(0)), wall_clock()), (Vec::new(), 0, 0));
}

#[test]
fn frames_are_of_the_hour_in_which_they_were_carried() {
    let usage = usage(0, 0);
    let meter = acme(&usage);
    let begins = Hour::of(wall_clock()).begins();
    let (before, after) = (Millis(begins.0 + 3_600_000 * 2 - 1_000), Millis(begins.0 + 3_600_000 * 2 + 10));
    meter.tick(before);
    meter.received();
    meter.sent(100);
    meter.tick(after);
    meter.received();
    let (hours, ..) = meter.read(Hour::of(Millis(0)), after);
    let counted: Vec<_> = hours.iter().map(|hour| (hour.counts.messages, hour.counts.bytes_relayed)).collect();
    assert_eq!(counted, [(1, 100), (1, 0)]);
    assert_eq!(hours[1].hour, Hour::of(after));
}
