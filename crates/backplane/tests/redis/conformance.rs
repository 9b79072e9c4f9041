//! It passes the suite.

use antiphon_backplane::{
    conformance::{self, CHECKS},
    redis::RedisConfig,
};

use crate::support::{cluster, config, sentinels, server, two};

async fn passes(config: impl Fn() -> RedisConfig) {
    let report = conformance::run(async || two(&config()).await.map(|replica| replica.backplane)).await;
    assert_eq!(report.outcomes.len(), CHECKS.len());
    assert!(report.passed(), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_server_passes() {
    let server = server().await;
    passes(|| config(&server.url())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_server_with_one_partition_passes() {
    let server = server().await;
    passes(|| RedisConfig { partitions: 1, ..config(&server.url()) }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_with_sentinels_passes() {
    let sentinels = sentinels().await;
    passes(|| config(&sentinels.url())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_passes() {
    let cluster = cluster().await;
    passes(|| config(&cluster.url())).await;
}
