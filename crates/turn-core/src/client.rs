use std::net::SocketAddr;

/// How a client reaches the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
    /// TLS over TCP.
    Tls,
}

impl Transport {
    /// Its name, also as a metric's label.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
        }
    }

    /// A stream, on which messages follow each other without bounds of their own.
    #[must_use]
    pub fn is_stream(self) -> bool {
        self != Self::Udp
    }
}

/// Where something came from: the 5-tuple (RFC 8656 §2.4), the relay's side of it by the shell's name for the socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Client {
    /// How it comes.
    pub transport: Transport,
    /// The shell's name for the socket: the listening one for UDP, the connection's own for TCP and TLS.
    pub socket: u32,
    /// The client's transport address as the relay sees it.
    pub remote: SocketAddr,
}
