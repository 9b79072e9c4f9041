//! A server that stops, dies, or is not there yet.

use std::time::Duration;

use antiphon_backplane::{
    AppendError, Batch, Head, MailboxChange, Offset, Posting, Recipients,
    redis::{RedisConfig, Status, connect},
};
use antiphon_protocol::Sid;
use antiphon_redis_fixture::Server;
use bytes::Bytes;
use tokio::time::{Instant, timeout};

use crate::support::{append, batch, config, connected, is, persist, room, server, show_log, shows, texts, two};

fn quick(server: &Server) -> RedisConfig {
    RedisConfig {
        response_timeout: Duration::from_millis(500),
        check_interval: Duration::from_millis(300),
        ..config(&server.url())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stands_still_is_unavailable_in_time_and_back_by_itself() {
    let server = Server::start().await;
    let [one, other] = two(&quick(&server)).await.map(|replica| replica.backplane);
    let room = room("still");
    let mut watch = one.log.watch(&room).await.expect("in reach");
    append(&one, &room, "before").await;
    server.pause();
    let start = Instant::now();
    let calls = (0..2_000).map(|_| one.log.load(&room));
    let answers = futures_util::future::join_all(calls).await;
    assert!(answers.iter().all(Result::is_err), "nobody answers");
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    server.resume();
    let head = append(&other, &room, "after").await;
    shows(&mut watch, |shown| *shown == head).await;
    assert_eq!(texts(&one, &room).await, ["before", "after"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_append_whose_answer_is_lost_is_not_sent_again() {
    let server = Server::start().await;
    let [one, other] = two(&quick(&server)).await.map(|replica| replica.backplane);
    let room = room("ambiguous");
    let head = append(&one, &room, "before").await;
    server.pause();
    let lost = one.log.append(&room, head, batch("once")).await;
    assert!(matches!(lost, Err(AppendError::Unavailable(_))), "{lost:?}");
    server.resume();
    // It was on its way: the server carries it out now. Whoever asks again with the same head cannot do it twice.
    let again = persist(async || match one.log.append(&room, head, batch("once")).await {
        Err(AppendError::Unavailable(error)) => Err(error),
        other => Ok(other),
    })
    .await;
    if let Err(AppendError::Conflict { tail, .. }) = again {
        assert_eq!(tail.expect("nothing is trimmed").len(), 1);
    }
    assert_eq!(texts(&other, &room).await, ["before", "once"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_forgot_everything_begins_a_greater_epoch_and_watches_tell() {
    let server = Server::start().await;
    let replica = connected(&quick(&server)).await.backplane;
    let (room, sid) = (room("forgotten"), Sid::from_random([1; 10]));
    let mut watch = replica.log.watch(&room).await.expect("in reach");
    let head = persist(async || {
        let head = replica.log.load(&room).await.map_err(AppendError::from)?.head;
        let batch = Batch { mailboxes: vec![MailboxChange::Open(sid)], ..batch("before") };
        replica.log.append(&room, head, batch).await
    })
    .await;
    let mail = replica.mailbox.watch(&room, sid).await.expect("it is open");
    server.restart().await;
    let empty = shows(&mut watch, |shown| shown.epoch > head.epoch).await;
    assert_eq!((empty.offset, texts(&replica, &room).await), (Offset(0), vec![]));
    timeout(Duration::from_secs(30), mail.notified()).await.expect("who waits for mail looks again");
    assert!(replica.mailbox.end(&room, sid).await.is_err(), "the mailbox is gone");
    let conflict = replica.log.append(&room, head, batch("late")).await;
    assert!(matches!(conflict, Err(AppendError::Conflict { head, tail: None }) if head == empty), "{conflict:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_history_that_was_undone_is_told_from_the_one_that_took_its_place() {
    let server = Server::start().await;
    let replica = connected(&quick(&server)).await.backplane;
    let room = room("undone");
    let kept = append(&replica, &room, "kept").await;
    server.query::<()>(&["SAVE"]).await;
    let undone = append(&replica, &room, "undone").await;
    let mut watch = replica.log.watch(&room).await.expect("in reach");
    assert_eq!(*watch.borrow(), undone);
    server.restart().await;
    shows(&mut watch, |shown| *shown == kept).await;
    let instead = append(&replica, &room, "instead").await;
    assert_eq!((instead.epoch, instead.offset), (undone.epoch, undone.offset));
    append(&replica, &room, "more").await;
    let conflict = replica.log.append(&room, undone, batch("late")).await;
    assert!(matches!(conflict, Err(AppendError::Conflict { tail: None, .. })), "{conflict:?}");
    let later = replica.log.append(&room, instead, batch("late")).await;
    assert!(matches!(&later, Err(AppendError::Conflict { tail: Some(tail), .. }) if tail.len() == 1), "{later:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_notice_told_is_found_by_looking() {
    let server = Server::start().await;
    let replica = connected(&quick(&server)).await.backplane;
    let (room, sid) = (room("flushed"), Sid::from_random([1; 10]));
    let head = replica.log.load(&room).await.expect("in reach").head;
    let opening = Batch { mailboxes: vec![MailboxChange::Open(sid)], ..batch("opened") };
    let head = replica.log.append(&room, head, opening).await.expect("nobody else appends");
    let mut watch = replica.log.watch(&room).await.expect("in reach");
    let mail = replica.mailbox.watch(&room, sid).await.expect("it is open");
    server.query::<()>(&["FLUSHALL"]).await;
    shows(&mut watch, |shown| shown.epoch > head.epoch).await;
    timeout(Duration::from_secs(30), mail.notified()).await.expect("the mailbox is gone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scripts_that_a_server_forgot_are_sent_again() {
    let server = server().await;
    let replica = connected(&config(&server.url())).await.backplane;
    let (room, sids) = (room("scripts"), [1, 2].map(|number| Sid::from_random([number; 10])));
    for nth in 0..3 {
        server.query::<()>(&["SCRIPT", "FLUSH"]).await;
        let head = replica.log.load(&room).await.expect("in reach").head;
        let mailboxes = sids.map(MailboxChange::Open).to_vec();
        replica.log.append(&room, head, Batch { mailboxes, ..batch("entry") }).await.expect("nobody else appends");
        server.query::<()>(&["SCRIPT", "FLUSH"]).await;
        let posting = Posting {
            from: sids[0],
            generation: 0,
            seq: nth + 1,
            to: Recipients::One(sids[1]),
            after: Offset(1),
            format: 0,
            body: Bytes::from_static(b"mail"),
        };
        replica.mailbox.post(&room, posting).await.expect("it is taken");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_cut_are_made_again_and_watches_go_on() {
    let server = Server::start().await;
    // No check helps a watch that was forgotten.
    let config = RedisConfig { check_interval: Duration::from_secs(3_600), partitions: 1, ..quick(&server) };
    let [one, other] = two(&config).await.map(|replica| replica.backplane);
    // More than one command subscribes or asks for.
    let rooms: Vec<_> = (0..300).map(|nth| room(&format!("cut-{nth}"))).collect();
    let mut watches = Vec::new();
    for room in &rooms {
        watches.push(one.log.watch(room).await.expect("in reach"));
    }
    for kind in ["pubsub", "normal", "pubsub"] {
        _ = server.try_query::<()>(&["CLIENT", "KILL", "TYPE", kind]).await;
        for (room, watch) in rooms.iter().zip(&mut watches) {
            let head = append(&other, room, kind).await;
            shows(watch, |shown: &Head| *shown == head).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_comes_later_is_found() {
    show_log();
    let server = Server::start().await;
    let config = quick(&server);
    server.kill();
    let mut replica = connect(config).expect("a configuration that can work");
    replica.backplane.log.load(&room("later")).await.expect_err("nobody is there");
    assert_eq!(*replica.status.borrow(), Status::Connecting);
    server.restart().await;
    is(&mut replica, &Status::Connected).await;
    append(&replica.backplane, &room("later"), "there").await;
    server.kill();
    is(&mut replica, &Status::Away).await;
    server.restart().await;
    is(&mut replica, &Status::Connected).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_with_another_number_of_partitions_says_so() {
    let server = server().await;
    let config = quick(server);
    let first = connected(&config).await;
    let mut second = connect(RedisConfig { partitions: 32, ..config.clone() }).expect("a configuration that can work");
    let misconfigured = second.status.wait_for(|status| matches!(status, Status::Misconfigured(_))).await;
    let Status::Misconfigured(text) = misconfigured.expect("it is alive").clone() else { panic!("asked for above") };
    assert!(text.contains("\"1 64\"") && text.contains("\"1 32\""), "{text}");
    second.backplane.log.load(&room("any")).await.expect_err("it does not touch what it cannot read");
    first.backplane.log.load(&room("any")).await.expect("the first one is served");
}
