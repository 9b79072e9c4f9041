//! A primary and a replica, and three sentinels that watch them.

use crate::{Server, eventually};

/// What the sentinels call the primary.
const NAME: &str = "mymaster";

/// Two servers, of which one is the primary.
pub struct Sentinels {
    /// The servers; at first the first one is the primary.
    pub servers: [Server; 2],
    /// Who watches them.
    pub sentinels: Vec<Server>,
}

impl Sentinels {
    /// All in reach of each other, and a failover possible. A primary that is silent for a second is replaced.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// As [`Sentinels::start`], with these lines in the configuration of both servers.
    pub async fn with(lines: &[String]) -> Self {
        let primary = Server::with(lines).await;
        let follow = format!("replicaof 127.0.0.1 {}", primary.port());
        let replica = Server::with(&[lines, &[follow]].concat()).await;
        let watch = format!(
            "sentinel monitor {NAME} 127.0.0.1 {} 2\nsentinel down-after-milliseconds {NAME} 1000\n\
             sentinel failover-timeout {NAME} 3000\nsentinel parallel-syncs {NAME} 1",
            primary.port()
        );
        let sentinels: Vec<_> = (0..3).map(|_| Server::run("redis-sentinel", std::slice::from_ref(&watch))).collect();
        let all = Self { servers: [primary, replica], sentinels };
        for sentinel in &all.sentinels {
            eventually("a sentinel knows the others", async || {
                let known = sentinel.try_query::<String>(&["INFO", "sentinel"]).await;
                known.is_ok_and(|known| known.contains("status=ok") && known.contains("slaves=1,sentinels=3"))
            })
            .await;
        }
        all
    }

    /// `redis-sentinel://…/mymaster`.
    #[must_use]
    pub fn url(&self) -> String {
        let sentinels: Vec<_> =
            self.sentinels.iter().map(|sentinel| format!("127.0.0.1:{}", sentinel.port())).collect();
        format!("redis-sentinel://{}/{NAME}", sentinels.join(","))
    }

    /// The server that the sentinels call the primary.
    pub async fn primary(&self) -> &Server {
        let at: Vec<String> = self.sentinels[0].query(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME]).await;
        let port: u16 = at[1].parse().expect("a port");
        self.servers.iter().find(|server| server.port() == port).expect("one of the two")
    }

    /// Waits until the sentinels call a server the primary that is not on this port.
    pub async fn failed_over(&self, port: u16) {
        eventually("a failover", async || {
            let primary = self.primary().await;
            let role = primary.try_query::<String>(&["INFO", "replication"]).await;
            primary.port() != port && role.is_ok_and(|role| role.contains("role:master"))
        })
        .await;
    }
}
