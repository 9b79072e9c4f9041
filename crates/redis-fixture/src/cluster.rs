//! Three primaries with a replica each.

use crate::{Server, eventually, free_port};

const PRIMARIES: usize = 3;
const SLOTS: usize = 16_384;

/// A cluster of six servers; the last three replicate the first three, at first.
pub struct Cluster {
    /// All of them.
    pub servers: Vec<Server>,
}

impl Cluster {
    /// All slots served, all replicas in step. A primary that is silent for a second is replaced.
    pub async fn start() -> Self {
        let servers: Vec<_> = (0..2 * PRIMARIES)
            .map(|_| {
                let lines = format!("cluster-enabled yes\ncluster-port {}\ncluster-node-timeout 1000", free_port());
                Server::run("redis-server", &[lines])
            })
            .collect();
        let cluster = Self { servers };
        cluster.assemble().await;
        cluster
    }

    async fn assemble(&self) {
        let mut ids = Vec::new();
        for (nth, server) in self.servers.iter().enumerate() {
            eventually("a server answers", async || server.try_query::<String>(&["PING"]).await.is_ok()).await;
            ids.push(server.query::<String>(&["CLUSTER", "MYID"]).await);
            // The votes of a failover need epochs that differ; it takes no harm from being told.
            server.query::<()>(&["CLUSTER", "SET-CONFIG-EPOCH", &(nth + 1).to_string()]).await;
            if nth < PRIMARIES {
                let (first, last) = (SLOTS * nth / PRIMARIES, SLOTS * (nth + 1) / PRIMARIES - 1);
                server.query::<()>(&["CLUSTER", "ADDSLOTSRANGE", &first.to_string(), &last.to_string()]).await;
            }
        }
        for server in &self.servers[1..] {
            let bus = server.query::<Vec<String>>(&["CONFIG", "GET", "cluster-port"]).await;
            let port = server.port().to_string();
            self.servers[0].query::<()>(&["CLUSTER", "MEET", "127.0.0.1", &port, &bus[1]]).await;
        }
        for (nth, replica) in self.servers[PRIMARIES..].iter().enumerate() {
            eventually("a replica knows its primary", async || {
                replica.try_query::<()>(&["CLUSTER", "REPLICATE", &ids[nth]]).await.is_ok()
            })
            .await;
        }
        for server in &self.servers {
            eventually("the cluster is whole", async || {
                let state = server.try_query::<String>(&["CLUSTER", "INFO"]).await.unwrap_or_default();
                let nodes = server.try_query::<String>(&["CLUSTER", "NODES"]).await.unwrap_or_default();
                state.contains("cluster_state:ok") && nodes.matches("slave").count() == PRIMARIES
            })
            .await;
        }
        for replica in &self.servers[PRIMARIES..] {
            eventually("a replica is in step", async || {
                let state = replica.try_query::<String>(&["INFO", "replication"]).await;
                state.is_ok_and(|state| state.contains("master_link_status:up"))
            })
            .await;
        }
    }

    /// `redis-cluster://…` with two of the servers as seeds.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis-cluster://127.0.0.1:{},127.0.0.1:{}", self.servers[0].port(), self.servers[4].port())
    }

    /// Waits until the replica of one of the first three servers has taken its place.
    pub async fn taken_over(&self, primary: usize) {
        let replica = &self.servers[PRIMARIES + primary];
        eventually("a failover", async || {
            let role = replica.try_query::<String>(&["INFO", "replication"]).await;
            role.is_ok_and(|role| role.contains("role:master"))
        })
        .await;
    }
}
