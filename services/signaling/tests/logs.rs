//! What reaches the log: who came and went, and nothing that is secret.

#[path = "support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "shared with the other tests")]
mod support;

use std::{
    io::{self, Write},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use antiphon_protocol::v1::{self, client_frame};
use antiphon_signaling::StaticIceServers;
use serde_json::json;
use support::{ACME, Socket, TestServer, claims, now_s, only, request, signed, tcp};
use tokio_tungstenite::tungstenite::Message;
use tracing_subscriber::fmt::MakeWriter;

/// Everything that was logged.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()).expect("UTF-8")
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_token_secret_description_address_or_word_said_reaches_the_log() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::INFO).with_writer(log.clone()).finish();
    tracing::subscriber::set_global_default(subscriber).expect("the only test here");
    let credential = v1::IceServer {
        urls: vec!["turn:turn.example".to_owned()],
        username: Some("relay-user".to_owned()),
        credential: Some("relay-password".to_owned()),
    };
    let server = TestServer::start_with(|setup| {
        setup.ice = Arc::new(StaticIceServers(vec![credential]));
        setup.signaling.drain_window.0 = Duration::ZERO;
    });
    let mut secrets: Vec<String> = ["relay-user", "relay-password", ACME.secret].map(str::to_owned).to_vec();

    // A token that is refreshed at once, and one in the query.
    let mut soon = claims(ACME, "ada", "rehearsal", &json!({}));
    soon["exp"] = json!(now_s() + 2);
    soon["iat"] = json!(now_s() - 100);
    let short = signed(ACME, &soon);
    let mut ada = server.person("ada").with_token(short.clone()).join().await;
    let fresh = ada.expect(only!(AccessToken)).await.token;
    let in_query = server.person("bob").token();
    let request = request(server.address, &format!("?access_token={in_query}"));
    let socket = Socket::upgrade(tcp(server.address).await, request, antiphon_protocol::Format::Json).await;
    let mut bob = server.person("bob").join_on(socket.expect("upgraded")).await.expect("let in");
    secrets.extend([short, fresh, in_query, ada.resume_token.clone(), bob.resume_token.clone()]);

    // Talk, right and wrong.
    let said =
        ["word-in-chat", "word-in-whisper", "word-in-sdp", "word-in-candidate", "word-in-garbage", "word-in-payload"];
    ada.chat("word-in-chat").await;
    ada.whisper(&bob.sid, "word-in-whisper").await;
    ada.offer(&bob.sid, "v=0 word-in-sdp").await;
    ada.candidate(&bob.sid, "candidate:1 1 udp 1 192.0.2.77 9 typ host word-in-candidate").await;
    let seq = ada.offer("aaaaaaaaaaaaaaaa", "v=0 word-in-sdp").await;
    ada.expect_error(seq).await;
    ada.socket().send_message(Message::Text("{\"word-in-garbage".into())).await;
    ada.expect_error(0).await;
    let data = v1::Data { payload: b"word-in-payload".to_vec().into(), ..v1::Data::default() };
    ada.send(client_frame::Kind::Data(data)).await;
    bob.expect(only!(Data)).await;

    // Tokens that are refused, resumes that fail and succeed.
    let forged = signed(support::Key { secret: "another-secret-another-secret-another", ..ACME }, &soon);
    secrets.push(forged.clone());
    let mut refused = server.person("eve").with_token(forged).connect().await;
    refused.refusal().await;
    let session = bob.cut().await;
    let mut stolen = session.clone();
    stolen.person = server.person("eve");
    secrets.push(stolen.person.token());
    stolen.rejected().await;
    let (bob, resumed) = session.resume().await;
    secrets.push(resumed.resume_token);
    let left = server.signaling.drain(Duration::from_secs(8));
    drop((ada, bob));
    left.await;

    let text = log.text();
    for event in ["connection began", "connection ended", "not let in", &stolen.sid, "rehearsal"] {
        assert!(text.contains(event), "{event:?} is logged: {text}");
    }
    for secret in said.iter().copied().chain(secrets.iter().map(String::as_str)) {
        assert!(!text.contains(secret), "{secret:?} is in the log: {text}");
        // Nor a part that would do: the signature of a token, the random bits of a resume token.
        for part in secret.split('.').filter(|part| part.len() >= 32) {
            assert!(!text.contains(part), "{part:?} is in the log: {text}");
        }
    }
    for address in ["127.0.0.1", "192.0.2.77"] {
        assert!(!text.contains(address), "{address} is in the log: {text}");
    }
}
