//! Another server takes over.

use antiphon_backplane::Head;
use antiphon_redis_fixture::{Cluster, Sentinels, eventually};

use crate::support::{append, config, room, shows, texts, two};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_primary_dies_the_one_that_sentinels_choose_is_used() {
    let sentinels = Sentinels::start().await;
    let [one, other] = two(&config(&sentinels.url())).await.map(|replica| replica.backplane);
    let room = room("failover");
    append(&one, &room, "before").await;
    let mut watch = other.log.watch(&room).await.expect("in reach");
    let port = sentinels.primary().await.port();
    eventually("the replica has the entry", async || {
        let state: String = sentinels.primary().await.query(&["INFO", "replication"]).await;
        state.contains("state=online") && lag(&state) == Some(0)
    })
    .await;
    sentinels.primary().await.kill();
    sentinels.failed_over(port).await;
    let head = append(&one, &room, "after").await;
    shows(&mut watch, |shown: &Head| *shown == head).await;
    assert_eq!(texts(&other, &room).await, ["before", "after"]);
}

/// Bytes that the replica has not acknowledged.
fn lag(state: &str) -> Option<u64> {
    let number = |key: &str| {
        let rest = &state[state.find(key)? + key.len()..];
        rest[..rest.find(|character: char| !character.is_ascii_digit())?].parse::<u64>().ok()
    };
    number("master_repl_offset:")?.checked_sub(number(",offset=")?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_owner_of_slots_dies_its_replica_is_used_and_every_watch_goes_on() {
    let cluster = Cluster::start().await;
    let [one, other] = two(&config(&cluster.url())).await.map(|replica| replica.backplane);
    let rooms: Vec<_> = (0..30).map(|nth| room(&format!("room-{nth}"))).collect();
    let mut watches = Vec::new();
    for room in &rooms {
        append(&one, room, "before").await;
        watches.push(other.log.watch(room).await.expect("in reach"));
    }
    cluster.servers[1].kill();
    cluster.taken_over(1).await;
    for (room, watch) in rooms.iter().zip(&mut watches) {
        let head = append(&one, room, "after").await;
        shows(watch, |shown: &Head| *shown == head).await;
    }
}
