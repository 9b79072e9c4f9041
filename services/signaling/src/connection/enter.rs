//! The first frame of a connection: `join` or `resume`.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use antiphon_backplane::{MailOffset, MailReadError};
use antiphon_protocol::{
    CloseCode, ErrorCode, Fragment, RoomKey, RoomName, Sid, decode_client,
    v1::{self, client_frame, server_frame::Kind},
};
use antiphon_room_core::{Author, Command, Generation, Grants, Join, Millis, Participant, Room};
use antiphon_service_kit::auth::Claims;
use antiphon_session_core::{Cursor, Session};

use super::{
    ABNORMAL, Connection, Denied, NOT_TEXT, bounded,
    congestion::Congestion,
    malformed,
    socket::{Incoming, Socket},
};
use crate::{
    Shared,
    admission::Place,
    ice::IceServers,
    resume_token::ResumeToken,
    room::{Attached, Done, RETRY_AFTER, RoomError, RoomHandle, snapshot_for},
    routing::{Sender, refused},
};

/// Optional features of this server.
const CAPABILITIES: &[&str] = &[];

/// How long a join waits for ICE servers; later ones are pushed.
const ICE_PATIENCE: Duration = Duration::from_millis(500);

/// When ICE servers that were not to be had are asked for again.
pub(super) const ICE_RETRY: Duration = Duration::from_secs(5);

/// How long a command may take.
pub(super) const COMMAND_TIMEOUT: Duration = Duration::from_secs(5);

/// Lives of a room that a join may see end before it is told to come back.
const MAX_LIVES: u32 = 4;

/// What a client is told when it is not let in.
pub(super) struct Refused {
    error: v1::Error,
    close: CloseCode,
}

impl Refused {
    fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        let error = v1::Error { code: code.to_string(), message: message.into(), ..v1::Error::default() };
        Self { error, close: CloseCode::JoinRefused }
    }

    fn unavailable() -> Self {
        let mut refused = Self::new(ErrorCode::Unavailable, "the server cannot reach its rooms; try again");
        refused.error.retry_after_ms = Some(1_000);
        refused.close = CloseCode::TryAgainLater;
        refused
    }
}

impl From<Denied> for Refused {
    fn from(denied: Denied) -> Self {
        Self { close: denied.close, ..Self::new(denied.code, denied.message) }
    }
}

impl From<RoomError> for Refused {
    fn from(error: RoomError) -> Self {
        match error {
            RoomError::Refused(refusal) => Self { error: refused(&refusal), close: CloseCode::JoinRefused },
            RoomError::Unavailable | RoomError::Uncertain => Self::unavailable(),
            RoomError::Ended => Self::new(ErrorCode::RoomEnded, "the room ended"),
        }
    }
}

/// Lets a connection in, or tells it why not; `Err` is the code that it was closed with.
pub(super) async fn enter(
    shared: Arc<Shared>,
    mut socket: Socket,
    place: Place,
    verified: Result<Claims, Denied>,
) -> Result<Box<Connection>, u16> {
    let entered = match verified {
        Ok(claims) => first_frame(&shared, &mut socket, claims).await,
        Err(denied) => Err(Some(denied.into())),
    };
    match entered {
        Ok((entrance, answer)) => entrance.complete(shared, socket, place, answer).await,
        Err(Some(Refused { error, close })) => {
            shared.metrics.error(&error.code);
            tracing::info!(code = error.code, "not let in");
            let fragment = Fragment::encode(socket.format(), Kind::Error(error));
            if socket.feed(Socket::message(&fragment, "", 0)).await.is_ok() && socket.flush().await.is_ok() {
                socket.close(close, "refused").await;
            }
            Err(close as u16)
        }
        Err(None) => Err(ABNORMAL),
    }
}

/// A session that has been let in, before its client knows.
struct Entrance {
    claims: Box<Claims>,
    room: Arc<RoomHandle>,
    me: Arc<Participant>,
    at: Attached,
    mail: u64,
    settled: u32,
    /// The log that the client knew is lost, and the count of its frames with it.
    lost_count: bool,
    unconfirmed: Option<Cursor>,
    refresh_ice_servers: Option<Duration>,
}

type Entered = Result<(Entrance, Kind), Option<Refused>>;

async fn first_frame(shared: &Arc<Shared>, socket: &mut Socket, claims: Claims) -> Entered {
    let incoming = match tokio::time::timeout(shared.config.join_timeout.0, socket.receive_frame()).await {
        Ok(incoming) => incoming.map_err(|_| None)?,
        Err(_) => {
            let mut refused =
                Refused::new(ErrorCode::TimedOut, "the first frame must be join or resume, and come in time");
            refused.close = CloseCode::TimedOut;
            return Err(Some(refused));
        }
    };
    let frame = match incoming {
        Incoming::Frame(payload) => decode_client(socket.format(), payload.bytes())
            .map_err(|reason| Refused { error: malformed(reason.to_string()), close: CloseCode::PolicyViolation }),
        Incoming::WrongFormat(expected) => Err(Refused {
            error: malformed(format!("this connection was opened for {expected} frames")),
            close: CloseCode::PolicyViolation,
        }),
        Incoming::TooBig => {
            Err(Refused { close: CloseCode::TooBig, ..Refused::new(ErrorCode::TooLarge, "the frame is too large") })
        }
        Incoming::NotText => Err(Refused { error: malformed(NOT_TEXT.to_owned()), close: CloseCode::InvalidPayload }),
        Incoming::SignOfLife => Err(Refused::new(ErrorCode::NotJoined, "the first frame must be join or resume")),
    }
    .map_err(Some)?;
    match frame.kind {
        Some(client_frame::Kind::Join(join)) => {
            let outcome = enter_new(shared, claims, join).await;
            count(&shared.metrics.joins, &outcome, "ok");
            outcome.map_err(Some)
        }
        Some(client_frame::Kind::Resume(resume)) => {
            let outcome = enter_again(shared, claims, &resume).await;
            let recovered = matches!(&outcome, Ok((_, Kind::Resumed(v1::Resumed { recovered: Some(true), .. }))));
            count(&shared.metrics.resumes, &outcome, if recovered { "recovered" } else { "snapshot" });
            outcome.map_err(Some)
        }
        Some(_) | None => Err(Some(Refused::new(ErrorCode::NotJoined, "the first frame must be join or resume"))),
    }
}

fn count(counters: &prometheus::IntCounterVec, outcome: &Result<(Entrance, Kind), Refused>, ok: &str) {
    let label = match outcome {
        Ok(_) => ok,
        Err(refused) => &refused.error.code,
    };
    counters.with_label_values(&[label]).inc();
}

fn room_of(claims: &Claims, asked: Option<RoomName>) -> Result<RoomKey, Refused> {
    let room = match (&claims.grants.room, asked) {
        (Some(granted), Some(asked)) if *granted != asked && !claims.grants.admin => {
            return Err(Refused::new(ErrorCode::PermissionDenied, "the token is for another room"));
        }
        (_, Some(asked)) => asked,
        (Some(granted), None) => granted.clone(),
        (None, None) => {
            return Err(Refused::new(ErrorCode::InvalidArgument, "name the room: neither the token nor the join does"));
        }
    };
    Ok(RoomKey { tenant: claims.tenant.clone(), room })
}

async fn enter_new(shared: &Arc<Shared>, claims: Claims, join: v1::Join) -> Result<(Entrance, Kind), Refused> {
    let asked = match join.room.as_str() {
        "" => None,
        name => Some(name.parse().map_err(|reason| {
            let mut refused = Refused::new(ErrorCode::InvalidArgument, format!("{reason}"));
            "room".clone_into(&mut refused.error.field);
            refused
        })?),
    };
    let key = room_of(&claims, asked)?;
    let ice_servers = ice_servers(shared, &claims).await;
    let token = ResumeToken::new(Sid::from_random(rand::random()), key.room.clone(), rand::random());
    let attributes = if join.attributes.is_empty() { claims.attributes.clone() } else { join.attributes };
    let new = Join {
        sid: token.sid,
        identity: claims.identity.clone(),
        name: join.name.or_else(|| claims.name.clone()).unwrap_or_default(),
        metadata: join.metadata.or_else(|| claims.metadata.clone()).unwrap_or_default(),
        attributes,
        grants: grants(&claims),
        expires_at: expiry(&claims),
        resume: token.hash(),
        holder: shared.rooms.replica(),
    };
    let Admitted { room, done, fold, me } = submit(shared, &key, token.sid, Command::Join(Box::new(new))).await?;
    let Ok(at) = room.feed.attach(done.epoch, done.offset) else {
        disconnect(shared, &room, &me).await;
        return Err(Refused::unavailable());
    };
    let entrance = Entrance {
        claims: Box::new(claims),
        room,
        at,
        mail: 0,
        settled: 0,
        lost_count: false,
        unconfirmed: None,
        refresh_ice_servers: refresh_after(ice_servers.as_ref()),
        me,
    };
    let joined = v1::Joined {
        sid: token.sid.to_string(),
        resume_token: token.expose(),
        waiting: entrance.me.waiting,
        snapshot: Some(snapshot_for(&fold, token.sid, &key.room)),
        ice_servers: ice_servers.map(Into::into),
        limits: Some(shared.limits()),
        capabilities: CAPABILITIES.iter().map(|&capability| capability.to_owned()).collect(),
    };
    Ok((entrance, Kind::Joined(joined)))
}

async fn enter_again(shared: &Arc<Shared>, claims: Claims, resume: &v1::Resume) -> Result<(Entrance, Kind), Refused> {
    let no_session =
        || Refused::new(ErrorCode::ResumeFailed, "the session is over or the token is not its own: join again");
    let presented: ResumeToken = resume.resume_token.parse().map_err(|_| no_session())?;
    let key = room_of(&claims, Some(presented.room.clone()))?;
    let ice_servers = ice_servers(shared, &claims).await;
    let next = ResumeToken::new(presented.sid, key.room.clone(), rand::random());
    let command = Command::Resume {
        sid: presented.sid,
        identity: claims.identity.clone(),
        presented: presented.hash(),
        next: next.hash(),
        expires_at: expiry(&claims),
        holder: shared.rooms.replica(),
    };
    // What comes to the mailbox from now on is given also to a client that needs a snapshot: it may be about what comes
    // behind the snapshot.
    let mail_before = match shared.backplane().mailbox.end(&key, presented.sid).await {
        Ok(end) => end,
        Err(MailReadError::Closed | MailReadError::Trimmed) => MailOffset::default(),
        Err(MailReadError::Unavailable(_)) => return Err(Refused::unavailable()),
    };
    let Admitted { room, done, fold, me } = submit(shared, &key, presented.sid, command).await?;
    let Continued { settled, lost_count, recovered, at, mail } =
        match continue_session(shared, &room, &me, &done, &resume.cursor, mail_before).await {
            Ok(continued) => continued,
            Err(refused) => {
                disconnect(shared, &room, &me).await;
                return Err(refused);
            }
        };
    let resumed = v1::Resumed {
        recovered: Some(recovered),
        resume_token: next.expose(),
        last_seq: settled,
        snapshot: (!recovered).then(|| snapshot_for(&fold, me.sid, &key.room)),
        ice_servers: ice_servers.clone().map(Into::into),
        sid: me.sid.to_string(),
        waiting: me.waiting,
    };
    let refresh_ice_servers = refresh_after(ice_servers.as_ref());
    let claims = Box::new(claims);
    // A cursor that is recovered from was known before. The one beside a snapshot is news.
    let known = if recovered { at.offset } else { at.offset.saturating_sub(1) };
    let unconfirmed = Some(Cursor { epoch: at.epoch, log: known, mail });
    let entrance = Entrance { claims, room, me, at, mail, settled, lost_count, unconfirmed, refresh_ice_servers };
    Ok((entrance, Kind::Resumed(resumed)))
}

/// Where a resumed session goes on.
struct Continued {
    settled: u32,
    lost_count: bool,
    /// From the client's cursor, not from a snapshot.
    recovered: bool,
    at: Attached,
    mail: u64,
}

async fn continue_session(
    shared: &Shared,
    room: &RoomHandle,
    me: &Participant,
    done: &Done,
    cursor: &str,
    mail_before: MailOffset,
) -> Result<Continued, Refused> {
    let settled_mail =
        shared.backplane().mailbox.settled(&room.key, me.sid).await.map_err(|_| Refused::unavailable())?;
    let settled = me.last_seq.max(settled_mail);
    let cursor: Option<Cursor> = cursor.parse().ok();
    let lost_count = cursor.is_some_and(|cursor| cursor.epoch != done.epoch);
    let continued = match cursor {
        Some(cursor) => continue_at(shared, room, me.sid, done.epoch, cursor).await?,
        None => None,
    };
    let recovered = continued.is_some();
    let (at, mail) = match continued {
        Some(place) => place,
        None => (room.feed.attach(done.epoch, done.offset).map_err(|_| Refused::unavailable())?, mail_before.0),
    };
    Ok(Continued { settled, lost_count, recovered, at, mail })
}

/// The places behind the cursor, if everything since is still there.
async fn continue_at(
    shared: &Shared,
    room: &RoomHandle,
    sid: Sid,
    epoch: u64,
    cursor: Cursor,
) -> Result<Option<(Attached, u64)>, Refused> {
    if cursor.epoch != epoch {
        return Ok(None);
    }
    let Ok(at) = room.feed.attach_again(sid, epoch, cursor.log) else { return Ok(None) };
    let read = shared.backplane().mailbox.read(&room.key, sid, MailOffset(cursor.mail), 1).await;
    match read {
        Ok(_) => Ok(Some((at, cursor.mail))),
        Err(MailReadError::Trimmed | MailReadError::Closed) => Ok(None),
        Err(MailReadError::Unavailable(_)) => Err(Refused::unavailable()),
    }
}

/// What a join or resume led to.
struct Admitted {
    room: Arc<RoomHandle>,
    done: Done,
    /// The room there.
    fold: Arc<Room>,
    me: Arc<Participant>,
}

/// Submits a join or resume to the room's present life; a room that ends meanwhile is opened again. One that takes too long may still
/// be carried out: its session is then told that it has no connection.
async fn submit(shared: &Arc<Shared>, key: &RoomKey, sid: Sid, command: Command) -> Result<Admitted, Refused> {
    for _ in 0..MAX_LIVES {
        let room = shared.rooms.open(key);
        let entered = bounded(COMMAND_TIMEOUT, shared.rooms.enter(&room)).await;
        entered.and_then(|entered| entered).map_err(|_| Refused::unavailable())?;
        let (submitted_to, command) = (Arc::clone(&room), command.clone());
        let mut submitting = Box::pin(async move { submitted_to.submit(Author::Server, command).await });
        let Ok(submitted) = bounded(COMMAND_TIMEOUT, submitting.as_mut()).await else {
            let shared = Arc::clone(shared);
            tokio::spawn(async move {
                if let Ok(mut done) = submitting.await
                    && let Some(me) = done.room.take().and_then(|fold| fold.participant(sid).cloned())
                {
                    disconnect(&shared, &room, &me).await;
                }
            });
            return Err(Refused::unavailable());
        };
        match submitted {
            Ok(mut done) => {
                let fold = done.room.take().ok_or_else(Refused::unavailable)?;
                let me = fold.participant(sid).cloned().ok_or_else(Refused::unavailable)?;
                return Ok(Admitted { room, done, fold, me });
            }
            Err(RoomError::Ended) => {}
            Err(RoomError::Unavailable) => return Err(Refused::unavailable()),
            Err(RoomError::Uncertain) => {
                // It may have happened although its answer was lost: no session is without a connection unnoticed.
                shared.rooms.tell(&room, Command::Disconnect { sid, generation: Generation::default() }).await;
                return Err(Refused::unavailable());
            }
            Err(refused @ RoomError::Refused(_)) => return Err(refused.into()),
        }
    }
    Err(Refused::unavailable())
}

/// The session took place, and its connection did not.
async fn disconnect(shared: &Arc<Shared>, room: &RoomHandle, me: &Participant) {
    shared.rooms.tell(room, Command::Disconnect { sid: me.sid, generation: me.generation }).await;
}

pub(super) fn grants(claims: &Claims) -> Grants {
    let grants = &claims.grants;
    Grants {
        publish: grants.publish,
        subscribe: grants.subscribe,
        chat: grants.chat,
        moderate: grants.moderate,
        admin: grants.admin,
    }
}

pub(super) fn expiry(claims: &Claims) -> Millis {
    Millis(claims.expires_at_s.saturating_mul(1_000))
}

async fn ice_servers(shared: &Shared, claims: &Claims) -> Option<IceServers> {
    let asked = tokio::time::timeout(ICE_PATIENCE, shared.ice.ice_servers(&claims.tenant, &claims.identity)).await;
    match asked {
        Ok(Ok(servers)) => return Some(servers),
        Ok(Err(error)) => tracing::warn!(%error, "joining without ICE servers"),
        Err(_) => tracing::warn!("joining without ICE servers: the source is slow"),
    }
    shared.metrics.ice_source_failures.inc();
    None
}

fn refresh_after(servers: Option<&IceServers>) -> Option<Duration> {
    servers.map_or(Some(ICE_RETRY), |servers| servers.refresh_after)
}

impl Entrance {
    /// Tells the client that it is in. A client that is gone by now has a session to resume.
    async fn complete(
        self,
        shared: Arc<Shared>,
        mut socket: Socket,
        place: Place,
        answer: Kind,
    ) -> Result<Box<Connection>, u16> {
        let now = Instant::now();
        let watch = shared.backplane().mailbox.watch(&self.room.key, self.me.sid).await;
        let mut session = Session::new(self.settled, now);
        if self.lost_count {
            session.forgive_gap();
        }
        session.refresh_token_at(Some(shared.token_refresh_at(&self.claims, now)));
        session.refresh_ice_servers_at(self.refresh_ice_servers.map(|after| now + after));
        tracing::info!(
            sid = %self.me.sid, room = %self.room.key.room, tenant = %self.room.key.tenant, resumed = self.unconfirmed.is_some(),
            "connection began"
        );
        let Ok(mail_bell) = watch else {
            disconnect(&shared, &self.room, &self.me).await;
            return Err(ABNORMAL);
        };
        socket.count_with(Arc::clone(&self.room.meter));
        let mut connection = Box::new(Connection {
            socket,
            place,
            claims: self.claims,
            room: self.room,
            session,
            sender: Sender::from(&*self.me),
            generation: self.me.generation,
            at: self.at,
            mail_bell,
            feed_bell: Arc::default(),
            mail: self.mail,
            mail_waiting: true,
            mail_not_before: None,
            acked: Cursor::default(),
            untold: VecDeque::new(),
            congestion: Congestion::new(RETRY_AFTER),
            unconfirmed: self.unconfirmed,
            paused_until: None,
            throttle_told: None,
            came_late: shared.rooms.is_departing(),
            asked_ice_servers: None,
            asked_token: None,
            shared,
        });
        let fragment = Fragment::encode(connection.socket.format(), answer);
        if connection.show(&fragment).await.is_err() {
            disconnect(&connection.shared, &connection.room, &self.me).await;
            return Err(ABNORMAL);
        }
        Ok(connection)
    }
}
