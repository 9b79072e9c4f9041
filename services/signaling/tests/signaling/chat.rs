//! Chat to everyone and to one.

use antiphon_protocol::v1::{self, client_frame};
use serde_json::json;

use crate::support::{Client, TestServer, only};

fn delete(id: &str) -> client_frame::Kind {
    client_frame::Kind::DeleteChat(v1::DeleteChat { id: id.to_owned() })
}

fn history(client: &Client) -> Vec<String> {
    let snapshot = client.joined.snapshot.clone().expect("a snapshot");
    snapshot.chat.into_iter().map(|chat| chat.text).collect()
}

#[tokio::test]
async fn a_message_reaches_everyone_and_its_author_with_who_when_and_number() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let mut bob = server.person("bob").join().await;
    let seq = ada.chat("héllo 🎻").await;
    let echo = ada.expect_chat("héllo 🎻").await;
    assert_eq!(bob.expect_chat("héllo 🎻").await, echo);
    assert_eq!((&echo.sid, echo.identity.as_str(), echo.seq, echo.to.as_str()), (&ada.sid, "ada", seq, ""));
    assert!(echo.sent_at_ms > 1.6e12);
    assert!(!echo.id.is_empty());
}

#[tokio::test]
async fn a_private_message_reaches_two_and_is_not_kept() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let mut bob = server.person("bob").join().await;
    let mut eve = server.person("eve").join().await;
    let seq = ada.whisper(&bob.sid, "psst").await;
    let heard = bob.expect_chat("psst").await;
    assert_eq!((&heard.sid, heard.identity.as_str(), &heard.to, heard.seq), (&ada.sid, "ada", &bob.sid, seq));
    assert_eq!(ada.expect_chat("psst").await, heard, "its author sees it too");
    ada.chat("marker").await;
    eve.expect_chat("marker").await;
    assert_eq!(eve.chats(), ["marker"]);
    assert_eq!(history(&server.person("late").join().await), ["marker"]);
}

#[tokio::test]
async fn the_history_holds_the_newest_messages() {
    let server = TestServer::start_with(|setup| setup.rooms.chat_history = 3);
    let mut ada = server.person("ada").join().await;
    for number in 0..5 {
        ada.chat(&number.to_string()).await;
    }
    ada.expect_chat("4").await;
    assert_eq!(history(&server.person("bob").join().await), ["2", "3", "4"]);
}

#[tokio::test]
async fn authors_and_moderators_delete_messages_and_others_do_not() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let mut bob = server.person("bob").join().await;
    let mut moderator = server.person("mo").moderator().join().await;
    ada.chat("one").await;
    ada.chat("two").await;
    let (one, two) = (bob.expect_chat("one").await.id, bob.expect_chat("two").await.id);

    let seq = bob.send(delete(&one)).await;
    assert_eq!(bob.expect_error(seq).await.code, "permission_denied");
    ada.send(delete(&one)).await;
    let gone = bob.expect(only!(ChatDeleted)).await;
    assert_eq!((gone.id, &gone.by), (one, &ada.sid));
    moderator.send(delete(&two)).await;
    let gone = bob.expect(only!(ChatDeleted)).await;
    assert_eq!((&gone.id, &gone.by), (&two, &moderator.sid));
    let seq = ada.send(delete(&two)).await;
    assert_eq!(ada.expect_error(seq).await.code, "not_found");
    assert!(history(&server.person("late").join().await).is_empty());
}

#[tokio::test]
async fn chat_that_may_not_be_is_refused() {
    let server = TestServer::start();
    let mut ada = server.person("ada").join().await;
    let mut mute = server.person("mute").granted(json!({ "chat": false })).join().await;
    let (ada_sid, mute_sid) = (ada.sid.clone(), mute.sid.clone());
    let seq = mute.chat("let me").await;
    assert_eq!(mute.expect_error(seq).await.code, "permission_denied");
    let seq = mute.whisper(&ada_sid, "let me").await;
    assert_eq!(mute.expect_error(seq).await.code, "permission_denied");

    let long = "x".repeat(4_097);
    for (to, text, code) in [
        ("", "", "invalid_argument"),
        ("", long.as_str(), "too_large"),
        (&mute_sid, "", "invalid_argument"),
        (&mute_sid, &long, "too_large"),
        ("aaaaaaaaaaaaaaaa", "hello", "not_found"),
        ("nobody", "hello", "invalid_argument"),
    ] {
        let seq = ada.whisper(to, text).await;
        assert_eq!(ada.expect_error(seq).await.code, code, "{to:?} {} bytes", text.len());
    }
    let most = "x".repeat(4_096);
    ada.chat(&most).await;
    mute.expect_chat(&most).await;
    assert_eq!(mute.chats(), [most]);
}
