//! Most rooms are rooms of two, and a replica holds thousands of them.

use std::alloc::System;

use antiphon_protocol::{ReplicaId, Sid};
use antiphon_room_core::{
    Attributes, Author, Command, Event, Generation, Grants, Join, Millis, ResumeHash, Room, RoomConfig, Track,
    TrackKind, TrackSource,
};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const NOW: Millis = Millis(1_763_650_000_000);

#[test]
fn a_room_of_two_is_small() {
    let joins = [1, 2].map(|number| (Author::Server, Command::Join(Box::new(join(number)))));
    let publications = [1, 2].into_iter().flat_map(|number| {
        let author = Author::Session { sid: Sid::from_random([number; 10]), generation: Generation(0), seq: 0 };
        [
            (author, Command::Publish(track("3b8c1c4e-microphone", TrackKind::Audio, TrackSource::Microphone))),
            (author, Command::Publish(track("97f0e2d1-camera", TrackKind::Video, TrackSource::Camera))),
        ]
    });
    let idle = bytes_held(&log(joins.clone()));
    let publishing = bytes_held(&log(joins.into_iter().chain(publications)));
    assert!(idle <= 1_024, "{idle} bytes");
    assert!(publishing <= 1_536, "{publishing} bytes");
}

fn log(commands: impl IntoIterator<Item = (Author, Command)>) -> Vec<Event> {
    let mut room = Room::new();
    let mut log = Vec::new();
    for (author, command) in commands {
        let events = room.decide(&RoomConfig::default(), &[], author, &command, NOW).expect("accepted");
        events.iter().for_each(|event| room.apply(event));
        log.extend(events);
    }
    log
}

/// What the fold of this log holds on the heap.
fn bytes_held(log: &[Event]) -> usize {
    let region = Region::new(ALLOCATOR);
    let mut room = Room::new();
    for event in log {
        // From bytes, as a replica reads it: names are shared with nobody.
        room.apply(&Event::from_bytes(&event.to_bytes()).expect("its own"));
    }
    let change = region.change();
    drop(room);
    change.bytes_allocated - change.bytes_deallocated
}

fn join(number: u8) -> Join {
    Join {
        sid: Sid::from_random([number; 10]),
        identity: format!("user-{number}").parse().expect("an identity"),
        name: String::from("Ada Lovelace"),
        metadata: String::new(),
        attributes: Attributes::new(),
        grants: Grants { publish: true, subscribe: true, chat: true, moderate: false, admin: false },
        expires_at: NOW.plus(1),
        resume: ResumeHash([number; 32]),
        holder: ReplicaId::from_random([0; 10]),
    }
}

fn track(track_id: &str, kind: TrackKind, source: TrackSource) -> Track {
    Track {
        track_id: track_id.to_owned(),
        kind,
        source,
        name: String::new(),
        muted: false,
        layers: Vec::new(),
        mid: Some(String::from("0")),
    }
}
