//! The system under test, so that a mutant can stand in for it.

use std::{collections::BTreeSet, sync::Mutex};

use antiphon_protocol::ErrorCode;
use antiphon_room_core::{Author, Ban, Command, Event, Millis, Refusal, Room, RoomConfig};

/// What a command is decided on.
#[derive(Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) room: &'a Room,
    pub(crate) config: &'a RoomConfig,
    pub(crate) bans: &'a [Ban],
    pub(crate) author: Author,
    pub(crate) command: &'a Command,
    pub(crate) now: Millis,
}

impl Case<'_> {
    /// As room-core decides it.
    pub(crate) fn decide(&self) -> Result<Vec<Event>, Refusal> {
        self.room.decide(self.config, self.bans, self.author, self.command, self.now)
    }
}

/// The two halves of the system; a mutant replaces one.
pub(crate) trait Rules: Sync {
    fn decide(&self, case: Case<'_>) -> Result<Vec<Event>, Refusal> {
        case.decide()
    }

    fn apply(&self, _replica: usize, room: &mut Room, event: &Event) {
        room.apply(event);
    }

    fn restore(&self, snapshot: &[u8]) -> Room {
        Room::from_snapshot(snapshot).expect("its own snapshot")
    }
}

/// room-core as it is.
pub(crate) struct Genuine;

impl Rules for Genuine {}

/// room-core as it is, and what it was seen to do.
#[derive(Default)]
pub(crate) struct Watched {
    events: Mutex<BTreeSet<String>>,
    refusals: Mutex<BTreeSet<ErrorCode>>,
}

impl Watched {
    /// The kinds of events that were decided, and the codes that were refused with.
    pub(crate) fn seen(self) -> (BTreeSet<String>, BTreeSet<ErrorCode>) {
        let poisoned = "nobody panicked with it";
        (self.events.into_inner().expect(poisoned), self.refusals.into_inner().expect(poisoned))
    }
}

impl Rules for Watched {
    fn decide(&self, case: Case<'_>) -> Result<Vec<Event>, Refusal> {
        let answer = case.decide();
        match &answer {
            Ok(events) => {
                let kind = |event: &Event| {
                    let text = format!("{:?}", event.body);
                    text.split(' ').next().unwrap_or_default().to_owned()
                };
                self.events.lock().expect("nobody panicked with it").extend(events.iter().map(kind));
            }
            Err(refusal) => {
                self.refusals.lock().expect("nobody panicked with it").insert(refusal.code);
            }
        }
        answer
    }
}
