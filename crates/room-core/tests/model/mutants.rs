//! Rules with one mistake each. A mutant rewrites what room-core is asked or what it says; room-core itself has no switches.

use antiphon_protocol::{ErrorCode, Sid};
use antiphon_room_core::{
    Author, Command, DuplicateIdentity, Event, EventBody, LeaveReason, Millis, Refusal, ResumeHash, Role, Room,
    RoomChange, RoomConfig,
};

use crate::rules::{Case, Rules};

type Answer = Result<Vec<Event>, Refusal>;

/// A mistake in deciding.
struct Decides(fn(Case<'_>) -> Answer);

impl Rules for Decides {
    fn decide(&self, case: Case<'_>) -> Answer {
        self.0(case)
    }
}

/// A mistake in folding; `None` folds as room-core does. It is given the replica.
struct Folds(fn(usize, &Room, &Event) -> Option<Vec<Event>>);

impl Rules for Folds {
    fn apply(&self, replica: usize, room: &mut Room, event: &Event) {
        match self.0(replica, room, event) {
            Some(instead) => instead.iter().for_each(|event| room.apply(event)),
            None => room.apply(event),
        }
    }
}

/// A mistake in reading snapshots.
struct Restores(fn(&str) -> String);

impl Rules for Restores {
    fn restore(&self, snapshot: &[u8]) -> Room {
        let text = self.0(str::from_utf8(snapshot).expect("JSON"));
        Room::from_snapshot(text.as_bytes()).expect("still a snapshot")
    }
}

/// Each with the rule that it breaks.
pub(crate) fn all() -> Vec<(&'static str, Box<dyn Rules>)> {
    let decides = |decide| Box::new(Decides(decide)) as Box<dyn Rules>;
    let folds = |fold| Box::new(Folds(fold)) as Box<dyn Rules>;
    vec![
        ("a locked room keeps people out", decides(ignores_the_lock)),
        ("a banned identity stays out", decides(|case| Case { bans: &[], ..case }.decide())),
        ("a ban ends", decides(bans_never_end)),
        ("a kick bans", decides(|case| without(case, |event| matches!(event, EventBody::Banned { .. })))),
        ("a kick ends every session of the identity", decides(kicks_one_session)),
        ("an admin cannot be kicked", decides(kicks_admins)),
        ("the application may kick an admin", decides(protects_admins_from_the_application)),
        ("the application's ban ends every session", decides(bans_and_lets_stay)),
        ("a ban that was lifted is over", decides(never_lifts)),
        ("a room is created once", decides(creates_twice)),
        ("a room keeps to its own empty timeout", folds(forgets_the_empty_timeout)),
        ("data goes to those who are in", decides(sends_data_to_the_lobby)),
        ("cleared chat is gone", decides(clears_no_chat)),
        ("a full room keeps people out", decides(ignores_the_limit)),
        ("the room's own limit counts", decides(ignores_its_own_limit)),
        ("newcomers wait in the lobby", decides(leaves_the_lobby_open)),
        ("who waits may only leave", decides(hears_the_lobby)),
        ("the lobby empties when it is switched off", decides(forgets_the_lobby)),
        ("a duplicate identity is replaced", decides(keeps_duplicates)),
        ("a duplicate identity is rejected", decides(never_rejects)),
        ("a seq is taken once", decides(takes_a_seq_twice)),
        ("an older connection is refused", decides(hears_older_connections)),
        ("the presented resume token is checked", decides(resumes_with_any_token)),
        ("the token before is valid until confirmed", decides(replaces_the_token_at_once)),
        ("a confirmed token puts the one before out of use", decides(never_confirms)),
        ("a resume comes before its deadline", decides(resumes_too_late)),
        ("a session ends at its deadline", decides(ticks_late)),
        ("a session does not end before its deadline", decides(ticks_early)),
        ("a replica takes its own connections alone with it", decides(loses_every_connection)),
        (
            "a replica's connections go with it",
            decides(|case| match case.command {
                Command::ReplicaLost { .. } => Ok(Vec::new()),
                _ => case.decide(),
            }),
        ),
        ("a resumed session is held by whoever resumed it", decides(keeps_the_first_holder)),
        ("an empty room ends", decides(|case| without(case, |event| matches!(event, EventBody::RoomEnded { .. })))),
        ("viewers publish nothing", decides(lets_viewers_publish)),
        ("nobody publishes beyond its token", decides(ignores_the_publish_grant)),
        ("nobody is made a speaker beyond its token", decides(makes_anyone_a_speaker)),
        ("a demotion withdraws the tracks", decides(keeps_tracks_of_viewers)),
        ("only moderators moderate", decides(lets_anyone_moderate)),
        ("only authors and moderators delete chat", decides(lets_anyone_delete_chat)),
        ("attributes are bounded after the merge", decides(bounds_attributes_before_the_merge)),
        (
            "the topology follows the size",
            decides(|case| without(case, |event| matches!(event, EventBody::TopologyChanged { .. }))),
        ),
        ("the fold settles the seq", folds(|_, _, event| Some(vec![Event { by: None, ..event.clone() }]))),
        ("a token that is handed over counts", decides(never_renews)),
        ("what a new token withholds is withdrawn", decides(keeps_tracks_under_a_new_token)),
        ("a new token may take a role away", decides(keeps_the_role_under_a_new_token)),
        ("a new token may end earlier", folds(never_shortens)),
        ("a request is carried out once", decides(carries_a_request_out_twice)),
        ("the fold remembers requests", folds(|_, _, event| Some(vec![Event { request: None, ..event.clone() }]))),
        ("the same announcement stands once", decides(writes_an_announcement_twice)),
        ("the chat history is bounded", folds(keeps_all_chat)),
        ("who is admitted comes in last", folds(admits_in_place)),
        ("every replica folds alike", folds(third_replica_overhears)),
        ("attributes are merged", folds(overwrites_attributes)),
        ("a snapshot keeps the lock", Box::new(Restores(|text| text.replace("\"locked\":true", "\"locked\":false")))),
    ]
}

/// The answer with some events left out.
fn without(case: Case<'_>, left_out: fn(&EventBody) -> bool) -> Answer {
    let mut events = case.decide()?;
    events.retain(|event| !left_out(&event.body));
    Ok(events)
}

/// The answer with its events rewritten.
fn rewritten(case: Case<'_>, rewrite: impl Fn(&mut EventBody)) -> Answer {
    let mut events = case.decide()?;
    events.iter_mut().for_each(|event| rewrite(&mut event.body));
    Ok(events)
}

/// The answer of a room that something had happened to.
fn after(case: Case<'_>, body: EventBody) -> Answer {
    let mut room = case.room.clone();
    room.apply(&Event { at: case.now, by: None, request: None, body });
    Case { room: &room, ..case }.decide()
}

/// What another case would be answered, as if the author had asked.
fn instead(case: Case<'_>, other: Case<'_>) -> Answer {
    let by = match case.author {
        Author::Session { sid, seq, .. } if seq != 0 => Some((sid, seq)),
        Author::Session { .. } | Author::Server | Author::Application { .. } => None,
    };
    Ok(other.decide()?.into_iter().map(|event| Event { by, ..event }).collect())
}

fn refused_as(answer: &Answer, code: ErrorCode) -> bool {
    answer.as_ref().is_err_and(|refusal| refusal.code == code)
}

fn ignores_the_lock(case: Case<'_>) -> Answer {
    if !matches!(case.command, Command::Join(_)) {
        return case.decide();
    }
    after(case, EventBody::RoomUpdated { change: RoomChange { locked: Some(false), ..RoomChange::default() } })
}

fn bans_never_end(case: Case<'_>) -> Answer {
    let mut bans = case.bans.to_vec();
    bans.iter_mut().for_each(|ban| ban.until = Millis(u64::MAX));
    Case { bans: &bans, ..case }.decide()
}

fn kicks_one_session(case: Case<'_>) -> Answer {
    let Command::Kick { sid: kicked, .. } = case.command else { return case.decide() };
    let mut events = case.decide()?;
    events.retain(|event| !matches!(event.body, EventBody::Left { sid, .. } if sid != *kicked));
    Ok(events)
}

fn kicks_admins(case: Case<'_>) -> Answer {
    let answer = case.decide();
    let Command::Kick { sid, reason, .. } = case.command else { return answer };
    match case.room.participant(*sid) {
        Some(admin) if refused_as(&answer, ErrorCode::PermissionDenied) && admin.grants.admin => Ok(vec![Event {
            at: case.now,
            by: None,
            request: None,
            body: EventBody::Left {
                sid: *sid,
                identity: admin.identity.clone(),
                reason: LeaveReason::Kicked,
                message: reason.clone(),
            },
        }]),
        Some(_) | None => answer,
    }
}

fn protects_admins_from_the_application(case: Case<'_>) -> Answer {
    let Command::Kick { sid, .. } = case.command else { return case.decide() };
    let is_admin = case.room.participant(*sid).is_some_and(|target| target.grants.admin);
    let answer = case.decide()?;
    Ok(if is_admin && !matches!(case.author, Author::Session { .. }) { Vec::new() } else { answer })
}

fn bans_and_lets_stay(case: Case<'_>) -> Answer {
    if !matches!(case.command, Command::Ban { .. }) {
        return case.decide();
    }
    without(case, |event| matches!(event, EventBody::Left { .. } | EventBody::TopologyChanged { .. }))
}

fn never_lifts(case: Case<'_>) -> Answer {
    without(case, |event| matches!(event, EventBody::Unbanned { .. }))
}

fn creates_twice(case: Case<'_>) -> Answer {
    let answer = case.decide();
    if matches!(case.command, Command::Create(_)) && refused_as(&answer, ErrorCode::RoomExists) {
        return Ok(Vec::new());
    }
    answer
}

fn sends_data_to_the_lobby(case: Case<'_>) -> Answer {
    let answer = case.decide();
    match case.command {
        Command::SendData { .. } if refused_as(&answer, ErrorCode::NotFound) => Ok(Vec::new()),
        _ => answer,
    }
}

fn clears_no_chat(case: Case<'_>) -> Answer {
    if *case.command == Command::ClearChat { Ok(Vec::new()) } else { case.decide() }
}

fn ignores_the_limit(case: Case<'_>) -> Answer {
    let config = &RoomConfig { max_participants: 0, ..case.config.clone() };
    ignores_its_own_limit(Case { config, ..case })
}

fn ignores_its_own_limit(case: Case<'_>) -> Answer {
    if !matches!(case.command, Command::Join(_)) {
        return case.decide();
    }
    after(case, EventBody::RoomUpdated { change: RoomChange { max_participants: Some(0), ..RoomChange::default() } })
}

fn leaves_the_lobby_open(case: Case<'_>) -> Answer {
    rewritten(case, |event| {
        if let EventBody::Joined { waiting, .. } = event {
            *waiting = false;
        }
    })
}

fn hears_the_lobby(case: Case<'_>) -> Answer {
    match case.author {
        Author::Session { sid, .. } if refused_as(&case.decide(), ErrorCode::Waiting) => {
            after(case, EventBody::Admitted { sid })
        }
        Author::Session { .. } | Author::Server | Author::Application { .. } => case.decide(),
    }
}

fn forgets_the_lobby(case: Case<'_>) -> Answer {
    if !matches!(case.command, Command::UpdateRoom(_)) {
        return case.decide();
    }
    without(case, |event| matches!(event, EventBody::Admitted { .. }))
}

fn keeps_duplicates(case: Case<'_>) -> Answer {
    without(case, |event| matches!(event, EventBody::Left { reason: LeaveReason::DuplicateIdentity, .. }))
}

fn never_rejects(case: Case<'_>) -> Answer {
    let duplicate_identity = match case.config.duplicate_identity {
        DuplicateIdentity::Reject | DuplicateIdentity::Replace => DuplicateIdentity::Replace,
        DuplicateIdentity::Allow => DuplicateIdentity::Allow,
    };
    let config = &RoomConfig { duplicate_identity, ..case.config.clone() };
    Case { config, ..case }.decide()
}

fn takes_a_seq_twice(case: Case<'_>) -> Answer {
    match case.author {
        Author::Session { sid, generation, .. } => {
            instead(case, Case { author: Author::Session { sid, generation, seq: 0 }, ..case })
        }
        Author::Server | Author::Application { .. } => case.decide(),
    }
}

fn never_renews(case: Case<'_>) -> Answer {
    if let Command::RenewGrants { .. } = case.command { Ok(Vec::new()) } else { case.decide() }
}

fn keeps_tracks_under_a_new_token(case: Case<'_>) -> Answer {
    if !matches!(case.command, Command::RenewGrants { .. }) {
        return case.decide();
    }
    without(case, |event| matches!(event, EventBody::Unpublished { .. }))
}

fn keeps_the_role_under_a_new_token(case: Case<'_>) -> Answer {
    if !matches!(case.command, Command::RenewGrants { .. }) {
        return case.decide();
    }
    without(case, |event| matches!(event, EventBody::RoleChanged { role: Role::Viewer | Role::Speaker, .. }))
}

fn never_shortens(_: usize, room: &Room, event: &Event) -> Option<Vec<Event>> {
    let EventBody::GrantsRenewed { sid, grants, expires_at } = event.body else { return None };
    let expires_at = expires_at.max(room.participant(sid)?.expires_at);
    Some(vec![Event { body: EventBody::GrantsRenewed { sid, grants, expires_at }, ..event.clone() }])
}

fn carries_a_request_out_twice(case: Case<'_>) -> Answer {
    let Author::Application { request } = case.author else { return case.decide() };
    let events = Case { author: Author::Server, ..case }.decide()?;
    Ok(events.into_iter().map(|event| Event { request: Some(request), ..event }).collect())
}

fn writes_an_announcement_twice(case: Case<'_>) -> Answer {
    match case.command {
        Command::Announce { id, .. } => after(case, EventBody::ChatDeleted { id: id.clone(), by: None }),
        _ => case.decide(),
    }
}

fn hears_older_connections(case: Case<'_>) -> Answer {
    match case.author {
        Author::Session { sid, seq, generation } => {
            let generation = case.room.participant(sid).map_or(generation, |author| author.generation);
            Case { author: Author::Session { sid, generation, seq }, ..case }.decide()
        }
        Author::Server | Author::Application { .. } => case.decide(),
    }
}

fn resumes_with_any_token(case: Case<'_>) -> Answer {
    let Command::Resume { sid, identity, presented, next, expires_at, holder } = case.command else {
        return case.decide();
    };
    let Some(session) = case.room.participant(*sid) else { return case.decide() };
    let known = *presented == session.resume.0 || Some(*presented) == session.resume.1;
    let presented = if known { *presented } else { session.resume.0 };
    let (identity, next, expires_at, holder) = (identity.clone(), *next, *expires_at, *holder);
    Case { command: &Command::Resume { sid: *sid, identity, presented, next, expires_at, holder }, ..case }.decide()
}

fn loses_every_connection(case: Case<'_>) -> Answer {
    let Command::ReplicaLost { .. } = case.command else { return case.decide() };
    let mut events = Vec::new();
    for session in case.room.sessions(None) {
        events.extend(Case { command: &Command::ReplicaLost { replica: session.holder }, ..case }.decide()?);
    }
    let mut gone = std::collections::BTreeSet::new();
    events.retain(|event| matches!(event.body, EventBody::Disconnected { sid, .. } if gone.insert(sid)));
    Ok(events)
}

fn keeps_the_first_holder(case: Case<'_>) -> Answer {
    let room = case.room.clone();
    rewritten(case, |event| {
        if let EventBody::Resumed { sid, holder, .. } = event
            && let Some(session) = room.participant(*sid)
        {
            *holder = session.holder;
        }
    })
}

fn replaces_the_token_at_once(case: Case<'_>) -> Answer {
    rewritten(case, |event| {
        if let EventBody::Resumed { presented, .. } = event {
            *presented = ResumeHash([0; 32]);
        }
    })
}

fn never_confirms(case: Case<'_>) -> Answer {
    without(case, |event| matches!(event, EventBody::ResumeConfirmed { .. }))
}

fn resumes_too_late(case: Case<'_>) -> Answer {
    match case.command {
        Command::Resume { .. } => {
            let now = Millis(case.now.0.saturating_sub(case.config.resume_window_ms));
            let events = Case { now, ..case }.decide()?;
            Ok(events.into_iter().map(|event| Event { at: case.now, ..event }).collect())
        }
        _ => case.decide(),
    }
}

fn ticks_late(case: Case<'_>) -> Answer {
    ticks_at(case, Millis(case.now.0 - 1))
}

fn ticks_early(case: Case<'_>) -> Answer {
    ticks_at(case, case.now.plus(1))
}

fn ticks_at(case: Case<'_>, now: Millis) -> Answer {
    if *case.command == Command::Tick && case.author == Author::Server {
        Case { now, ..case }.decide()
    } else {
        case.decide()
    }
}

fn lets_viewers_publish(case: Case<'_>) -> Answer {
    match (case.author, case.command) {
        (Author::Session { sid, .. }, Command::Publish(_)) => {
            after(case, EventBody::RoleChanged { sid, role: Role::Moderator })
        }
        _ => case.decide(),
    }
}

/// What the answer would be if somebody's token granted it to publish: it leaves and comes in again with such a token.
fn granted_publish(case: Case<'_>, sid: Sid) -> Answer {
    let Some(found) = case.room.participant(sid) else { return case.decide() };
    let mut granted = case.room.clone();
    let text = String::from_utf8(granted.to_snapshot()).expect("JSON");
    let (before, after) = text.split_at(text.find(&format!("\"sid\":\"{sid}\"")).unwrap_or(text.len()));
    let after = after.replacen("\"publish\":false", "\"publish\":true", usize::from(!found.grants.publish));
    granted = Room::from_snapshot(format!("{before}{after}").as_bytes()).expect("still a snapshot");
    Case { room: &granted, ..case }.decide()
}

fn ignores_the_publish_grant(case: Case<'_>) -> Answer {
    match (case.author, case.command) {
        (Author::Session { sid, .. }, Command::Publish(_)) => granted_publish(case, sid),
        _ => case.decide(),
    }
}

fn makes_anyone_a_speaker(case: Case<'_>) -> Answer {
    match case.command {
        Command::SetRole { sid, role: Role::Speaker } => granted_publish(case, *sid),
        _ => case.decide(),
    }
}

fn keeps_tracks_of_viewers(case: Case<'_>) -> Answer {
    if !matches!(case.command, Command::SetRole { .. }) {
        return case.decide();
    }
    without(case, |event| matches!(event, EventBody::Unpublished { .. }))
}

fn lets_anyone_moderate(case: Case<'_>) -> Answer {
    match case.author {
        Author::Session { sid, .. } => after(case, EventBody::RoleChanged { sid, role: Role::Moderator }),
        Author::Server | Author::Application { .. } => case.decide(),
    }
}

fn lets_anyone_delete_chat(case: Case<'_>) -> Answer {
    if matches!(case.command, Command::DeleteChat { .. }) { lets_anyone_moderate(case) } else { case.decide() }
}

fn bounds_attributes_before_the_merge(case: Case<'_>) -> Answer {
    let bytes = |pairs: &antiphon_room_core::Attributes| -> usize {
        pairs.iter().map(|(key, value)| key.len() + value.len()).sum()
    };
    match case.command {
        Command::Update(change) if bytes(&change.attributes) <= case.config.max_metadata_bytes => {
            let metadata = change.metadata.as_ref().map_or(0, String::len);
            let wider = if metadata > case.config.max_metadata_bytes { 0 } else { 100 };
            let config =
                &RoomConfig { max_metadata_bytes: case.config.max_metadata_bytes + wider, ..case.config.clone() };
            Case { config, ..case }.decide()
        }
        _ => case.decide(),
    }
}

fn keeps_all_chat(_: usize, _: &Room, event: &Event) -> Option<Vec<Event>> {
    let EventBody::RoomCreated { lobby, .. } = event.body else { return None };
    Some(vec![Event { body: EventBody::RoomCreated { lobby, chat_history: u32::MAX }, ..event.clone() }])
}

/// Whoever is admitted comes in before those who were in already: as if these had left and come in again.
fn admits_in_place(_: usize, room: &Room, event: &Event) -> Option<Vec<Event>> {
    let EventBody::Admitted { .. } = event.body else { return None };
    let first = room.participants().next()?;
    let body = EventBody::Left {
        sid: first.sid,
        identity: first.identity.clone(),
        reason: LeaveReason::ClientLeft,
        message: String::new(),
    };
    let again = EventBody::Joined {
        sid: first.sid,
        identity: first.identity.clone(),
        name: first.name.clone(),
        metadata: first.metadata.clone(),
        attributes: first.attributes.clone(),
        grants: first.grants,
        role: first.role,
        expires_at: first.expires_at,
        resume: first.resume.0,
        waiting: false,
        holder: first.holder,
    };
    let event_of = |body| Event { body, ..event.clone() };
    Some(vec![event_of(body), event.clone(), event_of(again)])
}

fn forgets_the_empty_timeout(_: usize, _: &Room, event: &Event) -> Option<Vec<Event>> {
    let EventBody::RoomUpdated { change } = &event.body else { return None };
    let change = RoomChange { empty_timeout_ms: None, ..change.clone() };
    Some(vec![Event { body: EventBody::RoomUpdated { change }, ..event.clone() }])
}

fn third_replica_overhears(replica: usize, _: &Room, event: &Event) -> Option<Vec<Event>> {
    (replica == 2 && matches!(event.body, EventBody::Muted { .. })).then(Vec::new)
}

fn overwrites_attributes(_: usize, room: &Room, event: &Event) -> Option<Vec<Event>> {
    let EventBody::Updated { sid, change } = &event.body else { return None };
    let mut change = change.clone();
    for key in room.participant(*sid)?.attributes.keys() {
        change.attributes.entry(key.clone()).or_default();
    }
    Some(vec![Event { body: EventBody::Updated { sid: *sid, change }, ..event.clone() }])
}
