//! Who and what a step is about: picks become names, as the replica knows them.

use antiphon_protocol::{ReplicaId, Sid};
use antiphon_room_core::{Author, Command, Generation, Join, Millis, RequestId, ResumeHash};

use super::Cluster;
use crate::steps::{Ask, Connection, Draft, Numbering, Pick, Token, grants, identity};

impl Cluster<'_> {
    /// Gives an abstract command the names it needs, as this replica knows them.
    pub(super) fn settle(&mut self, replica: usize, ask: &Ask, number: u16) -> Option<(Author, Command)> {
        let expires = |lifetime: &u64| Millis(self.now + lifetime);
        let server = |command| Some((Author::Server, command));
        match ask {
            Ask::Join { person, grants: kind, lifetime, presence } => {
                let join = Join {
                    sid: sid(number),
                    identity: identity(*person),
                    name: presence.name.clone(),
                    metadata: presence.metadata.clone(),
                    attributes: presence.attributes.iter().cloned().collect(),
                    grants: grants(*kind),
                    expires_at: expires(lifetime),
                    resume: token(number),
                    holder: holder(replica),
                };
                self.joins.push(join.clone());
                server(Command::Join(Box::new(join)))
            }
            Ask::JoinAgain { who } => server(Command::Join(Box::new(self.join_of(self.pick(replica, *who)?).clone()))),
            Ask::Resume { who, token: which, stranger, lifetime } => {
                let sid = self.pick(replica, *who)?;
                let join = self.join_of(sid);
                let (current, unconfirmed) = self.replicas[replica]
                    .room
                    .participant(sid)
                    .map_or((join.resume, None), |participant| participant.resume);
                let presented = match which {
                    Token::Current => current,
                    Token::Unconfirmed => unconfirmed.unwrap_or(current),
                    Token::First => join.resume,
                    Token::Wrong => ResumeHash([0xee; 32]),
                };
                let person = if *stranger { identity(3) } else { join.identity.clone() };
                let (next, expires_at) = (token(number), expires(lifetime));
                server(Command::Resume { sid, identity: person, presented, next, expires_at, holder: holder(replica) })
            }
            Ask::ConfirmResume { who, connection } => {
                let sid = self.pick(replica, *who)?;
                server(Command::ConfirmResume { sid, generation: self.generation(replica, sid, *connection) })
            }
            Ask::Disconnect { who, connection } => {
                let sid = self.pick(replica, *who)?;
                server(Command::Disconnect { sid, generation: self.generation(replica, sid, *connection) })
            }
            Ask::ReplicaLost { replica } => server(Command::ReplicaLost { replica: holder(*replica) }),
            Ask::ExtendGrant { who, lifetime } => {
                server(Command::ExtendGrant { sid: self.pick(replica, *who)?, expires_at: expires(lifetime) })
            }
            Ask::RenewGrants { who, grants: kind, lifetime } => {
                let (sid, expires_at) = (self.pick(replica, *who)?, expires(lifetime));
                server(Command::RenewGrants { sid, grants: grants(*kind), expires_at })
            }
            Ask::Tick => server(Command::Tick),
            Ask::Server { draft } => server(self.finish(replica, draft, number)?),
            Ask::Request { draft } => {
                let asked = (Author::Application { request: request(number) }, self.finish(replica, draft, number)?);
                self.requests.push(asked.clone());
                Some(asked)
            }
            Ask::RequestAgain { which } => {
                let back = usize::from(*which).checked_rem(self.requests.len().min(4))?;
                self.requests.get(self.requests.len() - 1 - back).cloned()
            }
            Ask::Frame { who, connection, seq, draft } => {
                let sid = self.pick(replica, *who)?;
                let settled = self.replicas[replica].room.participant(sid).map_or(0, |author| author.last_seq);
                let seq = match seq {
                    Numbering::Next => settled + 1,
                    Numbering::Repeated => settled,
                    Numbering::None => 0,
                };
                let author = Author::Session { sid, generation: self.generation(replica, sid, *connection), seq };
                Some((author, self.finish(replica, draft, number)?))
            }
        }
    }

    fn finish(&mut self, replica: usize, draft: &Draft, number: u16) -> Option<Command> {
        let pick = |whom: &Pick| self.pick(replica, *whom);
        Some(match draft {
            Draft::Leave => Command::Leave,
            Draft::Update(change) => Command::Update(change.clone()),
            Draft::Publish(track) => Command::Publish(track.clone()),
            Draft::Unpublish { track_id } => Command::Unpublish { track_id: track_id.clone() },
            Draft::Chat { id, text } => {
                let id = id.and_then(|id| self.chat_id(id)).unwrap_or_else(|| format!("c{number}"));
                self.chat_ids.push(id.clone());
                Command::Chat { id, text: text.clone() }
            }
            Draft::Data { topic } => Command::Data { topic: topic.clone(), payload: vec![0, 255, 7] },
            Draft::DeleteChat { id } => Command::DeleteChat { id: self.chat_id(*id)? },
            Draft::Kick { whom, reason, allow_rejoin } => {
                Command::Kick { sid: pick(whom)?, reason: reason.clone(), allow_rejoin: *allow_rejoin }
            }
            Draft::Mute { whom, track_id } => Command::Mute { sid: pick(whom)?, track_id: track_id.clone() },
            Draft::Admit { whom } => Command::Admit { sid: pick(whom)? },
            Draft::Refuse { whom, reason } => Command::Refuse { sid: pick(whom)?, reason: reason.clone() },
            Draft::SetRole { whom, role } => Command::SetRole { sid: pick(whom)?, role: *role },
            Draft::UpdateRoom(change) => Command::UpdateRoom(change.clone()),
            Draft::EndRoom { reason } => Command::EndRoom { reason: reason.clone() },
            Draft::Create(change) => Command::Create(change.clone()),
            Draft::UpdateParticipant { whom, change, role } => {
                Command::UpdateParticipant { sid: pick(whom)?, change: change.clone(), role: *role }
            }
            Draft::Announce { id, name, text } => {
                let id = id.and_then(|id| self.chat_id(id)).unwrap_or_else(|| format!("c{number}"));
                self.chat_ids.push(id.clone());
                Command::Announce { id, name: name.clone(), text: text.clone() }
            }
            Draft::SendData { topic, to } => {
                let to = match to {
                    Some(whom) => vec![pick(whom)?],
                    None => Vec::new(),
                };
                Command::SendData { topic: topic.clone(), payload: vec![0, 255, 7], to }
            }
            Draft::Ban { person, duration_ms, reason } => {
                Command::Ban { identity: identity(*person), duration_ms: *duration_ms, reason: reason.clone() }
            }
            Draft::Unban { person } => Command::Unban { identity: identity(*person) },
            Draft::ClearChat => Command::ClearChat,
            Draft::MuteAll { whom, kind } => Command::MuteAll { sid: pick(whom)?, kind: *kind },
            Draft::AdmitAll => Command::AdmitAll,
            Draft::Join => Command::Join(Box::new(self.joins.last()?.clone())),
            Draft::Tick => Command::Tick,
        })
    }

    /// Mostly somebody who is here, sometimes anybody who ever asked to be.
    fn pick(&self, replica: usize, pick: Pick) -> Option<Sid> {
        let room = &self.replicas[replica].room;
        let everyone = room.len();
        if everyone > 0 && pick < 220 {
            return room.participants().chain(room.waiting()).nth(usize::from(pick) % everyone).map(|found| found.sid);
        }
        let join = usize::from(pick).checked_rem(self.joins.len())?;
        Some(self.joins[join].sid)
    }

    fn join_of(&self, sid: Sid) -> &Join {
        self.joins.iter().find(|join| join.sid == sid).expect("picked from the joins")
    }

    fn chat_id(&self, pick: Pick) -> Option<String> {
        let back = usize::from(pick).checked_rem(self.chat_ids.len().min(4))?;
        self.chat_ids.get(self.chat_ids.len() - 1 - back).cloned()
    }

    fn generation(&self, replica: usize, sid: Sid, connection: Connection) -> Generation {
        let current = self.replicas[replica].room.participant(sid).map_or(Generation(0), |found| found.generation);
        match connection {
            Connection::Current => current,
            Connection::First => Generation(0),
            Connection::Future => Generation(current.0 + 1),
        }
    }
}

fn holder(replica: usize) -> ReplicaId {
    ReplicaId::from_random([u8::try_from(replica).expect("three replicas"); 10])
}

/// A sid of its own for each step, in another order than theirs.
fn sid(number: u16) -> Sid {
    let [high, low] = number.wrapping_mul(40_503).to_be_bytes();
    Sid::from_random([high, low, 0, 0, 0, 0, 0, 0, 0, 0])
}

/// A request's name of its own for each step.
fn request(number: u16) -> RequestId {
    RequestId(std::array::from_fn(|place| number.to_be_bytes()[place % 2]))
}

/// A resume token's hash of its own for each step.
fn token(number: u16) -> ResumeHash {
    let [high, low] = number.to_be_bytes();
    let mut hash = [0; 32];
    hash[..2].copy_from_slice(&[high, low]);
    ResumeHash(hash)
}
