//! Random commands, honest and hostile, that name nobody: who is meant is settled when they are carried out, so that a list
//! of them still means something when some are taken out.

use antiphon_protocol::Identity;
use antiphon_room_core::{
    DuplicateIdentity, Grants, PresenceChange, Role, RoomChange, RoomConfig, TopologyMode, Track, TrackKind,
    TrackSource,
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};

/// One thing that one replica does.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) replica: usize,
    pub(crate) wait: Wait,
    pub(crate) does: Does,
    /// Unique in the run: ids and secrets that the step makes are made of it.
    pub(crate) number: u16,
}

/// How time passes before a step.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wait {
    Milliseconds(u64),
    /// Until so long after (or before) the room's next deadline.
    Deadline(i64),
}

#[derive(Debug, Clone)]
pub(crate) enum Does {
    Ask {
        ask: Ask,
        delivery: Delivery,
    },
    /// Folds what the others appended.
    CatchUp,
    /// Stores its fold beside the log.
    Snapshot,
    /// Begins again from the snapshot and the log's tail.
    Restart,
}

/// What becomes of an append.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Delivery {
    Answered,
    /// It happened, and the replica does not learn of it; it tries again later.
    AnswerLost,
    /// It did not happen, and the replica does not know; it tries again later.
    RequestLost,
}

/// A choice among the sids that ever came up.
pub(crate) type Pick = u8;

#[derive(Debug, Clone)]
pub(crate) enum Ask {
    Join {
        person: usize,
        grants: usize,
        lifetime: u64,
        presence: Presence,
    },
    /// The same join once more.
    JoinAgain {
        who: Pick,
    },
    Resume {
        who: Pick,
        token: Token,
        stranger: bool,
        lifetime: u64,
    },
    ConfirmResume {
        who: Pick,
        connection: Connection,
    },
    Disconnect {
        who: Pick,
        connection: Connection,
    },
    ReplicaLost {
        replica: usize,
    },
    ExtendGrant {
        who: Pick,
        lifetime: u64,
    },
    RenewGrants {
        who: Pick,
        grants: usize,
        lifetime: u64,
    },
    Tick,
    Frame {
        who: Pick,
        connection: Connection,
        seq: Numbering,
        draft: Draft,
    },
    Server {
        draft: Draft,
    },
    /// The application's, which it may send again.
    Request {
        draft: Draft,
    },
    /// One of the newest once more.
    RequestAgain {
        which: Pick,
    },
}

/// Name, metadata and attributes.
#[derive(Debug, Clone)]
pub(crate) struct Presence {
    pub(crate) name: String,
    pub(crate) metadata: String,
    pub(crate) attributes: Vec<(String, String)>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Token {
    Current,
    Unconfirmed,
    First,
    Wrong,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Connection {
    Current,
    First,
    Future,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Numbering {
    Next,
    Repeated,
    None,
}

/// A command whose sids are picks.
#[derive(Debug, Clone)]
pub(crate) enum Draft {
    Leave,
    Update(PresenceChange),
    Publish(Track),
    Unpublish {
        track_id: String,
    },
    Chat {
        id: Option<Pick>,
        text: String,
    },
    Data {
        topic: String,
    },
    DeleteChat {
        id: Pick,
    },
    Kick {
        whom: Pick,
        reason: String,
        allow_rejoin: bool,
    },
    Mute {
        whom: Pick,
        track_id: Option<String>,
    },
    Admit {
        whom: Pick,
    },
    Refuse {
        whom: Pick,
        reason: String,
    },
    SetRole {
        whom: Pick,
        role: Role,
    },
    UpdateRoom(RoomChange),
    EndRoom {
        reason: String,
    },
    Create(RoomChange),
    UpdateParticipant {
        whom: Pick,
        change: PresenceChange,
        role: Option<Role>,
    },
    Announce {
        id: Option<Pick>,
        name: String,
        text: String,
    },
    SendData {
        topic: String,
        to: Option<Pick>,
    },
    Ban {
        person: usize,
        duration_ms: Option<u64>,
        reason: String,
    },
    Unban {
        person: usize,
    },
    ClearChat,
    MuteAll {
        whom: Pick,
        kind: Option<TrackKind>,
    },
    AdmitAll,
    /// Commands of the server, in a client's mouth.
    Join,
    Tick,
}

pub(crate) const PEOPLE: [&str; 4] = ["ada", "bob", "cyd", "dan"];
const TRACKS: [&str; 3] = ["a", "b", "v"];

pub(crate) fn identity(person: usize) -> Identity {
    PEOPLE[person].parse().expect("a valid identity")
}

pub(crate) fn grants(kind: usize) -> Grants {
    let viewer = Grants { publish: false, subscribe: true, chat: true, moderate: false, admin: false };
    match kind {
        0 => Grants { chat: false, ..viewer },
        1 => viewer,
        2 | 3 => Grants { publish: true, ..viewer },
        4 | 5 => Grants { publish: true, moderate: true, ..viewer },
        6 => Grants { moderate: true, ..viewer },
        _ => Grants { publish: true, admin: true, ..viewer },
    }
}

/// The deployment of one run: everything small, so that every limit is met.
pub(crate) fn config(random: &mut StdRng) -> RoomConfig {
    use TopologyMode::{Mesh, Pool, RelayMesh};
    let policies = [DuplicateIdentity::Replace, DuplicateIdentity::Reject, DuplicateIdentity::Allow];
    let topologies = [vec![Mesh], vec![Mesh, RelayMesh], vec![Mesh, RelayMesh, Pool], vec![Pool]];
    RoomConfig {
        duplicate_identity: one_of(random, &policies),
        max_participants: one_of(random, &[0, 0, 2, 4]),
        empty_timeout_ms: one_of(random, &[0, 3_000]),
        resume_window_ms: one_of(random, &[0, 4_000, 30_000]),
        ban_ms: 20_000,
        chat_history: one_of(random, &[0, 1, 3]),
        max_chat_bytes: 6,
        max_metadata_bytes: 5,
        max_name_bytes: 8,
        max_tracks: 2,
        topologies: one_of(random, &topologies),
        mesh_limit: one_of(random, &[0, 1, 2]),
        lobby: random.random_bool(0.3),
    }
}

/// A deployment, and steps with so many commands among them.
pub(crate) fn steps(seed: u64, commands: usize) -> (RoomConfig, Vec<Step>) {
    let mut random = StdRng::seed_from_u64(seed);
    let config = config(&mut random);
    let mut steps = Vec::new();
    let mut asked = 0;
    for number in 0.. {
        let step = step(&mut random, number);
        asked += usize::from(matches!(step.does, Does::Ask { .. }));
        steps.push(step);
        if asked == commands {
            break;
        }
    }
    (config, steps)
}

fn step(random: &mut StdRng, number: u16) -> Step {
    let wait = match random.random_range(0..20) {
        0 => Wait::Deadline(one_of(random, &[-1, 0, 1])),
        1..=3 => Wait::Milliseconds(random.random_range(0..6_000)),
        _ => Wait::Milliseconds(random.random_range(0..20)),
    };
    let does = match random.random_range(0..24) {
        0 | 1 => Does::CatchUp,
        2 => Does::Snapshot,
        3 => Does::Restart,
        _ => Does::Ask { ask: ask(random), delivery: one_of(random, &DELIVERIES) },
    };
    Step { replica: random.random_range(0..3), wait, does, number }
}

const DELIVERIES: [Delivery; 8] = {
    use Delivery::{AnswerLost, Answered, RequestLost};
    [Answered, Answered, Answered, Answered, Answered, AnswerLost, AnswerLost, RequestLost]
};

fn ask(random: &mut StdRng) -> Ask {
    let who = random.random();
    let lifetime = random.random_range(0..40_000);
    match random.random_range(0..46) {
        0..=8 => Ask::Join {
            person: random.random_range(0..PEOPLE.len()),
            grants: random.random_range(0..8),
            lifetime,
            presence: presence(random),
        },
        9 => Ask::JoinAgain { who },
        10..=12 => Ask::Resume {
            who,
            token: one_of(random, &[Token::Current, Token::Current, Token::Unconfirmed, Token::First, Token::Wrong]),
            stranger: random.random_bool(0.1),
            lifetime,
        },
        13 => Ask::ConfirmResume { who, connection: connection(random) },
        14..=15 => Ask::Disconnect { who, connection: connection(random) },
        16 => Ask::ExtendGrant { who, lifetime },
        17..=18 => Ask::Tick,
        19..=22 => {
            let draft = if random.random() { draft(random) } else { application_draft(random) };
            if random.random() { Ask::Request { draft } } else { Ask::Server { draft } }
        }
        43 | 44 => Ask::RenewGrants { who, grants: random.random_range(0..8), lifetime },
        45 => Ask::ReplicaLost { replica: random.random_range(0..3) },
        42 => Ask::RequestAgain { which: who },
        _ => Ask::Frame {
            who,
            connection: connection(random),
            seq: one_of(
                random,
                &[Numbering::Next, Numbering::Next, Numbering::Next, Numbering::Repeated, Numbering::None],
            ),
            draft: draft(random),
        },
    }
}

fn connection(random: &mut StdRng) -> Connection {
    use Connection::{Current, First, Future};
    one_of(random, &[Current, Current, Current, Current, Current, Current, First, Future])
}

fn draft(random: &mut StdRng) -> Draft {
    let whom = random.random();
    let track_id = || String::from("a");
    match random.random_range(0..33) {
        0 => Draft::Leave,
        1..=4 => Draft::Update(presence_change(random)),
        5..=8 => Draft::Publish(track(random)),
        9 => Draft::Unpublish { track_id: one_of(random, &TRACKS).to_owned() },
        10..=13 => Draft::Chat { id: random.random_bool(0.1).then_some(whom), text: text(random, 8) },
        14 => Draft::Data { topic: text(random, 10) },
        15 | 16 => Draft::DeleteChat { id: whom },
        17 | 18 => Draft::Kick { whom, reason: text(random, 9), allow_rejoin: random.random_bool(0.4) },
        19 | 20 => Draft::Mute { whom, track_id: random.random_bool(0.5).then(track_id) },
        21 | 22 => Draft::Admit { whom },
        23 => Draft::Refuse { whom, reason: text(random, 9) },
        24 | 25 => Draft::SetRole { whom, role: one_of(random, &[Role::Viewer, Role::Speaker, Role::Moderator]) },
        26..=28 => Draft::UpdateRoom(room_change(random)),
        29 if random.random_bool(0.3) => Draft::EndRoom { reason: text(random, 9) },
        30 => Draft::Join,
        31 => application_draft(random),
        _ => Draft::Tick,
    }
}

/// What the application asks for; in a client's mouth most of it is refused.
fn application_draft(random: &mut StdRng) -> Draft {
    let whom = random.random();
    let person = random.random_range(0..PEOPLE.len());
    match random.random_range(0..13) {
        0 | 1 => {
            let change = room_change(random);
            let empty_timeout_ms = one_of(random, &[None, None, Some(1), Some(1_000), Some(9_000)]);
            Draft::Create(RoomChange { empty_timeout_ms, ..change })
        }
        2 | 3 => {
            let role = one_of(random, &[None, Some(Role::Viewer), Some(Role::Speaker), Some(Role::Moderator)]);
            Draft::UpdateParticipant { whom, change: presence_change(random), role }
        }
        4 => Draft::Announce {
            id: random.random_bool(0.1).then_some(whom),
            name: text(random, 9),
            text: text(random, 8),
        },
        5 => Draft::SendData { topic: text(random, 10), to: random.random_bool(0.5).then_some(whom) },
        6 | 11 => {
            let duration_ms = one_of(random, &[None, Some(999), Some(1_000), Some(30_000)]);
            Draft::Ban { person, duration_ms, reason: text(random, 9) }
        }
        7 | 8 => Draft::Unban { person },
        9 => Draft::ClearChat,
        10 => Draft::MuteAll { whom, kind: one_of(random, &[None, Some(TrackKind::Audio), Some(TrackKind::Video)]) },
        _ => Draft::AdmitAll,
    }
}

fn presence(random: &mut StdRng) -> Presence {
    let mut text = |longest| if random.random_bool(0.7) { String::new() } else { text(random, longest) };
    Presence { name: text(9), metadata: text(6), attributes: vec![(String::from("k"), text(5))] }
}

fn presence_change(random: &mut StdRng) -> PresenceChange {
    let attributes = (0..random.random_range(0..3)).map(|_| (one_of(random, &["k", "l"]).to_owned(), text(random, 4)));
    let attributes = attributes.collect();
    let tracks =
        (0..random.random_range(0..3)).map(|_| (one_of(random, &TRACKS).to_owned(), random.random())).collect();
    PresenceChange {
        name: random.random_bool(0.3).then(|| text(random, 9)),
        metadata: random.random_bool(0.3).then(|| text(random, 6)),
        attributes,
        tracks: if random.random_bool(0.5) { tracks } else { Vec::new() },
    }
}

fn room_change(random: &mut StdRng) -> RoomChange {
    use TopologyMode::{Auto, Mesh, Pool, RelayMesh};
    RoomChange {
        metadata: random.random_bool(0.2).then(|| text(random, 6)),
        locked: random.random_bool(0.3).then(|| random.random()),
        lobby: random.random_bool(0.3).then(|| random.random()),
        max_participants: random.random_bool(0.2).then(|| one_of(random, &[0, 1, 2, 3])),
        topology: random.random_bool(0.3).then(|| one_of(random, &[Auto, Mesh, RelayMesh, Pool])),
        empty_timeout_ms: random.random_bool(0.1).then(|| one_of(random, &[999, 1_000, 9_000])),
    }
}

fn track(random: &mut StdRng) -> Track {
    use TrackSource::{Camera, Microphone, ScreenShare, ScreenShareAudio};
    let source = one_of(random, &[Microphone, Microphone, Camera, ScreenShare, ScreenShareAudio]);
    let kind = match source {
        Microphone | ScreenShareAudio => TrackKind::Audio,
        Camera | ScreenShare => TrackKind::Video,
    };
    let other = if kind == TrackKind::Audio { TrackKind::Video } else { TrackKind::Audio };
    Track {
        track_id: if random.random_bool(0.05) { String::new() } else { one_of(random, &TRACKS).to_owned() },
        kind: if random.random_bool(0.05) { other } else { kind },
        source,
        name: String::new(),
        muted: random.random(),
        layers: Vec::new(),
        mid: None,
    }
}

/// Up to so many bytes, often none.
fn text(random: &mut StdRng, longest: usize) -> String {
    "x".repeat(random.random_range(0..=longest))
}

fn one_of<T: Clone>(random: &mut StdRng, choices: &[T]) -> T {
    choices.choose(random).expect("something to choose from").clone()
}
