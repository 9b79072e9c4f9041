//! The model: every answer is worked out anew from the list of commands that were accepted.
//!
//! It shares no code and no shape with the fold. There is no state that events change: a session is followed from its join
//! through the later commands on its own, and what concerns several sessions compares the spans of their lives.

use std::cmp::Ordering;

use antiphon_protocol::{Identity, ReplicaId, Sid};
use antiphon_room_core::{
    Author, Command, DuplicateIdentity, Generation, Grants, Join, LeaveReason, PresenceChange, ResumeHash, Role,
    RoomChange, RoomConfig, Seq, TopologyMode, Track, TrackKind,
};

pub(crate) const LEEWAY_MS: u64 = 10_000;

/// A command that came into the log.
#[derive(Debug, Clone)]
pub(crate) struct Fact {
    /// The log's length with its last event.
    pub(crate) offset: usize,
    pub(crate) at: u64,
    pub(crate) author: Author,
    pub(crate) command: Command,
}

/// The accepted commands of one life of a room, up to some offset.
#[derive(Clone, Copy)]
pub(crate) struct History<'a> {
    pub(crate) config: &'a RoomConfig,
    /// From rooms of this name before this one.
    pub(crate) bans_before: &'a [(Identity, u64)],
    pub(crate) facts: &'a [Fact],
}

/// A life, followed from its join to the end of the history or its own.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    pub(crate) sid: Sid,
    pub(crate) identity: Identity,
    pub(crate) grants: Grants,
    pub(crate) name: String,
    pub(crate) metadata: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) role: Role,
    /// Which fact began it.
    pub(crate) began: usize,
    /// Which fact let it in; `None`: it waits.
    pub(crate) came_in: Option<usize>,
    /// Which fact ended it.
    pub(crate) ended: Option<(usize, LeaveReason)>,
    pub(crate) resume_by: Option<u64>,
    pub(crate) holder: ReplicaId,
    pub(crate) generation: u32,
    pub(crate) token: ResumeHash,
    pub(crate) older_token: Option<ResumeHash>,
    pub(crate) expires: u64,
    pub(crate) settled: Seq,
    pub(crate) tracks: Vec<Track>,
}

impl Life {
    pub(crate) fn waits(&self) -> bool {
        self.came_in.is_none()
    }

    pub(crate) fn publishes(&self) -> bool {
        self.grants.publish && self.role != Role::Viewer
    }

    pub(crate) fn moderates(&self) -> bool {
        !self.waits() && self.role == Role::Moderator
    }

    pub(crate) fn ends_at(&self) -> u64 {
        let granted = self.expires + LEEWAY_MS;
        self.resume_by.map_or(granted, |deadline| deadline.min(granted))
    }

    fn was_in(&self, fact: usize) -> bool {
        self.came_in.is_some_and(|came_in| came_in < fact) && self.ended.is_none_or(|(ended, _)| ended >= fact)
    }
}

/// A chat message: its id, its author's sid and identity where it has one, the name, the text, when, as which frame, and as which
/// message of the room.
pub(crate) type Message = (String, Option<(Sid, Identity)>, String, String, u64, Seq, u64);

impl History<'_> {
    /// Everyone who ever joined, in that order.
    pub(crate) fn lives(&self) -> Vec<Life> {
        let mut lives: Vec<Life> = Vec::new();
        for (index, fact) in self.facts.iter().enumerate() {
            if let Command::Join(join) = &fact.command {
                let life = self.follow(index, join, &lives);
                lives.push(life);
            }
        }
        lives
    }

    /// Who is here, in the order of the roster: those who wait behind, by when they came to the lobby.
    pub(crate) fn present(&self) -> Vec<Life> {
        let mut present: Vec<_> = self.lives().into_iter().filter(|life| life.ended.is_none()).collect();
        present.sort_by_key(|life| (life.came_in.unwrap_or(usize::MAX), life.began));
        present
    }

    fn follow(&self, began: usize, join: &Join, earlier: &[Life]) -> Life {
        let role = first_role(join.grants);
        let known = earlier.iter().any(|other| other.identity == join.identity && other.was_in(began));
        let waits = self.lobby_before(began) && role != Role::Moderator && !known;
        let mut life = Life {
            sid: join.sid,
            identity: join.identity.clone(),
            grants: join.grants,
            name: join.name.clone(),
            metadata: join.metadata.clone(),
            attributes: Vec::new(),
            role,
            began,
            came_in: (!waits).then_some(began),
            ended: None,
            resume_by: None,
            holder: join.holder,
            generation: 0,
            token: join.resume,
            older_token: None,
            expires: join.expires_at.0,
            settled: 0,
            tracks: Vec::new(),
        };
        life.attributes = merged(&[], &join.attributes);
        for (index, fact) in self.facts.iter().enumerate().skip(began + 1) {
            if let Some(reason) = self.end_of(&life, fact) {
                life.ended = Some((index, reason));
                break;
            }
            self.live_through(&mut life, index, fact);
        }
        life
    }

    fn lobby_before(&self, index: usize) -> bool {
        let past = History { facts: &self.facts[..index], ..*self };
        past.last_word(|change| change.lobby).unwrap_or(self.config.lobby)
    }

    fn end_of(&self, life: &Life, fact: &Fact) -> Option<LeaveReason> {
        let itself = |sid: &Sid| *sid == life.sid;
        match &fact.command {
            Command::Leave if by(fact) == Some(life.sid) => Some(LeaveReason::ClientLeft),
            Command::Join(join) if join.identity == life.identity => match self.config.duplicate_identity {
                DuplicateIdentity::Allow => None,
                DuplicateIdentity::Replace | DuplicateIdentity::Reject => Some(LeaveReason::DuplicateIdentity),
            },
            Command::Kick { sid, .. } if self.identity_of(*sid) == Some(&life.identity) => Some(LeaveReason::Kicked),
            Command::Ban { identity, .. } if *identity == life.identity => Some(LeaveReason::Kicked),
            Command::Refuse { sid, .. } if itself(sid) => Some(LeaveReason::Refused),
            Command::EndRoom { .. } => Some(LeaveReason::RoomEnded),
            Command::Tick if fact.at >= life.expires + LEEWAY_MS => Some(LeaveReason::TokenExpired),
            Command::Tick if fact.at >= life.ends_at() => Some(LeaveReason::ResumeTimeout),
            _ => None,
        }
    }

    fn live_through(&self, life: &mut Life, index: usize, fact: &Fact) {
        if let Author::Session { sid, seq, .. } = fact.author
            && sid == life.sid
        {
            life.settled = life.settled.max(seq);
            live_by_itself(life, &fact.command);
        }
        if let Command::ReplicaLost { replica } = fact.command
            && life.holder == replica
            && life.resume_by.is_none()
        {
            life.resume_by = Some(fact.at + self.config.resume_window_ms);
        }
        if let Command::AdmitAll = fact.command {
            life.came_in = life.came_in.or(Some(index));
        }
        if let Some(change) = room_change(&fact.command)
            && change.lobby == Some(false)
        {
            life.came_in = life.came_in.or(Some(index));
        }
        if aim(&fact.command) == Some(life.sid) {
            self.suffer(life, index, fact);
        }
    }

    /// A command that names this session.
    fn suffer(&self, life: &mut Life, index: usize, fact: &Fact) {
        if let Command::Admit { .. } = fact.command {
            life.came_in = Some(index);
        }
        if let Command::UpdateParticipant { change, .. } = &fact.command {
            change_presence(life, change);
        }
        if let Command::SetRole { role, .. } | Command::UpdateParticipant { role: Some(role), .. } = fact.command {
            life.role = role;
            if role == Role::Viewer {
                life.tracks.clear();
            }
        }
        if let Command::MuteAll { kind, .. } = fact.command {
            for track in life.tracks.iter_mut().filter(|track| kind.is_none_or(|kind| kind == track.kind)) {
                track.muted = true;
            }
        }
        if let Command::Mute { track_id, .. } = &fact.command {
            for track in &mut life.tracks {
                let meant = track_id.as_ref().map_or(track.kind == TrackKind::Audio, |id| *id == track.track_id);
                track.muted |= meant;
            }
        }
        if let Command::Disconnect { .. } = fact.command {
            life.resume_by = Some(fact.at + self.config.resume_window_ms);
        }
        if let Command::ConfirmResume { .. } = fact.command {
            life.older_token = None;
        }
        if let Command::ExtendGrant { expires_at, .. } = fact.command {
            life.expires = expires_at.0;
        }
        if let Command::RenewGrants { grants, expires_at, .. } = fact.command {
            life.expires = expires_at.0;
            take_grants(life, index, grants);
        }
        if let Command::Resume { presented, next, expires_at, holder, .. } = &fact.command {
            life.holder = *holder;
            life.generation += 1;
            life.older_token = Some(*presented);
            life.token = *next;
            life.resume_by = None;
            life.expires = life.expires.max(expires_at.0);
        }
    }

    fn identity_of(&self, sid: Sid) -> Option<&Identity> {
        self.facts.iter().find_map(|fact| match &fact.command {
            Command::Join(join) if join.sid == sid => Some(&join.identity),
            _ => None,
        })
    }

    pub(crate) fn created(&self) -> Option<u64> {
        let creates = |fact: &&Fact| matches!(fact.command, Command::Create(_) | Command::Join(_));
        self.facts.iter().find(creates).map(|fact| fact.at)
    }

    /// Since when nobody is here.
    pub(crate) fn empty_since(&self) -> Option<u64> {
        let lives = self.lives();
        let last = lives.iter().map(|life| life.ended.map(|(fact, _)| fact)).collect::<Option<Vec<_>>>()?;
        last.into_iter().max().map(|fact| self.facts[fact].at).or(self.created())
    }

    fn empty_timeout(&self) -> u64 {
        self.last_word(|change| change.empty_timeout_ms).unwrap_or(self.config.empty_timeout_ms)
    }

    pub(crate) fn over(&self) -> bool {
        match self.facts.last() {
            Some(Fact { command: Command::EndRoom { .. }, .. }) => true,
            Some(Fact { command: Command::Tick, at, .. }) => {
                self.empty_since().is_some_and(|since| since + self.empty_timeout() <= *at)
            }
            Some(_) | None => false,
        }
    }

    pub(crate) fn deadline(&self) -> Option<u64> {
        if self.over() {
            return None;
        }
        let sessions = self.present().iter().map(Life::ends_at).min();
        sessions.or_else(|| Some(self.empty_since()? + self.empty_timeout()))
    }

    pub(crate) fn bans(&self) -> Vec<(Identity, u64)> {
        let mut bans = self.bans_before.to_vec();
        for fact in self.facts {
            if let Command::Kick { sid, allow_rejoin: false, .. } = fact.command {
                bans.extend(self.identity_of(sid).map(|identity| (identity.clone(), fact.at + self.config.ban_ms)));
            }
            if let Command::Ban { identity, duration_ms, .. } = &fact.command {
                let until = fact.at + duration_ms.unwrap_or(self.config.ban_ms);
                if !bans.iter().any(|(banned, other)| banned == identity && *other >= until) {
                    bans.push((identity.clone(), until));
                }
            }
            if let Command::Unban { identity } = &fact.command {
                bans.retain(|(banned, _)| banned != identity);
            }
        }
        bans
    }

    /// The room's own properties: the last word on each.
    pub(crate) fn properties(&self) -> RoomChange {
        RoomChange {
            metadata: self.last_word(|change| change.metadata.clone()).or(Some(String::new())),
            locked: self.last_word(|change| change.locked).or(Some(false)),
            lobby: self.last_word(|change| change.lobby).or(Some(self.config.lobby)),
            max_participants: self.last_word(|change| change.max_participants).or(Some(0)),
            topology: self.last_word(|change| change.topology).or(Some(TopologyMode::Auto)),
            empty_timeout_ms: self.last_word(|change| change.empty_timeout_ms),
        }
    }

    fn last_word<T>(&self, said: impl Fn(&RoomChange) -> Option<T>) -> Option<T> {
        self.facts.iter().rev().find_map(|fact| said(room_change(&fact.command)?))
    }

    pub(crate) fn active_topology(&self) -> TopologyMode {
        let asked = self.properties().topology.unwrap_or_default();
        let has = |mode: TopologyMode| self.config.topologies.contains(&mode);
        if asked != TopologyMode::Auto && has(asked) {
            return asked;
        }
        let crowd = self.present().iter().filter(|life| !life.waits()).count() > self.config.mesh_limit;
        let preferred = [TopologyMode::Pool, TopologyMode::RelayMesh];
        preferred.into_iter().find(|mode| crowd && has(*mode)).unwrap_or(TopologyMode::Mesh)
    }

    pub(crate) fn chat(&self) -> Vec<Message> {
        let mut messages: Vec<Message> = Vec::new();
        let mut written = 0;
        for (index, fact) in self.facts.iter().enumerate() {
            match (&fact.command, fact.author) {
                (Command::Chat { id, text }, Author::Session { sid, seq, .. }) => {
                    let (identity, name) = self.who_was(sid, index);
                    written += 1;
                    let who = Some((sid, identity));
                    messages.push((id.clone(), who, name, text.clone(), fact.at, seq, written));
                }
                (Command::Announce { id, name, text }, _) => {
                    written += 1;
                    messages.push((id.clone(), None, name.clone(), text.clone(), fact.at, 0, written));
                }
                (Command::DeleteChat { id }, _) => messages.retain(|message| message.0 != *id),
                (Command::ClearChat, _) => messages.clear(),
                _ => {}
            }
            let excess = messages.len().saturating_sub(self.config.chat_history as usize);
            messages.drain(..excess);
        }
        messages
    }

    /// The identity and the display name that a session had when it did something.
    fn who_was(&self, sid: Sid, index: usize) -> (Identity, String) {
        let past = History { facts: &self.facts[..index], ..*self };
        let joined = past.facts.iter().enumerate().rev().find_map(|(began, fact)| match &fact.command {
            Command::Join(join) if join.sid == sid => Some((began, join)),
            _ => None,
        });
        let (began, join) = joined.expect("who wrote had joined");
        let life = past.follow(began, join, &[]);
        (life.identity, life.name)
    }
}

pub(crate) fn first_role(grants: Grants) -> Role {
    match (grants.moderate || grants.admin, grants.publish) {
        (true, _) => Role::Moderator,
        (false, true) => Role::Speaker,
        (false, false) => Role::Viewer,
    }
}

/// Pairs after a change, sorted; empty values are gone.
pub(crate) fn merged(
    before: &[(String, String)],
    change: &std::collections::BTreeMap<String, String>,
) -> Vec<(String, String)> {
    let kept = before.iter().filter(|(key, _)| !change.contains_key(key)).cloned();
    let mut after: Vec<_> = kept.chain(change.iter().map(|(key, value)| (key.clone(), value.clone()))).collect();
    after.retain(|(_, value)| !value.is_empty());
    after.sort();
    after
}

pub(crate) fn room_change(command: &Command) -> Option<&RoomChange> {
    if let Command::UpdateRoom(change) | Command::Create(change) = command { Some(change) } else { None }
}

fn by(fact: &Fact) -> Option<Sid> {
    if let Author::Session { sid, .. } = fact.author { Some(sid) } else { None }
}

/// Whom a command is about, when it names somebody.
pub(crate) fn aim(command: &Command) -> Option<Sid> {
    match command {
        Command::Resume { sid, .. }
        | Command::ConfirmResume { sid, .. }
        | Command::Disconnect { sid, .. }
        | Command::ExtendGrant { sid, .. }
        | Command::RenewGrants { sid, .. }
        | Command::Kick { sid, .. }
        | Command::Mute { sid, .. }
        | Command::Admit { sid }
        | Command::Refuse { sid, .. }
        | Command::MuteAll { sid, .. }
        | Command::UpdateParticipant { sid, .. }
        | Command::SetRole { sid, .. } => Some(*sid),
        _ => None,
    }
}

/// What another token's grants make of a session.
fn take_grants(life: &mut Life, index: usize, grants: Grants) {
    let (gave, gives) = (first_role(life.grants), first_role(grants));
    let by_others = life.role > gave;
    life.role = match gives.cmp(&gave) {
        Ordering::Equal => life.role,
        Ordering::Greater if life.role > gives => life.role,
        Ordering::Greater => gives,
        Ordering::Less if by_others || life.role < gives => life.role,
        Ordering::Less => gives,
    };
    life.grants = grants;
    if life.role == Role::Speaker && !grants.publish {
        life.role = Role::Viewer;
    }
    if !life.publishes() {
        life.tracks.clear();
    }
    if life.role == Role::Moderator {
        life.came_in = life.came_in.or(Some(index));
    }
}

/// What a session's own command does to it.
fn live_by_itself(life: &mut Life, command: &Command) {
    if let Command::Update(change) = command {
        change_presence(life, change);
    }
    if let Command::Publish(track) = command {
        match life.tracks.iter().position(|present| present.track_id == track.track_id) {
            Some(position) => life.tracks[position] = track.clone(),
            None => life.tracks.push(track.clone()),
        }
    }
    if let Command::Unpublish { track_id } = command {
        life.tracks.retain(|track| track.track_id != *track_id);
    }
}

fn change_presence(life: &mut Life, change: &PresenceChange) {
    if let Some(name) = &change.name {
        life.name.clone_from(name);
    }
    if let Some(metadata) = &change.metadata {
        life.metadata.clone_from(metadata);
    }
    life.attributes = merged(&life.attributes, &change.attributes);
    for (id, muted) in &change.tracks {
        for track in life.tracks.iter_mut().filter(|track| track.track_id == *id) {
            track.muted = *muted;
        }
    }
}

/// A generation as the model counts it.
pub(crate) fn counted(generation: Generation) -> u32 {
    generation.0
}
