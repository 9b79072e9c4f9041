//! Another server takes over.

use std::time::Duration;

use antiphon_backplane::{Head, redis::RedisConfig};
use antiphon_redis_fixture::{Cluster, Sentinels, eventually};

use crate::support::{append, config, room, shows, texts, two};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_primary_stands_still_the_one_that_sentinels_choose_is_used() {
    let sentinels = Sentinels::start().await;
    let config = RedisConfig { response_timeout: Duration::from_secs(1), ..config(&sentinels.url()) };
    let [one, other] = two(&config).await.map(|replica| replica.backplane);
    let room = room("failover");
    append(&one, &room, "before").await;
    let mut watch = other.log.watch(&room).await.expect("in reach");
    let port = sentinels.primary().await.port();
    eventually("the replica has the entry", async || {
        let state: String = sentinels.primary().await.query(&["INFO", "replication"]).await;
        state.contains("state=online") && lag(&state) == Some(0)
    })
    .await;
    let deposed = sentinels.primary().await;
    deposed.pause();
    sentinels.failed_over(port).await;
    let head = append(&one, &room, "after").await;
    shows(&mut watch, |shown: &Head| *shown == head).await;
    deposed.resume();
    eventually("the old primary follows", async || {
        let role = deposed.try_query::<String>(&["INFO", "replication"]).await;
        role.is_ok_and(|role| role.contains("role:slave"))
    })
    .await;
    let head = append(&other, &room, "and on").await;
    shows(&mut watch, |shown: &Head| *shown == head).await;
    assert_eq!(texts(&one, &room).await, ["before", "after", "and on"]);
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
