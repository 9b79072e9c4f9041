//! Signatures, as other people's libraries verify them.

use serde_json::json;
use standardwebhooks::Webhook;

use crate::{
    SECRET, endpoint,
    receiver::{Got, Receiver},
    server, server_for,
    support::until,
};

const NEW: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

fn verifies(got: &Got, secret: &str) -> bool {
    Webhook::new(secret).expect("a secret").verify(&got.body, &got.headers).is_ok()
}

#[tokio::test]
async fn the_published_library_verifies_what_is_delivered_and_nothing_that_was_changed() {
    let receiver = Receiver::start().await;
    let server = server_for(&receiver);
    let _ada = server.person("ada").join().await;
    for mut got in receiver.until_count(2).await {
        assert!(verifies(&got, SECRET), "{:?}", got.headers);
        assert!(!verifies(&got, NEW));
        got.body = [got.body.as_ref(), b" "].concat().into();
        assert!(!verifies(&got, SECRET));
    }
}

#[tokio::test]
async fn while_a_secret_is_replaced_both_verify_and_then_the_new_one_does() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("secrets");
    std::fs::write(&path, format!("# new first\n{NEW}\n{SECRET}\n")).expect("written");
    let receiver = Receiver::start().await;
    let server = server(&[endpoint("default", &receiver, &format!(", secrets-file = {path:?}"))]);
    let mut ada = server.person("ada").join().await;
    for got in receiver.until_count(2).await {
        assert!(verifies(&got, NEW) && verifies(&got, SECRET), "{:?}", got.headers);
    }
    std::fs::write(&path, "nonsense").expect("written");
    std::fs::write(&path, format!("{NEW}\n")).expect("written");
    let is_alone = || receiver.got().last().is_some_and(|got| verifies(got, NEW) && !verifies(got, SECRET));
    let mut again = tokio::time::interval(std::time::Duration::from_millis(50));
    let changed = until("the new file", is_alone);
    tokio::pin!(changed);
    loop {
        tokio::select! {
            () = &mut changed => break,
            _ = again.tick() => { ada.chat("is it read yet?").await; }
        }
    }
}

#[tokio::test]
async fn a_test_is_sent_at_once_and_says_what_the_receiver_answered() {
    let receiver = Receiver::start().await;
    let server = server_for(&receiver);
    let tested = server.post("/v1/webhooks/default/test", &json!({})).await.ok(200);
    assert_eq!((&tested["delivered"], &tested["result"]), (&json!(true), &json!("answered 204")));
    let got = receiver.got();
    assert_eq!((got.len(), got[0].kind()), (1, "webhook.test"));
    assert!(verifies(&got[0], SECRET));
    receiver.answer(|_| crate::receiver::Reply::Status(404));
    let tested = server.post("/v1/webhooks/default/test", &json!({})).await.ok(200);
    assert_eq!((&tested["delivered"], &tested["result"]), (&json!(false), &json!("answered 404")));
}
