//! Whom the clients connect to, and who they are.

use std::{
    net::{SocketAddr, ToSocketAddrs as _},
    str::FromStr,
    time::Duration,
};

use antiphon_protocol::Format;
use anyhow::{Context as _, bail};
use tokio_tungstenite::tungstenite::http::Uri;

use crate::{content::Content, token::Tokens};

/// What is spoken to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// docs/protocol.md, in this format.
    Antiphon(Format),
    /// See [`crate::floor`].
    Floor,
}

impl Wire {
    /// Its name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Antiphon(Format::Json) => "antiphon, JSON",
            Self::Antiphon(Format::Proto) => "antiphon, protobuf",
            Self::Floor => "floor",
        }
    }
}

/// A server's address, resolved once.
#[derive(Debug, Clone)]
pub struct ServerUrl {
    /// Where to connect.
    pub address: SocketAddr,
    /// What `Host` says.
    pub authority: String,
    /// The path, without a trailing slash.
    pub path: String,
}

impl ServerUrl {
    /// The path of the REST API beside the socket: `/v1` where that is `/v1/connect`.
    ///
    /// # Errors
    /// When the socket's path is not what this server has.
    pub fn api(&self) -> anyhow::Result<&str> {
        self.path
            .strip_suffix("/connect")
            .context("--url: expected a path that ends with /connect, such as /v1/connect")
    }
}

impl FromStr for ServerUrl {
    type Err = anyhow::Error;

    fn from_str(url: &str) -> anyhow::Result<Self> {
        let uri: Uri = url.parse().context("expected a URL such as ws://127.0.0.1:8080/v1/connect")?;
        if uri.scheme_str() != Some("ws") {
            bail!("expected ws://: TLS is not part of what is measured here");
        }
        let authority = uri.authority().context("no host")?.as_str().to_owned();
        let with_port = if uri.port().is_some() { authority.clone() } else { format!("{authority}:80") };
        let address = with_port.to_socket_addrs()?.next().with_context(|| format!("{authority} has no address"))?;
        Ok(Self { address, authority, path: uri.path().trim_end_matches('/').to_owned() })
    }
}

/// Everything that the clients of one run share.
#[derive(Debug)]
pub struct Target {
    /// Where the server is.
    pub url: ServerUrl,
    /// What it speaks.
    pub wire: Wire,
    /// Where access tokens come from.
    pub tokens: Tokens,
    /// What the clients say.
    pub content: Content,
    /// How long an answer may take before it counts as missing.
    pub patience: Duration,
}

/// Who a client is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The room's name.
    pub room: String,
    /// Unique in the room.
    pub identity: String,
    /// Its token lets it kick, and end the room.
    pub moderator: bool,
}

/// Names rooms and members so that two runs against one server do not meet.
#[derive(Debug)]
pub struct Names {
    run: u32,
}

impl Names {
    /// The names of run number `run`.
    #[must_use]
    pub fn new(run: u32) -> Self {
        Self { run }
    }

    /// Member `index` of room `room`.
    #[must_use]
    pub fn member(&self, room: usize, index: usize) -> Member {
        let (room, identity) = (format!("load-{:08x}-{room}", self.run), format!("client-{room}-{index}"));
        Member { room, identity, moderator: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_gives_address_host_and_path() {
        let url: ServerUrl = "ws://127.0.0.1:8080/v1/connect".parse().expect("valid");
        assert_eq!(url.address, "127.0.0.1:8080".parse().expect("an address"));
        assert_eq!((url.authority.as_str(), url.path.as_str()), ("127.0.0.1:8080", "/v1/connect"));
        let bare: ServerUrl = "ws://127.0.0.1/".parse().expect("valid");
        assert_eq!((bare.address.port(), bare.path.as_str()), (80, ""));
        assert_eq!(url.api().expect("beside the socket"), "/v1");
        assert!(bare.api().is_err());
    }

    #[test]
    fn what_is_no_plain_websocket_url_is_refused() {
        for url in ["", "127.0.0.1:80", "wss://127.0.0.1/v1/connect", "http://127.0.0.1/"] {
            assert!(url.parse::<ServerUrl>().is_err(), "{url:?}");
        }
    }

    #[test]
    fn two_runs_do_not_share_a_room() {
        assert_ne!(Names::new(1).member(0, 0).room, Names::new(2).member(0, 0).room);
        assert_ne!(Names::new(1).member(0, 0), Names::new(1).member(0, 1));
    }
}
