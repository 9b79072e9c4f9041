//! Where `iceServers` come from.

mod remote;

use std::time::Duration;

use antiphon_protocol::{Identity, TenantId, v1};
use async_trait::async_trait;

pub use remote::{IceServersUrl, RemoteIceServers};

/// ICE servers for one participant.
#[derive(Debug, Clone, PartialEq)]
pub struct IceServers {
    /// W3C `RTCIceServer`s.
    pub servers: Vec<v1::IceServer>,
    /// When to ask again; `None`: they do not expire.
    pub refresh_after: Option<Duration>,
}

/// The source is out of reach. Joining works all the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no ICE servers: {0}")]
pub struct IceSourceError(pub String);

/// Gives ICE servers.
#[async_trait]
pub trait IceServerSource: Send + Sync {
    /// Servers for this participant. May be slow: the caller bounds it.
    async fn ice_servers(&self, tenant: &TenantId, identity: &Identity) -> Result<IceServers, IceSourceError>;
}

/// A configured list, the same for everyone.
#[derive(Debug, Clone, Default)]
pub struct StaticIceServers(pub Vec<v1::IceServer>);

#[async_trait]
impl IceServerSource for StaticIceServers {
    async fn ice_servers(&self, _: &TenantId, _: &Identity) -> Result<IceServers, IceSourceError> {
        Ok(IceServers { servers: self.0.clone(), refresh_after: None })
    }
}

impl From<IceServers> for v1::IceServers {
    fn from(servers: IceServers) -> Self {
        let refresh_after = servers.refresh_after.map_or(0, |after| u32::try_from(after.as_secs()).unwrap_or(u32::MAX));
        Self { ice_servers: servers.servers, refresh_after }
    }
}
