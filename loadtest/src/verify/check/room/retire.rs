//! What is lost, and what can be forgotten because everyone has it.

use antiphon_protocol::Sid;

use super::{
    super::{
        At, Bounds, Stamp,
        pair::{self, Reader},
        session::{Link, Session},
        stream::{Fate, Record, Stream},
        violation::{Findings, Wrong},
    },
    Room, Scene,
};

/// Messages of a stream from which on it is looked at whether some can be forgotten.
const TRIM_FROM: usize = 64;

impl Room {
    /// Forgets messages that everyone has.
    pub(super) fn trim(&mut self, findings: &mut Findings) {
        for (sender, to) in self.long_streams() {
            let Some(up_to) = self.complete_up_to(sender, to) else { continue };
            let readers = self.sessions.iter_mut().filter(|(reader, _)| to.is_none_or(|to| **reader == to));
            for tracks in readers.filter_map(|(_, reader)| reader.tracks.get_mut(&sender)) {
                tracks.of_mut(to).forget_gaps(up_to);
            }
            if let Some(stream) = self.sessions.get_mut(&sender).and_then(|session| session.stream_mut(to)) {
                findings.messages_checked += stream.trim(up_to);
            }
        }
    }

    fn long_streams(&self) -> Vec<(Sid, Option<Sid>)> {
        let all = self.sessions.iter().flat_map(|(sender, session)| {
            let directed = session.directed.iter().map(|(to, stream)| (Some(*to), stream));
            let long = directed.chain([(None, &session.to_room)]).filter(|(_, stream)| stream.len() >= TRIM_FROM);
            long.map(|(to, _)| (*sender, to))
        });
        all.collect()
    }

    /// The last message of a stream that nobody waits for, nor any before it.
    fn complete_up_to(&self, sender: Sid, to: Option<Sid>) -> Option<u32> {
        let stream = self.sessions.get(&sender)?.stream(to)?;
        let readers: Vec<(Reader, &Session)> = self
            .sessions
            .iter()
            .filter(|(reader, _)| to.is_none_or(|to| **reader == to))
            .map(|(reader, session)| (Reader::of(sender, *reader), session))
            .collect();
        let is_complete = |number: u32, record: &Record| match record.fate {
            Fate::Open => false,
            Fate::Void => true,
            Fate::Accepted(_) => readers.iter().all(|(whose, reader)| {
                let track = reader.tracks.get(&sender).map(|tracks| tracks.of(to));
                !pair::is_missing(number, record, track, reader, *whose)
            }),
        };
        stream.iter().take_while(|(number, record)| is_complete(*number, record)).last().map(|(number, _)| number)
    }

    /// Whether all that was under way to and from a session that is over has had its time.
    pub(super) fn may_retire(&self, bounds: &Bounds, sid: Sid, at: At) -> bool {
        let Some(Session { link: Link::Over { at: over, .. }, .. }) = self.sessions.get(&sid) else { return false };
        at > over.plus(bounds.delivery)
            && self.live().all(|(_, session)| match session.link {
                Link::Connected { since } => {
                    at > since.plus(bounds.delivery)
                        && !session.roster.contains_key(&sid)
                        && session.oldest_open().is_none_or(|sent| sent > *over)
                }
                Link::Cut | Link::Over { .. } => false,
            })
    }

    pub(super) fn retire(&mut self, scene: &mut Scene<'_>, sid: Sid) {
        let others: Vec<Sid> = self.sessions.keys().copied().filter(|other| *other != sid).collect();
        self.compare(scene, sid, sid);
        for other in others {
            self.compare(scene, sid, other);
            self.compare(scene, other, sid);
        }
        if let Some(session) = self.sessions.remove(&sid) {
            scene.findings.messages_checked += accepted(&session);
        }
        for session in self.sessions.values_mut() {
            session.tracks.remove(&sid);
            if let Some(mut stream) = session.directed.remove(&sid) {
                scene.findings.messages_checked += stream.trim(u32::MAX);
            }
        }
    }

    /// Reports what `sender` sent and `reader` never got.
    pub(super) fn compare(&self, scene: &mut Scene<'_>, sender: Sid, reader: Sid) {
        let (Some(from), Some(to)) = (self.sessions.get(&sender), self.sessions.get(&reader)) else { return };
        let tracks = to.tracks.get(&sender);
        let whose = Reader::of(sender, reader);
        let room = pair::lost(&from.to_room, tracks.map(|tracks| &tracks.room), to, true, whose);
        let mail = from.directed.get(&reader).filter(|_| whose == Reader::Other);
        let mail = mail
            .into_iter()
            .flat_map(|stream| pair::lost(stream, tracks.map(|tracks| &tracks.directed), to, false, whose));
        let lost = room.map(|lost| (None, lost)).chain(mail.map(|lost| (Some(reader), lost)));
        scene.reader = Some(reader);
        for (recipient, (number, record)) in lost {
            let stamp = Stamp { from: sender, to: recipient, number };
            let Fate::Accepted(accepted) = record.fate else { continue };
            let (seq, sent, due, position) = (record.seq, record.sent, to.due_from, to.position);
            scene.report(
                Wrong::Lost,
                format!(
                    "{stamp} (seq {seq}), sent at {sent}, acknowledged at {accepted}, never came; the reader is there since {due} \
                     and stands at {position}"
                ),
            );
        }
        scene.reader = None;
    }
}

/// Messages of a session that was looked at, and that are not counted yet.
pub(super) fn accepted(session: &Session) -> u64 {
    let streams = std::iter::once(&session.to_room).chain(session.directed.values());
    streams.flat_map(Stream::iter).filter(|(_, record)| matches!(record.fate, Fate::Accepted(_))).count() as u64
}
