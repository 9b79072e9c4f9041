//! A configured list, the same for everyone.

use antiphon_protocol::v1;
use secrecy::ExposeSecret as _;

use super::Given;
use crate::config::{StaticConfig, StaticServer};

/// Gives its list.
pub(crate) struct List(Given);

impl List {
    pub(super) fn new(config: &StaticConfig) -> Self {
        let server = |server: &StaticServer| v1::IceServer {
            urls: server.urls.iter().map(ToString::to_string).collect(),
            username: server.username.clone(),
            credential: server.credential.as_ref().map(|credential| credential.expose_secret().to_owned()),
        };
        Self(Given { servers: config.servers.iter().map(server).collect(), expires: None })
    }

    pub(crate) fn give(&self) -> Given {
        self.0.clone()
    }
}
