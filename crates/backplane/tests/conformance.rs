//! The memory backplane passes the suite.

use antiphon_backplane::{
    Backplane,
    conformance::{self, CHECKS, LIMITS},
    memory::{self, MemoryConfig},
};

async fn memory() -> [Backplane; 2] {
    let backplane = memory::backplane(MemoryConfig { limits: LIMITS, ..MemoryConfig::default() });
    [backplane.clone(), backplane]
}

#[tokio::test(start_paused = true)]
async fn memory_passes_on_one_thread() {
    let report = conformance::run(memory).await;
    assert_eq!(report.outcomes.len(), CHECKS.len());
    assert!(report.passed(), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn memory_passes_on_several_threads() {
    let report = conformance::run(memory).await;
    assert!(report.passed(), "{report}");
}

#[tokio::test(start_paused = true)]
async fn rooms_behind_one_lock_do_not_meet() {
    let report = conformance::run(async || {
        let backplane = memory::backplane(MemoryConfig { limits: LIMITS, shards: 1 });
        [backplane.clone(), backplane]
    })
    .await;
    assert!(report.passed(), "{report}");
}
