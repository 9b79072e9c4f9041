//! How much a tenant may have.

use antiphon_protocol::v1::{self, client_frame, server_frame::Kind};
use futures_util::future::join_all;

use crate::support::{GLOBEX, TestServer};

#[tokio::test]
async fn a_tenant_has_so_many_rooms_at_a_time() {
    let server = TestServer::start_with(|setup| setup.quotas.tenant_rooms = 2);
    let mut moderator = server.person("mo").in_room("one").moderator().join().await;
    let _ada = server.person("ada").in_room("two").join().await;
    let refused = server.person("bob").in_room("three").rejected().await;
    assert_eq!((refused.code(), refused.close), ("quota_exceeded", 4003));
    assert_eq!(refused.error.field, "tenant-rooms");
    assert!(refused.error.message.contains("2 rooms") && refused.error.message.contains("end a room"), "{refused:?}");
    server.person("bob").in_room("two").join().await;
    server.person("bob").in_room("three").of(GLOBEX).join().await;

    moderator.send(client_frame::Kind::EndRoom(v1::EndRoom::default())).await;
    moderator.closed().await;
    server.person("bob").in_room("three").join().await;
    let held = [("tenant", "acme"), ("quota", "tenant-rooms")];
    assert_eq!(server.metric("tenant_quota_refusals_total", &held), 1.0);
    assert_eq!(server.metric("tenant_rooms", &[("tenant", "acme")]), 2.0);
}

#[tokio::test]
async fn a_tenant_has_so_many_participants_in_all_its_rooms_together() {
    let server = TestServer::start_with(|setup| setup.quotas.tenant_participants = 2);
    let ada = server.person("ada").in_room("one").join().await;
    let mut bob = server.person("bob").in_room("two").join().await;
    let refused = server.person("eve").in_room("two").rejected().await;
    assert_eq!((refused.code(), refused.error.field.as_str()), ("quota_exceeded", "tenant-participants"));
    // Who comes again takes its own place, and who resumes has one.
    let _again = server.person("ada").in_room("one").join().await;
    drop(ada);
    bob = bob.cut().await.resume().await.0;
    assert_eq!(server.person("eve").in_room("three").rejected().await.code(), "quota_exceeded");
    server.person("eve").in_room("two").of(GLOBEX).join().await;

    bob.send(client_frame::Kind::Leave(v1::Leave {})).await;
    bob.closed().await;
    server.person("eve").in_room("three").join().await;
}

#[tokio::test]
async fn a_quota_holds_however_many_come_at_once() {
    let server = TestServer::start_with(|setup| setup.quotas.tenant_rooms = 7);
    let rooms: Vec<_> = (0..30).map(|number| server.person("ada").in_room(&format!("room {number}"))).collect();
    let joined: Vec<_> = join_all(rooms.iter().map(|person| person.try_join())).await;
    assert_eq!(joined.iter().filter(|joined| joined.is_ok()).count(), 7);
    let codes = joined.iter().filter_map(|joined| joined.as_ref().err());
    assert!(codes.into_iter().all(|rejected| rejected.code() == "quota_exceeded"));
    assert_eq!(server.metric("tenant_rooms", &[("tenant", "acme")]), 7.0);
}

#[tokio::test]
async fn a_tenants_own_message_rate_is_in_the_file_of_quotas() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("quotas.toml");
    std::fs::write(&path, "[acme]\nmessage-rate = 5\n").expect("written");
    let server = TestServer::start_with(|setup| setup.quotas.quotas_file = Some(path));
    let mut ours = server.person("ada").join().await;
    let mut theirs = server.person("ada").of(GLOBEX).join().await;
    for number in 0..15 {
        ours.chat(&number.to_string()).await;
        theirs.chat(&number.to_string()).await;
    }
    theirs.expect_chat("14").await;
    ours.expect_chat("14").await;
    let told = ours.kinds().find_map(|kind| if let Kind::Error(error) = kind { Some(error.clone()) } else { None });
    let told = told.expect("ten at once, and five a second");
    assert_eq!((told.code.as_str(), told.field.as_str()), ("rate_limited", "tenant-message-rate"));
    assert!(told.message.contains("tenant-message-rate raised"), "{}", told.message);
    assert!(!theirs.kinds().any(|kind| matches!(kind, Kind::Error(_))));
}
