//! Receivers that do what they should not.

use crate::{
    endpoint,
    receiver::{Receiver, Reply},
    server,
    support::within,
};

#[tokio::test]
async fn the_status_counts_whatever_becomes_of_the_body() {
    for reply in [Reply::Endless, Reply::Withheld] {
        let receiver = Receiver::with(move |_| reply).await;
        let server = server(&[endpoint("default", &receiver, "")]);
        let _ada = server.person("ada").join().await;
        receiver.until_count(2).await;
        server.until_metric("webhook_deliveries_total", &[("outcome", "delivered")], 2.0).await;
        assert_eq!(server.metric("webhook_deliveries_total", &[("outcome", "failed")]), 0.0);
    }
}

#[tokio::test]
async fn a_receiver_that_never_answers_is_asked_again() {
    let receiver = Receiver::with(|got| if got.number == 0 { Reply::Never } else { Reply::Status(200) }).await;
    let server = server(&[endpoint("default", &receiver, ", timeout = \"100ms\"")]);
    let _ada = server.person("ada").join().await;
    let got = receiver.until_count(3).await;
    assert_eq!(got[0].header("webhook-id"), got[1].header("webhook-id"));
    let listed = server.metric("webhook_deliveries_total", &[("outcome", "failed")]);
    assert_eq!(listed, 1.0);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Receiver::start().await;
    let to = elsewhere.address();
    let receiver = Receiver::with(move |_| Reply::Redirect(to)).await;
    let server = server(&[endpoint("default", &receiver, "")]);
    let _ada = server.person("ada").join().await;
    receiver.until_count(3).await;
    assert!(elsewhere.got().is_empty());
    assert_eq!(server.metric("webhook_deliveries_total", &[("outcome", "delivered")]), 0.0);
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_is_not_connected_to_where_that_is_not_allowed() {
    let receiver = Receiver::start().await;
    let named = endpoint("default", &receiver, ", allow-private-addresses = false, retry-for = \"0\"");
    let named = named.replace("127.0.0.1", "localhost");
    let server = server(&[named]);
    let _ada = server.person("ada").join().await;
    server.until_metric("webhook_deliveries_total", &[("outcome", "given_up")], 2.0).await;
    assert!(receiver.got().is_empty());
    let letters = server.get("/v1/webhooks/default/dead-letters").await.ok(200);
    let reason = letters["deadLetters"][0]["reason"].as_str().expect("a reason");
    assert!(reason.contains("private addresses"), "{reason}");
}

#[tokio::test]
async fn a_receiver_that_is_not_there_or_speaks_no_http_is_a_reason_to_try_again() {
    let mut away = Receiver::start().await;
    away.stop().await;
    let silent = tokio::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let mute = endpoint("mute", &away, ", retry-for = \"0\"")
        .replace(&away.address().to_string(), &silent.local_addr().expect("bound").to_string());
    let server = server(&[endpoint("away", &away, ", retry-for = \"0\""), mute]);
    let hang_up = tokio::spawn(async move {
        while let Ok((stream, _)) = silent.accept().await {
            drop(stream);
        }
    });
    let _ada = server.person("ada").join().await;
    server.until_metric("webhook_dead_letters", &[], 4.0).await;
    for (id, expected) in [("away", "could not be connected to"), ("mute", "broke the connection off")] {
        let letters = server.get(&format!("/v1/webhooks/{id}/dead-letters")).await.ok(200);
        assert_eq!(letters["deadLetters"][0]["reason"], expected);
    }
    hang_up.abort();
    let ended = within("the end", hang_up).await;
    assert!(ended.is_err_and(|error| error.is_cancelled()));
}
