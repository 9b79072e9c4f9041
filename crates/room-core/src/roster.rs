//! Who is in the room, in order, and found by sid.

use std::sync::Arc;

use antiphon_protocol::Sid;

use crate::Participant;

/// The sessions in the order in which they came. Two vectors rather than a map and a list: a room of two is the common
/// one, and there are many.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Vec<Arc<Participant>>", into = "Vec<Arc<Participant>>")]
pub(crate) struct Roster {
    ordered: Vec<Arc<Participant>>,
    /// Positions in `ordered`, sorted by the sid that stands there.
    by_sid: Vec<u32>,
}

impl Roster {
    pub(crate) fn len(&self) -> usize {
        self.ordered.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ordered.is_empty()
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Arc<Participant>> {
        self.ordered.iter()
    }

    /// Those whose sid is greater than `after`, by sid.
    pub(crate) fn behind(&self, after: Option<Sid>) -> impl Iterator<Item = &Arc<Participant>> {
        let first = after.map_or(0, |after| match self.rank(after) {
            Ok(rank) => rank + 1,
            Err(rank) => rank,
        });
        self.by_sid[first..].iter().map(|position| &self.ordered[*position as usize])
    }

    pub(crate) fn get(&self, sid: Sid) -> Option<&Arc<Participant>> {
        let rank = self.rank(sid).ok()?;
        Some(&self.ordered[self.by_sid[rank] as usize])
    }

    pub(crate) fn get_mut(&mut self, sid: Sid) -> Option<&mut Participant> {
        let rank = self.rank(sid).ok()?;
        Some(Arc::make_mut(&mut self.ordered[self.by_sid[rank] as usize]))
    }

    /// Puts a session last. `false`, and nothing happens, when the sid is there already.
    pub(crate) fn push(&mut self, participant: Arc<Participant>) -> bool {
        let (Err(rank), Ok(position)) = (self.rank(participant.sid), u32::try_from(self.ordered.len())) else {
            return false;
        };
        self.by_sid.insert(rank, position);
        self.ordered.push(participant);
        true
    }

    pub(crate) fn remove(&mut self, sid: Sid) -> Option<Arc<Participant>> {
        let rank = self.rank(sid).ok()?;
        let gone = self.by_sid.remove(rank);
        for position in &mut self.by_sid {
            if *position > gone {
                *position -= 1;
            }
        }
        Some(self.ordered.remove(gone as usize))
    }

    /// Where the sid stands in `by_sid`, or would stand.
    fn rank(&self, sid: Sid) -> Result<usize, usize> {
        self.by_sid.binary_search_by_key(&sid, |position| self.ordered[*position as usize].sid)
    }
}

/// Two participants of one sid in a snapshot.
#[derive(Debug, thiserror::Error)]
#[error("the sid {0} stands twice in the roster")]
pub(crate) struct TwiceInRoster(Sid);

impl TryFrom<Vec<Arc<Participant>>> for Roster {
    type Error = TwiceInRoster;

    fn try_from(participants: Vec<Arc<Participant>>) -> Result<Self, TwiceInRoster> {
        let mut roster = Self::default();
        for participant in participants {
            let sid = participant.sid;
            if !roster.push(participant) {
                return Err(TwiceInRoster(sid));
            }
        }
        Ok(roster)
    }
}

impl From<Roster> for Vec<Arc<Participant>> {
    fn from(roster: Roster) -> Self {
        roster.ordered
    }
}
