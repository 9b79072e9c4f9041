//! Which session a path means.

use std::{str::FromStr, sync::Arc};

use antiphon_protocol::{ErrorCode, Identity, InvalidId, RoomKey, Sid};
use antiphon_room_core::{Author, Command, Participant, Room};
use antiphon_service_kit::problem::Problem;

use super::submit::{look, submit};
use crate::Shared;

/// Times that an identity is looked for again whose session was replaced meanwhile.
const MAX_LOOKS: u32 = 4;

/// A session, by its sid, or by `@` and its identity. No sid begins with `@`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Whom {
    /// This session.
    Session(Sid),
    /// The session of this identity that came last.
    Identity(Identity),
}

impl FromStr for Whom {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text.strip_prefix('@') {
            Some(identity) => identity.parse().map(Self::Identity),
            None => text.parse().map(Self::Session).map_err(|_| InvalidId {
                what: "participant",
                expected: "a sid, which is 16 characters of a-z and 2-7, or @ and an identity",
            }),
        }
    }
}

impl Whom {
    /// The session in this room; also one in the lobby.
    pub(super) fn find<'a>(&self, room: &'a Room) -> Option<&'a Arc<Participant>> {
        match self {
            Self::Session(sid) => room.participant(*sid),
            Self::Identity(identity) => {
                let same = room.sessions(None).filter(|session| session.identity == *identity);
                same.max_by_key(|session| (session.joined_at, session.sid))
            }
        }
    }

    /// As [`Whom::find`]; 404 where there is none.
    pub(super) fn find_or_refuse<'a>(&self, room: &'a Room) -> Result<&'a Arc<Participant>, Problem> {
        self.find(room).ok_or_else(|| nobody("there is no such participant in this room"))
    }
}

pub(super) fn nobody(detail: &'static str) -> Problem {
    Problem::new(ErrorCode::NotFound, detail).with_field("participant")
}

/// Carries out a command about somebody; the room after it, and who it was.
pub(super) async fn submit_about(
    shared: &Arc<Shared>,
    key: &RoomKey,
    whom: &Whom,
    author: Author,
    command: impl Fn(Sid) -> Command,
) -> Result<(Arc<Room>, Sid), Problem> {
    let mut looks = 0;
    loop {
        looks += 1;
        let sid = match whom {
            Whom::Session(sid) => *sid,
            Whom::Identity(_) => whom.find_or_refuse(&*look(shared, key).await?)?.sid,
        };
        match submit(shared, key, author, command(sid)).await {
            Ok(room) => return Ok((room, sid)),
            Err(problem) if problem.code() == ErrorCode::NotFound && problem.field() == Some("sid") => {
                // By its identity it may be back already, as another session.
                if matches!(whom, Whom::Session(_)) || looks == MAX_LOOKS {
                    return Err(nobody("there is no such participant in this room"));
                }
            }
            Err(problem) if problem.field() == Some("sid") => return Err(problem.with_field("participant")),
            Err(problem) => return Err(problem),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_named_by_its_sid_or_by_at_and_its_identity() {
        let sid = Sid::from_random(*b"0123456789");
        assert_eq!(sid.as_str().parse(), Ok(Whom::Session(sid)));
        let identity: Identity = "@home".parse().expect("an identity");
        assert_eq!("@@home".parse(), Ok(Whom::Identity(identity)));
        for text in ["", "@", "ada", "@\n"] {
            assert!(text.parse::<Whom>().is_err(), "{text:?}");
        }
    }
}
