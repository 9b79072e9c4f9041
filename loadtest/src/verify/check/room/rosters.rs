//! Who sees whom: ghosts, and rooms that are not one.

use std::collections::{BTreeMap, BTreeSet};

use antiphon_protocol::Sid;
use antiphon_session_core::Cursor;

use super::{
    super::{
        At, Bounds, Ending, Presence,
        session::{Link, Session},
        violation::{Findings, Wrong},
    },
    Room, Scene,
};

impl Room {
    pub(super) fn note_unknown(&mut self, at: At) {
        let shown: BTreeSet<Sid> = self.live().flat_map(|(_, session)| session.roster.keys().copied()).collect();
        self.unknown.retain(|sid, _| shown.contains(sid));
        for sid in shown.into_iter().filter(|sid| !self.sessions.contains_key(sid)) {
            self.unknown.entry(sid).or_insert(at);
        }
    }

    /// Since when nobody is behind this sid.
    fn gone_since(&self, sid: &Sid) -> Option<At> {
        match self.sessions.get(sid) {
            Some(Session { link: Link::Over { at, .. }, .. }) => Some(*at),
            Some(_) => None,
            None => self.unknown.get(sid).copied(),
        }
    }

    pub(super) fn find_ghosts(&mut self, bounds: &Bounds, scene: &mut Scene<'_>, calm_since: At) {
        let mut found = Vec::new();
        for (reader, session) in self.live() {
            let Link::Connected { since } = session.link else { continue };
            for sid in session.roster.keys() {
                let Some(gone) = self.gone_since(sid) else { continue };
                if scene.at > gone.max(since).max(calm_since).plus(bounds.ghost) {
                    found.push((*reader, *sid, gone));
                }
            }
        }
        for (reader, sid, gone) in found {
            self.report_ghost(scene, reader, sid, gone);
        }
    }

    /// Once for each session, however many see it.
    fn report_ghost(&mut self, scene: &mut Scene<'_>, reader: Sid, sid: Sid, gone: At) {
        let is_news = match self.sessions.get_mut(&sid) {
            Some(session) => !std::mem::replace(&mut session.reported, true),
            // Known from now on, as somebody who is gone.
            None => {
                let mut session = Session::new(Cursor::default(), Vec::new(), gone);
                session.end(Ending::Abandoned, gone);
                session.reported = true;
                self.sessions.insert(sid, session);
                self.unknown.remove(&sid);
                true
            }
        };
        if is_news {
            scene.reader = Some(reader);
            scene.report(Wrong::Ghosts, format!("{sid} is in the roster, and its client is gone since {gone}"));
            scene.reader = None;
        }
    }

    pub(in super::super) fn is_settled(&self) -> bool {
        let all: BTreeSet<&Sid> = self.live().map(|(sid, _)| sid).collect();
        self.live().all(|(_, session)| {
            session.is_connected()
                && session.oldest_open().is_none()
                && session.roster.keys().collect::<BTreeSet<_>>() == all
                && session.roster.iter().all(|(sid, presence)| presence.connected && self.agree(sid, *presence))
        }) && self.everyone_has_everything()
    }

    fn agree(&self, sid: &Sid, presence: Presence) -> bool {
        self.live().all(|(_, session)| session.roster.get(sid) == Some(&presence))
    }

    fn everyone_has_everything(&self) -> bool {
        let mut findings = Findings::default();
        let mut scene = Scene { findings: &mut findings, room: self.index, reader: None, at: At(0) };
        for (reader, session) in &self.sessions {
            for sender in self.sessions.keys().filter(|_| session.is_connected()) {
                self.compare(&mut scene, *sender, *reader);
            }
        }
        findings.is_clean()
    }

    pub(super) fn check_rosters(&mut self, bounds: &Bounds, scene: &mut Scene<'_>) {
        let live: BTreeMap<Sid, u64> =
            self.live().filter(|(_, it)| it.is_connected()).map(|(sid, it)| (*sid, it.position.epoch)).collect();
        let mut ghosts = Vec::new();
        let mut splits = Vec::new();
        for reader in live.keys() {
            let roster = &self.sessions[reader].roster;
            let gone = roster.keys().filter_map(|sid| Some((*reader, *sid, self.gone_since(sid)?)));
            let gone = gone.filter(|(.., since)| scene.at > since.plus(bounds.ghost));
            ghosts.extend(gone);
            for sid in live.keys() {
                let what = match roster.get(sid) {
                    None => format!("{sid} is connected, and not in the roster of {reader}"),
                    Some(presence) if !presence.connected => {
                        format!("{sid} is connected, and without a connection in the roster of {reader}")
                    }
                    Some(presence)
                        if live.keys().any(|other| self.sessions[other].roster.get(sid) != Some(presence)) =>
                    {
                        format!("{sid} is another in the roster of {reader} than in others'")
                    }
                    Some(_) => continue,
                };
                splits.push(what);
            }
        }
        let epochs: BTreeSet<u64> = live.values().copied().collect();
        if epochs.len() > 1 {
            splits.push(format!("epochs {epochs:?} at a time"));
        }
        for (reader, sid, gone) in ghosts {
            self.report_ghost(scene, reader, sid, gone);
        }
        if let Some(first) = splits.first() {
            self.split(scene, format!("{first} ({} such contradictions)", splits.len()));
        }
    }
}
