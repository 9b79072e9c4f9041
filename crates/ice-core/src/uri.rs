//! URIs of STUN and TURN servers (RFC 7064, RFC 7065).

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

/// Bytes of a host name at most (RFC 1035 §2.3.4).
const MAX_HOST_BYTES: usize = 253;

/// What a URI begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// STUN in the clear.
    Stun,
    /// STUN over TLS, or DTLS.
    Stuns,
    /// TURN in the clear.
    Turn,
    /// TURN over TLS, or DTLS.
    Turns,
}

/// How a server is reached, the quickest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// UDP
    Udp,
    /// TCP
    Tcp,
    /// TLS over TCP
    Tls,
    /// DTLS over UDP (RFC 7350). No browser speaks it.
    Dtls,
}

impl Transport {
    /// Its name as a metric's label.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Dtls => "dtls",
        }
    }
}

/// Where a server is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// A name for the DNS, in ASCII.
    Name(String),
    /// An address.
    Address(IpAddr),
}

/// A URI of a STUN or TURN server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IceUri {
    /// STUN or TURN, secured or not.
    pub scheme: Scheme,
    /// Where.
    pub host: Host,
    /// The port, where it is not the scheme's own.
    pub port: Option<u16>,
    /// What stands in `?transport=`, for TURN only: `Some(true)` for `tcp`, `Some(false)` for `udp`.
    tcp: Option<bool>,
}

/// Why a text is no such URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIceUri {
    /// Not `stun:`, `stuns:`, `turn:` or `turns:`.
    #[error("expected stun:, stuns:, turn: or turns:")]
    Scheme,
    /// No name and no address; an IPv6 address stands in brackets.
    #[error("expected a host name, an IPv4 address or an IPv6 address in brackets")]
    Host,
    /// Not from 1 to 65535.
    #[error("expected a port from 1 to 65535")]
    Port,
    /// Something else behind `?` than one transport; behind a `stun` URI, anything (RFC 7064 §3.1).
    #[error("expected ?transport=udp or ?transport=tcp, and that of turn: and turns: only")]
    Transport,
}

impl Scheme {
    /// How it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stun => "stun",
            Self::Stuns => "stuns",
            Self::Turn => "turn",
            Self::Turns => "turns",
        }
    }

    /// Whether it names a relay.
    #[must_use]
    pub fn is_turn(self) -> bool {
        matches!(self, Self::Turn | Self::Turns)
    }

    fn is_secured(self) -> bool {
        matches!(self, Self::Stuns | Self::Turns)
    }
}

impl IceUri {
    /// A TURN URI for this transport at a socket's address.
    #[must_use]
    pub fn turn(address: SocketAddr, transport: Transport) -> Self {
        let (scheme, tcp) = match transport {
            Transport::Udp => (Scheme::Turn, false),
            Transport::Tcp => (Scheme::Turn, true),
            Transport::Tls => (Scheme::Turns, true),
            Transport::Dtls => (Scheme::Turns, false),
        };
        Self { scheme, host: Host::Address(address.ip()), port: Some(address.port()), tcp: Some(tcp) }
    }

    /// A STUN URI for UDP at a socket's address.
    #[must_use]
    pub fn stun(address: SocketAddr) -> Self {
        Self { scheme: Scheme::Stun, host: Host::Address(address.ip()), port: Some(address.port()), tcp: None }
    }

    /// The same server under another name.
    #[must_use]
    pub fn at(self, host: Host) -> Self {
        Self { host, ..self }
    }

    /// How the server is reached: what the URI says, else UDP in the clear and TLS over TCP where it is secured.
    #[must_use]
    pub fn transport(&self) -> Transport {
        match (self.scheme.is_secured(), self.tcp) {
            (false, None | Some(false)) => Transport::Udp,
            (false, Some(true)) => Transport::Tcp,
            (true, None | Some(true)) => Transport::Tls,
            (true, Some(false)) => Transport::Dtls,
        }
    }

    /// The port that is dialled: 3478, and 5349 where it is secured, unless the URI says otherwise.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(if self.scheme.is_secured() { 5349 } else { 3478 })
    }

    /// Whether libwebrtc dials this port for TURN: 53, 80, 443, and 1024 and above.
    #[must_use]
    pub fn is_dialled_by_browsers(&self) -> bool {
        !self.scheme.is_turn() || matches!(self.port(), 53 | 80 | 443 | 1024..) && self.transport() != Transport::Dtls
    }
}

impl FromStr for IceUri {
    type Err = InvalidIceUri;

    fn from_str(text: &str) -> Result<Self, InvalidIceUri> {
        let (scheme, rest) = text.split_once(':').ok_or(InvalidIceUri::Scheme)?;
        let schemes = [Scheme::Stun, Scheme::Stuns, Scheme::Turn, Scheme::Turns];
        let scheme = schemes.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(scheme));
        let scheme = scheme.ok_or(InvalidIceUri::Scheme)?;
        let (address, query) = rest.split_once('?').map_or((rest, None), |(address, query)| (address, Some(query)));
        let tcp = match (query, scheme.is_turn()) {
            (None, _) => None,
            (Some("transport=udp"), true) => Some(false),
            (Some("transport=tcp"), true) => Some(true),
            (Some(_), _) => return Err(InvalidIceUri::Transport),
        };
        let (host, port) = parse_address(address)?;
        Ok(Self { scheme, host, port, tcp })
    }
}

fn parse_address(text: &str) -> Result<(Host, Option<u16>), InvalidIceUri> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (address, after) = rest.split_once(']').ok_or(InvalidIceUri::Host)?;
            let address: Ipv6Addr = address.parse().map_err(|_| InvalidIceUri::Host)?;
            let port = match after.strip_prefix(':') {
                Some(port) => Some(port),
                None if after.is_empty() => None,
                None => return Err(InvalidIceUri::Host),
            };
            (Host::Address(address.into()), port)
        }
        None => {
            let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
            (host.parse()?, port)
        }
    };
    Ok((host, port.map(parse_port).transpose()?))
}

fn parse_port(text: &str) -> Result<u16, InvalidIceUri> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let port = is_number.then(|| text.parse().ok()).flatten();
    port.filter(|port| *port != 0).ok_or(InvalidIceUri::Port)
}

/// A name, or an address without brackets.
impl FromStr for Host {
    type Err = InvalidIceUri;

    fn from_str(text: &str) -> Result<Self, InvalidIceUri> {
        if let Ok(address) = text.parse() {
            return Ok(Self::Address(address));
        }
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        // What looks like an address and is none would be looked up as one, by rules of each system's own (RFC 3986 §7.4).
        let looks_numeric = text.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
        if text.len() > MAX_HOST_BYTES || looks_numeric || !text.bytes().all(is_name) || text.starts_with(['-', '.']) {
            return Err(InvalidIceUri::Host);
        }
        Ok(Self::Name(text.to_ascii_lowercase()))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => formatter.write_str(name),
            Self::Address(IpAddr::V4(address)) => address.fmt(formatter),
            Self::Address(IpAddr::V6(address)) => write!(formatter, "[{address}]"),
        }
    }
}

impl fmt::Display for IceUri {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.scheme.as_str(), self.host)?;
        if let Some(port) = self.port {
            write!(formatter, ":{port}")?;
        }
        match self.tcp {
            Some(true) => formatter.write_str("?transport=tcp"),
            Some(false) => formatter.write_str("?transport=udp"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 7064 appendix A and RFC 7065 appendix B, and what the addresses of the two look like.
    #[test]
    fn the_rfcs_uris_are_read_and_written_alike() {
        for (text, transport, port) in [
            ("stun:example.org", Transport::Udp, 3478),
            ("stuns:example.org", Transport::Tls, 5349),
            ("stun:example.org:8000", Transport::Udp, 8000),
            ("turn:example.org", Transport::Udp, 3478),
            ("turns:example.org", Transport::Tls, 5349),
            ("turn:example.org:8000", Transport::Udp, 8000),
            ("turn:example.org?transport=udp", Transport::Udp, 3478),
            ("turn:example.org?transport=tcp", Transport::Tcp, 3478),
            ("turns:example.org?transport=tcp", Transport::Tls, 5349),
            ("turns:example.org:443?transport=udp", Transport::Dtls, 443),
            ("turn:192.0.2.1:3478?transport=tcp", Transport::Tcp, 3478),
            ("turn:[2001:db8::1]?transport=udp", Transport::Udp, 3478),
            ("turns:[2001:db8::1]:443?transport=tcp", Transport::Tls, 443),
        ] {
            let uri: IceUri = text.parse().expect(text);
            assert_eq!((uri.transport(), uri.port(), uri.to_string().as_str()), (transport, port, text));
        }
        assert_eq!("TURN:Example.ORG".parse::<IceUri>().expect("any case").to_string(), "turn:example.org");
    }

    #[test]
    fn what_is_none_is_refused_by_its_part() {
        for (text, error) in [
            ("", InvalidIceUri::Scheme),
            ("example.org", InvalidIceUri::Scheme),
            ("http:example.org", InvalidIceUri::Scheme),
            ("turn:", InvalidIceUri::Host),
            ("turn://example.org", InvalidIceUri::Host),
            ("turn:user@example.org", InvalidIceUri::Host),
            ("turn:exämple.org", InvalidIceUri::Host),
            ("turn:2001:db8::1", InvalidIceUri::Host),
            ("turn:[2001:db8::1", InvalidIceUri::Host),
            ("turn:[192.0.2.1]", InvalidIceUri::Host),
            ("turn:[::1]3478", InvalidIceUri::Host),
            ("turn:192.0.2.256", InvalidIceUri::Host),
            ("turn:127.1", InvalidIceUri::Host),
            ("turn:example.org:", InvalidIceUri::Port),
            ("turn:example.org:0", InvalidIceUri::Port),
            ("turn:example.org:65536", InvalidIceUri::Port),
            ("turn:example.org:+80", InvalidIceUri::Port),
            ("turn:example.org?transport=tls", InvalidIceUri::Transport),
            ("turn:example.org?", InvalidIceUri::Transport),
            ("turn:example.org?transport=udp&transport=tcp", InvalidIceUri::Transport),
            ("stun:example.org?transport=udp", InvalidIceUri::Transport),
        ] {
            assert_eq!(text.parse::<IceUri>(), Err(error), "{text}");
        }
        assert_eq!(format!("turn:{}", "a".repeat(254)).parse::<IceUri>(), Err(InvalidIceUri::Host));
    }

    #[test]
    fn ports_that_browsers_do_not_dial_are_told() {
        for (text, dialled) in [
            ("turn:a.example:53", true),
            ("turn:a.example:443?transport=tcp", true),
            ("turn:a.example:1024", true),
            ("turn:a.example:81", false),
            ("turn:a.example:1023", false),
            ("turns:a.example:443?transport=udp", false),
            ("stun:a.example:81", true),
        ] {
            assert_eq!(text.parse::<IceUri>().expect(text).is_dialled_by_browsers(), dialled, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_server_s_uri_is_read_back(address in any::<SocketAddr>(), transport in 0..4usize) {
            prop_assume!(address.port() != 0);
            let transport = [Transport::Udp, Transport::Tcp, Transport::Tls, Transport::Dtls][transport];
            let uri = IceUri::turn(address, transport);
            prop_assert_eq!(uri.transport(), transport);
            prop_assert_eq!(uri.to_string().parse(), Ok(uri));
        }

        #[test]
        fn any_text_is_read_without_a_panic_and_one_that_is_taken_is_written_again(text in "(stuns?|turns?|x):.{0,40}") {
            if let Ok(uri) = text.parse::<IceUri>() {
                prop_assert_eq!(uri.to_string().parse(), Ok(uri));
            }
        }
    }
}
