//! JSON and protobuf in one room.

use antiphon_protocol::{
    Format,
    v1::{self, client_frame, server_frame::Kind},
};
use tokio_tungstenite::tungstenite::http::{HeaderValue, header};

use crate::support::{Client, Socket, TestServer, only, request, tcp};

async fn exchange(one: &mut Client, other: &mut Client) {
    one.chat("chat").await;
    let echo = one.expect_chat("chat").await;
    assert_eq!(other.expect_chat("chat").await, echo);
    one.whisper(&other.sid, "whisper").await;
    let echo = one.expect_chat("whisper").await;
    assert_eq!(other.expect_chat("whisper").await, echo);
    let offer = v1::Offer { to: other.sid.clone(), sdp: "v=0 \"\\ \u{1f3bb}".to_owned(), ..v1::Offer::default() };
    one.send(client_frame::Kind::Offer(offer)).await;
    assert_eq!(other.expect(only!(Offer)).await.sdp, "v=0 \"\\ \u{1f3bb}");
    let candidate = v1::Candidate {
        to: other.sid.clone(),
        candidate: Some(String::new()),
        sdp_m_line_index: Some(0),
        ..v1::Candidate::default()
    };
    one.send(client_frame::Kind::Candidate(candidate)).await;
    let candidate = other.expect(only!(Candidate)).await;
    assert_eq!(
        (candidate.candidate.as_deref(), candidate.sdp_m_line_index, candidate.sdp_mid),
        (Some(""), Some(0), None)
    );
    let payload: Vec<u8> = (0..=255).collect();
    for lossy in [false, true] {
        let data = v1::Data { payload: payload.clone().into(), lossy, ..v1::Data::default() };
        if lossy {
            one.send_numbered(0, client_frame::Kind::Data(data)).await;
        } else {
            one.send(client_frame::Kind::Data(data)).await;
        }
        assert_eq!(other.expect(only!(Data)).await.payload, payload);
    }
    let update = v1::Update { metadata: Some("{\"a\":1}".to_owned()), ..v1::Update::default() };
    one.send(client_frame::Kind::Update(update)).await;
    let updated = one.expect(only!(ParticipantUpdated)).await;
    assert_eq!(other.expect(only!(ParticipantUpdated)).await, updated);
}

#[tokio::test]
async fn clients_of_both_formats_understand_each_other() {
    let server = TestServer::start();
    let mut json = server.person("json").speaking(Format::Json).join().await;
    let mut proto = server.person("proto").speaking(Format::Proto).join().await;
    assert_eq!(
        proto.joined.snapshot.clone().expect("a snapshot").participants[0],
        json.joined.snapshot.clone().expect("a snapshot").participants[0]
    );
    json.expect(only!(ParticipantJoined)).await;
    exchange(&mut json, &mut proto).await;
    exchange(&mut proto, &mut json).await;
}

#[tokio::test]
async fn a_session_may_resume_in_the_other_format() {
    let server = TestServer::start();
    let mut bob = server.person("bob").join().await;
    let ada = server.person("ada").join().await.cut().await;
    bob.chat("missed").await;
    bob.candidate(&ada.sid, "missed").await;
    bob.expect_ack(2).await;
    let mut ada = ada;
    ada.person = ada.person.speaking(Format::Proto);
    let (mut ada, resumed) = ada.resume().await;
    assert_eq!(resumed.recovered, Some(true));
    ada.flush().await;
    assert_eq!(ada.chats(), ["missed"]);
    assert!(ada.kinds().any(|kind| matches!(kind, Kind::Candidate(_))));
}

#[tokio::test]
async fn the_first_subprotocol_that_the_server_knows_is_taken() {
    let server = TestServer::start();
    for (offered, format) in [
        ("antiphon.v1.proto, antiphon.v1.json", Format::Proto),
        ("other, antiphon.v1.json, antiphon.v1.proto", Format::Json),
    ] {
        let mut request = request(server.address, &format!("?access_token={}", server.person("ada").token()));
        request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(offered));
        let socket = Socket::upgrade(tcp(server.address).await, request, format).await.expect("upgraded");
        server.person("ada").speaking(format).join_on(socket).await.expect("let in");
    }
}
