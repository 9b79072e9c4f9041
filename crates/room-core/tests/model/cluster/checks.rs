//! What is checked of a replica after each step.

use antiphon_room_core::{Author, Command, Millis, Room};

use super::{Cluster, Replica};
use crate::{ensure, history::History, rules::Case, view::View};

impl Cluster<'_> {
    /// What holds of a replica's room wherever it stands in the log.
    pub(super) fn check(&mut self, replica: usize) -> Result<(), String> {
        let at = &self.replicas[replica];
        if !self.eras[at.era].checked.insert(at.offset) {
            return Ok(());
        }
        let era = &self.eras[at.era];
        let history = era.history(self.config, at.offset);
        let (fold, model) = (View::of_the_fold(&at.room), View::of_the_model(&history));
        ensure!(fold == model, "the fold says\n  {fold:?}\nthe model says\n  {model:?}");
        ensure!(at.room.chat().count() <= self.config.chat_history as usize, "more chat than the history keeps");
        let again = self.rules.restore(&at.room.to_snapshot());
        ensure!(again == at.room, "the snapshot reads back as another room");
        if at.offset == era.log.len() && at.room.exists() {
            let sids: Vec<_> = at.room.participants().map(|participant| participant.sid).collect();
            ensure!(sids == era.audit.inside, "roster {sids:?}, by the log {:?}", era.audit.inside);
            let sids: Vec<_> = at.room.waiting().map(|participant| participant.sid).collect();
            ensure!(sids == era.audit.waiting, "lobby {sids:?}, by the log {:?}", era.audit.waiting);
        }
        self.check_deadline(at, &history)?;
        check_visibility(&at.room)
    }

    fn check_deadline(&self, at: &Replica, history: &History<'_>) -> Result<(), String> {
        let deadline = at.room.deadline(self.config).map(|deadline| deadline.0);
        ensure!(deadline == history.deadline(), "deadline {deadline:?}, the model says {:?}", history.deadline());
        let Some(deadline) = deadline else { return Ok(()) };
        let tick = |now| {
            let (room, config, bans) = (&at.room, self.config, at.bans.as_slice());
            self.rules.decide(Case {
                room,
                config,
                bans,
                author: Author::Server,
                command: &Command::Tick,
                now: Millis(now),
            })
        };
        ensure!(tick(deadline - 1) == Ok(Vec::new()), "a tick before the deadline does something");
        let events = tick(deadline).map_err(|refusal| refusal.to_string())?;
        ensure!(!events.is_empty(), "a tick at the deadline does nothing");
        let mut after = at.room.clone();
        events.iter().for_each(|event| self.rules.apply(0, &mut after, event));
        let next = after.deadline(self.config);
        ensure!(next.is_none_or(|next| next.0 > deadline), "still due after a tick");
        Ok(())
    }
}

/// The lobby sees nothing, and is seen by moderators only.
fn check_visibility(room: &Room) -> Result<(), String> {
    let (inside, waiting) = (room.participants().count(), room.waiting().count());
    for reader in room.participants().chain(room.waiting()) {
        let seen = room.snapshot_for(reader.sid);
        let seen = (seen.participants.len(), seen.chat.len(), seen.waiting.len());
        let expected = match (reader.waiting, reader.may_moderate()) {
            (true, _) => (0, 0, 0),
            (false, true) => (inside, room.chat().count(), waiting),
            (false, false) => (inside, room.chat().count(), 0),
        };
        ensure!(seen == expected, "{} sees {seen:?}, not {expected:?}", reader.sid);
    }
    Ok(())
}
