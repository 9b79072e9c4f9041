//! Where Redis is.

use std::{fmt, str::FromStr};

/// A host and a port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// A name, or an IP address (version 6 without brackets).
    pub host: String,
    /// A TCP port.
    pub port: u16,
}

/// How the servers of Redis belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topology {
    /// One server.
    Single(Address),
    /// One primary, which sentinels know under a name.
    Sentinel {
        /// Those that are asked.
        sentinels: Vec<Address>,
        /// The name.
        primary: String,
    },
    /// A cluster.
    Cluster {
        /// Nodes that are asked for the others.
        seeds: Vec<Address>,
    },
}

/// Where Redis is, as one line: `redis://HOST:PORT`, `redis-sentinel://HOST:PORT,HOST:PORT/PRIMARY` or
/// `redis-cluster://HOST:PORT,HOST:PORT`; over TLS `rediss://`, `rediss-sentinel://`, `rediss-cluster://`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisUrl {
    /// Whether connections are encrypted.
    pub tls: bool,
    /// Which servers.
    pub topology: Topology,
}

const PORT: u16 = 6_379;
const SENTINEL_PORT: u16 = 26_379;

impl FromStr for RedisUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
        let (secured, kind) = match scheme {
            "redis" => (false, Kind::Single),
            "rediss" => (true, Kind::Single),
            "redis-sentinel" => (false, Kind::Sentinel),
            "rediss-sentinel" => (true, Kind::Sentinel),
            "redis-cluster" => (false, Kind::Cluster),
            "rediss-cluster" => (true, Kind::Cluster),
            _ => return Err(EXPECTED.to_owned()),
        };
        if rest.contains('@') {
            return Err("a password does not belong in an address: it is read from a file of its own".to_owned());
        }
        if rest.contains('?') || rest.contains('#') {
            return Err("an address has no options".to_owned());
        }
        let (hosts, path) = rest.split_once('/').unwrap_or((rest, ""));
        let addresses = |port| hosts.split(',').map(|host| address(host, port)).collect::<Result<Vec<_>, _>>();
        let topology = match kind {
            Kind::Single => {
                let [address] = <[Address; 1]>::try_from(addresses(PORT)?)
                    .map_err(|_| "redis:// takes one host; several are redis-sentinel:// or redis-cluster://")?;
                Topology::Single(address)
            }
            Kind::Sentinel if path.is_empty() => return Err("expected redis-sentinel://HOST:PORT,…/PRIMARY".to_owned()),
            Kind::Sentinel => Topology::Sentinel { sentinels: addresses(SENTINEL_PORT)?, primary: path.to_owned() },
            Kind::Cluster => Topology::Cluster { seeds: addresses(PORT)? },
        };
        if !path.is_empty() && !matches!(topology, Topology::Sentinel { .. }) {
            return Err("expected nothing behind the port: a database number is not supported".to_owned());
        }
        Ok(Self { tls: secured, topology })
    }
}

const EXPECTED: &str = "expected redis://HOST:PORT, redis-sentinel://HOST:PORT,…/PRIMARY or redis-cluster://HOST:PORT,…; \
                        rediss… for TLS";

enum Kind {
    Single,
    Sentinel,
    Cluster,
}

fn address(text: &str, default_port: u16) -> Result<Address, String> {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':')),
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let port = match port {
        None => default_port,
        Some(port) => port.parse().map_err(|_| format!("no port: \"{port}\""))?,
    };
    if host.is_empty() || host.contains(char::is_whitespace) || port == 0 {
        return Err(format!("no host: \"{text}\""));
    }
    Ok(Address { host: host.to_owned(), port })
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(formatter, "[{}]:{}", self.host, self.port)
        } else {
            write!(formatter, "{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "rediss" } else { "redis" };
        match &self.topology {
            Topology::Single(address) => write!(formatter, "{scheme}://{address}"),
            Topology::Sentinel { sentinels, primary } => {
                write!(formatter, "{scheme}-sentinel://{}/{primary}", joined(sentinels))
            }
            Topology::Cluster { seeds } => write!(formatter, "{scheme}-cluster://{}", joined(seeds)),
        }
    }
}

fn joined(addresses: &[Address]) -> String {
    addresses.iter().map(Address::to_string).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_written_as_it_is_read() {
        for text in [
            "redis://127.0.0.1:6379",
            "rediss://redis.example:6380",
            "redis://[::1]:6379",
            "redis-sentinel://a:26379,b:26380/mymaster",
            "rediss-cluster://a:1,[::1]:2",
        ] {
            assert_eq!(text.parse::<RedisUrl>().map(|url| url.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn ports_have_defaults() {
        let url = |text: &str| text.parse::<RedisUrl>().expect("an address").to_string();
        assert_eq!(url("redis://redis"), "redis://redis:6379");
        assert_eq!(url("redis://[::1]"), "redis://[::1]:6379");
        assert_eq!(url("redis-sentinel://a,b/m"), "redis-sentinel://a:26379,b:26379/m");
    }

    #[test]
    fn what_is_no_address_is_said_why() {
        for (text, reason) in [
            ("", "expected redis://"),
            ("http://a", "expected redis://"),
            ("redis://", "no host"),
            ("redis://a:x", "no port"),
            ("redis://a:0", "no host"),
            ("redis://a,b", "takes one host"),
            ("redis://a/2", "database"),
            ("redis://user:secret@a", "password"),
            ("redis://a?x=y", "options"),
            ("redis-sentinel://a", "PRIMARY"),
            ("redis-cluster://a,,b", "no host"),
        ] {
            let error = text.parse::<RedisUrl>().expect_err(text);
            assert!(error.contains(reason), "{text}: {error}");
            assert!(!error.contains("secret"));
        }
    }
}
