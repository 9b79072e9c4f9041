//! How a client comes back, against a server that says just what the test lets it say.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use antiphon_loadtest::{
    client::{Client, Return},
    content::Content,
    scenario::{Setup, storm::run_storm},
    target::{Member, Target, Wire},
    token::Tokens,
};
use antiphon_protocol::{
    Format, Fragment, decode_client,
    v1::{ClientFrame, Error, Joined, Participant, Resumed, RoomSnapshot, client_frame, server_frame},
};
use axum::{
    Router,
    extract::{
        WebSocketUpgrade,
        ws::{Message, WebSocket},
    },
    routing::get,
};
use tokio::{net::TcpListener, sync::mpsc};

const SID: &str = "aaaaaaaaaaaaaaaa";

fn joined() -> server_frame::Kind {
    let reader = Participant { sid: SID.to_owned(), ..Participant::default() };
    server_frame::Kind::Joined(Joined {
        sid: SID.to_owned(),
        resume_token: "first".to_owned(),
        snapshot: Some(RoomSnapshot { participants: vec![reader], ..RoomSnapshot::default() }),
        ..Joined::default()
    })
}

fn resumed(recovered: bool) -> server_frame::Kind {
    server_frame::Kind::Resumed(Resumed {
        sid: SID.to_owned(),
        recovered: Some(recovered),
        resume_token: "second".to_owned(),
        ..Resumed::default()
    })
}

fn refused(code: &str) -> server_frame::Kind {
    server_frame::Kind::Error(Error { code: code.to_owned(), ..Error::default() })
}

/// Answers the first frame of each connection; `on_resume` makes the answer to `resume`. What the clients said comes out
/// of the receiver.
async fn start_server(
    on_resume: impl Fn() -> server_frame::Kind + Clone + Send + Sync + 'static,
) -> (Arc<Target>, mpsc::Receiver<ClientFrame>) {
    let (said, hears) = mpsc::channel(16);
    let answer = move |mut socket: WebSocket| async move {
        let Some(Ok(Message::Text(text))) = socket.recv().await else { return };
        let frame = decode_client(Format::Json, text.as_bytes()).expect("a client frame");
        let kind = if matches!(frame.kind, Some(client_frame::Kind::Resume(_))) { on_resume() } else { joined() };
        said.send(frame).await.expect("the test listens");
        let bytes = Fragment::encode(Format::Json, kind).assemble("c1", 0);
        let text = String::from_utf8(bytes.to_vec()).expect("JSON");
        socket.send(Message::Text(text.into())).await.expect("the client listens");
        // Keeps the connection until the client cuts it.
        drop(socket.recv().await);
    };
    let connect =
        |upgrade: WebSocketUpgrade| async move { upgrade.protocols([Format::Json.subprotocol()]).on_upgrade(answer) };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("ws://{}/v1/connect", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/v1/connect", get(connect))).await });
    let target = Target {
        url: url.parse().expect("a URL"),
        wire: Wire::Antiphon(Format::Json),
        tokens: Tokens::None,
        content: Content::new(None),
        patience: Duration::from_secs(20),
    };
    (Arc::new(target), hears)
}

async fn come_back_to(on_resume: server_frame::Kind) -> (Result<Return, &'static str>, Vec<ClientFrame>) {
    let (target, mut hears) = start_server(move || on_resume.clone()).await;
    let member = Member { room: "room".to_owned(), identity: "ada".to_owned(), moderator: false };
    let client = Client::join(target, member).await.expect("joined");
    let outcome = client.cut().come_back().await;
    let how = outcome.map(|(_, how)| how).map_err(|(_, fault)| fault.label());
    let mut said = Vec::new();
    while let Ok(frame) = hears.try_recv() {
        said.push(frame);
    }
    (how, said)
}

#[tokio::test]
async fn a_resume_presents_the_token_and_the_newest_cursor() {
    let (how, said) = come_back_to(resumed(true)).await;
    assert_eq!(how, Ok(Return::Recovered));
    let Some(client_frame::Kind::Resume(resume)) = &said[1].kind else { panic!("{said:?}") };
    assert_eq!((resume.resume_token.as_str(), resume.cursor.as_str()), ("first", "c1"));
}

#[tokio::test]
async fn a_resume_from_a_snapshot_is_told_apart() {
    assert_eq!(come_back_to(resumed(false)).await.0, Ok(Return::FromSnapshot));
}

#[tokio::test]
async fn a_session_that_is_gone_is_joined_afresh() {
    let (how, said) = come_back_to(refused("resume_failed")).await;
    assert_eq!(how, Ok(Return::Rejoined));
    assert!(matches!(said[2].kind, Some(client_frame::Kind::Join(_))), "{said:?}");
}

#[tokio::test]
async fn any_other_refusal_of_a_resume_is_a_fault() {
    assert_eq!(come_back_to(refused("unavailable")).await.0, Err("refused"));
}

#[tokio::test]
async fn a_storm_fails_at_the_first_wrong_answer_though_the_next_would_be_right() {
    let asked = Arc::new(AtomicU32::new(0));
    let counted = asked.clone();
    let (target, _hears) = start_server(move || {
        let foreign = Resumed { sid: "b".repeat(16), recovered: Some(true), ..Resumed::default() };
        match counted.fetch_add(1, Ordering::Relaxed) {
            0 => server_frame::Kind::Resumed(foreign),
            _ => resumed(true),
        }
    })
    .await;
    let (settle, duration) = (Duration::ZERO, Duration::ZERO);
    let setup = Setup { target, process: None, clients: 2, room_size: 2, connecting: 1, settle, duration };
    let report = run_storm(&setup).await.expect("a report");
    assert_eq!(report.faults.keys().collect::<Vec<_>>(), [&"unexpected"], "{report}");
    assert!(!report.is_clean());
}

#[tokio::test]
async fn rooms_are_filled_some_at_a_time_or_not_at_all() {
    let (target, _hears) = start_server(|| resumed(true)).await;
    let (settle, duration) = (Duration::ZERO, Duration::ZERO);
    let setup = Setup { target, process: None, clients: 2, room_size: 2, connecting: 0, settle, duration };
    let error = run_storm(&setup).await.expect_err("nobody could connect");
    assert_eq!(error.to_string(), "--connecting: expected at least 1");
}
