//! Offers, answers and candidates from one to one.

use antiphon_protocol::v1::{self, client_frame};
use serde_json::json;

use crate::support::{TestServer, only};

#[tokio::test]
async fn a_negotiation_reaches_the_other_with_its_sender_and_its_number() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let mut bob = server.person("bob").join().await;

    let offer = v1::Offer {
        to: ada.sid.clone(),
        negotiation_id: "n1".to_owned(),
        sdp: "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n".to_owned(),
        ..v1::Offer::default()
    };
    let seq = bob.send(client_frame::Kind::Offer(offer.clone())).await;
    let expected = v1::Offer { to: String::new(), from: bob.sid.clone(), seq, ..offer };
    assert_eq!(ada.expect(only!(Offer)).await, expected);

    let answer = v1::Answer {
        to: bob.sid.clone(),
        from: ada.sid.clone(),
        negotiation_id: "n1".to_owned(),
        sdp: "v=0\r\n".to_owned(),
        seq: 0,
    };
    let seq = ada.send(client_frame::Kind::Answer(answer.clone())).await;
    let expected = v1::Answer { to: String::new(), seq, ..answer };
    assert_eq!(bob.expect(only!(Answer)).await, expected, "one's own sid may stand in from");

    // The end of candidates, and an index whose zero means something.
    for (candidate, index) in [(Some(String::new()), Some(0)), (None, None), (Some("candidate:1".to_owned()), Some(3))]
    {
        let candidate = v1::Candidate {
            to: bob.sid.clone(),
            negotiation_id: "n1".to_owned(),
            candidate,
            sdp_mid: Some("0".to_owned()),
            sdp_m_line_index: index,
            username_fragment: Some("u".to_owned()),
            ..v1::Candidate::default()
        };
        let seq = ada.send(client_frame::Kind::Candidate(candidate.clone())).await;
        let expected = v1::Candidate { to: String::new(), from: ada.sid.clone(), seq, ..candidate };
        assert_eq!(bob.expect(only!(Candidate)).await, expected);
    }
}

#[tokio::test]
async fn a_frame_to_nobody_here_is_refused() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let mut elsewhere = server.person("bob").in_room("other").join().await;
    let mut gone = server.person("carol").join().await;
    gone.send(client_frame::Kind::Leave(v1::Leave {})).await;
    gone.closed().await;
    for to in [elsewhere.sid.clone(), gone.sid.clone(), "aaaaaaaaaaaaaaaa".to_owned()] {
        let seq = ada.offer(&to, "v=0").await;
        let error = ada.expect_error(seq).await;
        assert_eq!((error.code.as_str(), error.field.as_str()), ("not_found", "to"));
        let seq = ada.candidate(&to, "candidate:1").await;
        assert_eq!(ada.expect_error(seq).await.code, "not_found");
    }
    for to in ["", "bob", "AAAAAAAAAAAAAAAA"] {
        let seq = ada.offer(to, "v=0").await;
        let error = ada.expect_error(seq).await;
        assert_eq!((error.code.as_str(), error.field.as_str()), ("invalid_argument", "to"));
    }
    assert_eq!(elsewhere.flush().await, []);
}

#[tokio::test]
async fn nobody_speaks_for_somebody_else() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let mut bob = server.person("bob").join().await;
    let eve = server.person("eve").join().await;
    let (to, from) = (bob.sid.clone(), eve.sid.clone());
    let forged = [
        client_frame::Kind::Offer(v1::Offer { to: to.clone(), from: from.clone(), ..v1::Offer::default() }),
        client_frame::Kind::Answer(v1::Answer { to: to.clone(), from: from.clone(), ..v1::Answer::default() }),
        client_frame::Kind::Candidate(v1::Candidate { to, from: from.clone(), ..v1::Candidate::default() }),
        client_frame::Kind::Data(v1::Data { from: from.clone(), ..v1::Data::default() }),
    ];
    for kind in forged {
        let seq = ada.send(kind).await;
        let error = ada.expect_error(seq).await;
        assert_eq!((error.code.as_str(), error.field.as_str()), ("forged_sender", "from"));
    }
    ada.send_numbered(0, client_frame::Kind::Data(v1::Data { from, lossy: true, ..v1::Data::default() })).await;
    assert_eq!(ada.expect_error(0).await.code, "forged_sender");
    let joined = bob.expect(only!(ParticipantJoined)).await;
    assert_eq!(joined.participant.expect("a participant").sid, eve.sid);
    assert_eq!(bob.flush().await, []);
}

#[tokio::test]
async fn whose_token_grants_no_media_negotiates_none() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let chatter = json!({ "publish": false, "subscribe": false });
    let mut chatter = server.person("chatter").granted(chatter).join().await;
    let mut viewer = server.person("viewer").granted(json!({ "publish": false })).join().await;
    let seq = chatter.offer(&ada.sid, "v=0").await;
    assert_eq!(chatter.expect_error(seq).await.code, "permission_denied");
    viewer.offer(&ada.sid, "recvonly").await;
    assert_eq!(ada.expect(only!(Offer)).await.sdp, "recvonly");
}
