//! What replicas share, as processes that can be broken.

use std::{fs, io, time::Duration};

use antiphon_redis_fixture::{Cluster, Sentinels, Server, eventually};
use anyhow::{Context as _, ensure};
use tokio::time::{sleep, timeout};

use super::plan::Kind;

/// How long a server that lives may take to answer.
const PROBE: Duration = Duration::from_millis(500);

/// A cluster's primaries; the replica of each stands so many behind it at first.
const PRIMARIES: usize = 3;

/// What the replicas are to share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sharing {
    /// Nothing: rooms are in memory.
    Memory,
    /// One Redis that this program starts.
    Single,
    /// A primary, a replica and three sentinels that this program starts.
    Sentinel,
    /// A cluster of three primaries with a replica each that this program starts.
    Cluster,
    /// A Redis that runs: `redis://127.0.0.1:PORT`. It is not broken itself.
    At(String),
}

impl std::str::FromStr for Sharing {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "memory" => Self::Memory,
            "single" => Self::Single,
            "sentinel" => Self::Sentinel,
            "cluster" => Self::Cluster,
            url if url.starts_with("redis://") => Self::At(url.to_owned()),
            _ => return Err("expected memory, single, sentinel, cluster or redis://127.0.0.1:PORT".to_owned()),
        })
    }
}

impl Sharing {
    /// What there is to break, with so many replicas.
    #[must_use]
    pub fn faults(&self, replicas: usize) -> Vec<Kind> {
        let mut faults = vec![Kind::Kill, Kind::Drain, Kind::Pause, Kind::CutFromClients, Kind::HoldFromClients];
        if replicas > 1 {
            faults.push(Kind::RollingRestart);
        }
        match self {
            Self::Memory => {}
            Self::At(_) => faults.push(Kind::CutFromBackplane),
            Self::Single => {
                faults.extend([Kind::CutFromBackplane, Kind::StopEngine, Kind::RestartEngine, Kind::RestartEngineEmpty])
            }
            Self::Sentinel => faults.push(Kind::FailOver),
            Self::Cluster => faults.push(Kind::KillSlotOwner),
        }
        faults
    }
}

/// What the replicas share.
pub enum Engine {
    /// Nothing, or what is not broken itself.
    Given(Option<String>),
    /// One Redis, which writes a log to its disk every second.
    Single(Server),
    /// A primary and its sentinels.
    Sentinels(Sentinels),
    /// A cluster.
    Cluster(Cluster),
}

impl Engine {
    /// Starts it, where it is to be started.
    pub async fn start(sharing: &Sharing) -> Self {
        match sharing {
            Sharing::Memory => Self::Given(None),
            Sharing::At(url) => Self::Given(Some(url.clone())),
            Sharing::Single => Self::Single(Server::with(&["appendonly yes\nappendfsync everysec".to_owned()]).await),
            Sharing::Sentinel => Self::Sentinels(Sentinels::start().await),
            Sharing::Cluster => Self::Cluster(Cluster::start().await),
        }
    }

    /// What a server's `--backplane` names.
    #[must_use]
    pub fn url(&self) -> Option<String> {
        match self {
            Self::Given(url) => url.clone(),
            Self::Single(server) => Some(server.url()),
            Self::Sentinels(sentinels) => Some(sentinels.url()),
            Self::Cluster(cluster) => Some(cluster.url()),
        }
    }

    /// Breaks it, waits, and mends it; what shows that it took effect.
    ///
    /// # Errors
    /// When it is not what has such a fault.
    pub async fn inject(&self, kind: Kind, lasts: Duration) -> anyhow::Result<Option<String>> {
        match (self, kind) {
            (Self::Single(server), Kind::StopEngine) => Ok(pause(server, lasts).await),
            (Self::Single(server), Kind::RestartEngine) => restart(server, lasts, true).await,
            (Self::Single(server), Kind::RestartEngineEmpty) => restart(server, lasts, false).await,
            (Self::Sentinels(sentinels), Kind::FailOver) => Ok(fail_over(sentinels).await),
            (Self::Cluster(cluster), Kind::KillSlotOwner) => kill_slot_owner(cluster, lasts).await,
            _ => anyhow::bail!("this backplane cannot be {kind}"),
        }
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Engine").field(&self.url()).finish()
    }
}

async fn answers(server: &Server) -> bool {
    matches!(timeout(PROBE, server.try_query::<String>(&["PING"])).await, Ok(Ok(_)))
}

async fn pause(server: &Server, lasts: Duration) -> Option<String> {
    server.pause();
    sleep(lasts / 2).await;
    let answered = answers(server).await;
    sleep(lasts / 2).await;
    server.resume();
    (!answered).then(|| "Redis answered nothing".to_owned())
}

async fn restart(server: &Server, lasts: Duration, keeps: bool) -> anyhow::Result<Option<String>> {
    let before: u64 = server.try_query(&["DBSIZE"]).await.context("DBSIZE")?;
    server.kill();
    if !keeps {
        match fs::remove_dir_all(server.directory().join("appendonlydir")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
    }
    sleep(lasts).await;
    let answered = answers(server).await;
    server.restart().await;
    ensure!(!answered, "Redis answers although it was killed");
    Ok((before > 0).then(|| {
        format!("Redis was killed with {before} keys, and came back {}", if keeps { "with its log" } else { "empty" })
    }))
}

async fn fail_over(sentinels: &Sentinels) -> Option<String> {
    let primary = sentinels.primary().await;
    let before = primary.port();
    primary.kill();
    sentinels.failed_over(before).await;
    primary.restart().await;
    let after = sentinels.primary().await.port();
    (after != before).then(|| format!("the primary moved from port {before} to {after}"))
}

async fn kill_slot_owner(cluster: &Cluster, lasts: Duration) -> anyhow::Result<Option<String>> {
    // The plan's dice decide which one, by how long they let it last.
    let nth = usize::try_from(lasts.as_millis()).unwrap_or_default() % PRIMARIES;
    let pair = [&cluster.servers[nth], &cluster.servers[nth + PRIMARIES]];
    let owner = usize::from(!is_primary(pair[0]).await);
    let [owner, heir] = [pair[owner], pair[1 - owner]];
    ensure!(is_primary(owner).await, "a part of the cluster has no owner");
    owner.kill();
    eventually("a failover", async || is_primary(heir).await).await;
    owner.restart().await;
    eventually("the old owner follows the new one", async || {
        let state = owner.try_query::<String>(&["INFO", "replication"]).await;
        state.is_ok_and(|state| state.contains("role:slave") && state.contains("master_link_status:up"))
    })
    .await;
    Ok(Some(format!("port {} took the slots of port {}", heir.port(), owner.port())))
}

async fn is_primary(server: &Server) -> bool {
    server.try_query::<String>(&["INFO", "replication"]).await.is_ok_and(|state| state.contains("role:master"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_of_sharing_has_its_own_faults() {
        let memory = Sharing::Memory.faults(1);
        assert!(!memory.contains(&Kind::CutFromBackplane) && !memory.contains(&Kind::RollingRestart));
        let single = Sharing::Single.faults(3);
        for kind in [Kind::StopEngine, Kind::RestartEngine, Kind::RestartEngineEmpty, Kind::RollingRestart] {
            assert!(single.contains(&kind), "{kind:?}");
        }
        assert!(Sharing::Sentinel.faults(3).contains(&Kind::FailOver));
        assert!(Sharing::Cluster.faults(3).contains(&Kind::KillSlotOwner));
    }

    #[test]
    fn what_is_shared_is_named() {
        assert_eq!("cluster".parse(), Ok(Sharing::Cluster));
        assert_eq!("redis://127.0.0.1:1".parse(), Ok(Sharing::At("redis://127.0.0.1:1".to_owned())));
        assert!("rediss://127.0.0.1:1".parse::<Sharing>().is_err() && "".parse::<Sharing>().is_err());
    }

    #[tokio::test]
    async fn a_redis_that_is_killed_comes_back_with_its_log_or_empty() {
        let engine = Engine::start(&Sharing::Single).await;
        let Engine::Single(server) = &engine else { unreachable!("{engine:?}") };
        server.query::<String>(&["CONFIG", "SET", "appendfsync", "always"]).await;
        server.query::<String>(&["SET", "key", "value"]).await;
        let effect = engine.inject(Kind::RestartEngine, Duration::ZERO).await.expect("it comes back");
        assert!(effect.expect("it took effect").contains("with its log"));
        assert_eq!(server.query::<u64>(&["DBSIZE"]).await, 1);
        let effect = engine.inject(Kind::RestartEngineEmpty, Duration::ZERO).await.expect("it comes back");
        assert!(effect.expect("it took effect").contains("1 keys"));
        assert_eq!(server.query::<u64>(&["DBSIZE"]).await, 0);
    }

    #[tokio::test]
    async fn a_redis_that_stands_still_answers_nothing_meanwhile() {
        let engine = Engine::start(&Sharing::Single).await;
        let effect = engine.inject(Kind::StopEngine, Duration::from_millis(20)).await.expect("it goes on");
        assert_eq!(effect.as_deref(), Some("Redis answered nothing"));
        assert!(engine.inject(Kind::FailOver, Duration::ZERO).await.is_err(), "it has no sentinels");
    }
}
