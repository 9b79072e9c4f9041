//! The client of docs/protocol.md that has no SDK: forty lines, run by Node.

#[path = "support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "shared with the other tests")]
mod support;

use std::{path::Path, process::Stdio};

use antiphon_protocol::v1::{self, client_frame, left};
use support::{TestServer, only, within};
use tokio::process::Command;

/// Node with its WebSocket, or the `ws` package beside the example.
async fn node_is_here(example: &Path) -> bool {
    let check = "globalThis.WebSocket ?? (await import('ws'))";
    let directory = example.parent().expect("a directory");
    let status = Command::new("node")
        .args(["--input-type=module", "--eval", check])
        .current_dir(directory)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .await;
    status.is_ok_and(|status| status.success())
}

#[tokio::test]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
async fn a_client_without_the_sdk_joins_negotiates_chats_and_leaves() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/plain-client.mjs");
    assert!(example.is_file(), "{} is documented in docs/protocol.md", example.display());
    if !node_is_here(&example).await {
        assert!(std::env::var_os("CI").is_none(), "CI has Node, and the ws package where Node has no WebSocket");
        eprintln!("\n*** SKIPPED: the plain client needs node, and `npm ci` where it is older than 22 ***\n");
        return;
    }
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let plain = Command::new("node")
        .arg(&example)
        .arg(format!("ws://{}", server.address))
        .arg(server.person("plain").token())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("node starts");

    let sid = ada.expect(only!(ParticipantJoined)).await.participant.expect("a participant").sid;
    let offer = ada.expect(only!(Offer)).await;
    assert_eq!(offer.from, sid);
    assert!(offer.sdp.starts_with("v=0\r\n"));
    ada.expect_chat("hello from a plain client").await;
    let answer = v1::Answer {
        to: sid.clone(),
        negotiation_id: offer.negotiation_id,
        sdp: "v=0\r\n".to_owned(),
        ..v1::Answer::default()
    };
    ada.send(client_frame::Kind::Answer(answer)).await;
    ada.candidate(&sid, "candidate:1").await;
    let offer = v1::Offer {
        to: sid.clone(),
        negotiation_id: "n2".to_owned(),
        sdp: "v=0\r\n".to_owned(),
        ..v1::Offer::default()
    };
    ada.send(client_frame::Kind::Offer(offer)).await;
    assert_eq!(ada.expect(only!(Answer)).await.negotiation_id, "n2");
    ada.chat("bye").await;
    let gone = ada.expect(only!(ParticipantLeft)).await;
    assert_eq!((gone.sid, left::Reason::try_from(gone.reason)), (sid, Ok(left::Reason::ClientLeft)));

    let output = within("the end of the process", plain.wait_with_output()).await.expect("an output");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for line in
        ["joined as ", "answer from ", "candidate from ", "offer from ", "ada: bye", "left: CLIENT_LEFT", "closed 1000"]
    {
        assert!(said.contains(line), "{line:?} in {said}");
    }
    assert!(!said.contains("error "), "{said}");
}
