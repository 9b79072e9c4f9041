//! Whose request it is, when proxies stand before the server.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::{HeaderMap, header};
use ipnet::IpNet;

/// The header that the proxies write. Only this one is read: a client can forge what its proxy does not overwrite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum ForwardingHeader {
    /// The de-facto standard.
    #[default]
    XForwardedFor,
    /// RFC 7239.
    Forwarded,
}

/// Which proxies are believed.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Proxy")]
pub struct ProxyConfig {
    /// Networks of the proxies whose forwarding header is believed, as CIDR: "10.0.0.0/8". None: the header is not read.
    #[arg(long, env = "ANTIPHON_TRUSTED_PROXIES", value_name = "NETWORKS", value_delimiter = ',', value_parser = parse_network)]
    pub trusted_proxies: Vec<IpNet>,
    /// The header that these proxies write.
    #[arg(long, env = "ANTIPHON_FORWARDING_HEADER", value_name = "HEADER", default_value = "x-forwarded-for")]
    pub forwarding_header: ForwardingHeader,
}

/// Finds the client's address.
#[derive(Debug, Clone, Default)]
pub struct ClientAddress {
    trusted: Vec<IpNet>,
    header: ForwardingHeader,
}

impl ClientAddress {
    /// Believes these proxies.
    #[must_use]
    pub fn new(config: &ProxyConfig) -> Self {
        Self { trusted: config.trusted_proxies.clone(), header: config.forwarding_header }
    }

    /// Is this one of our proxies?
    #[must_use]
    pub fn is_proxy(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted.iter().any(|network| network.contains(&address))
    }

    /// The client's address: the connection's, or, behind trusted proxies, the last hop that is not one of them. A hop that is not
    /// an address ends the search at the proxy that wrote it.
    #[must_use]
    pub fn resolve(&self, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.ip().to_canonical();
        if !self.is_proxy(client) {
            return client;
        }
        let hops = match self.header {
            ForwardingHeader::XForwardedFor => headers.get_all("x-forwarded-for"),
            ForwardingHeader::Forwarded => headers.get_all(header::FORWARDED),
        };
        for line in hops.iter().rev() {
            let Ok(line) = line.to_str() else { return client };
            for hop in line.rsplit(',') {
                let address = match self.header {
                    ForwardingHeader::XForwardedFor => parse_hop(hop),
                    ForwardingHeader::Forwarded => forwarded_for(hop).and_then(parse_hop),
                };
                let Some(address) = address else { return client };
                client = address;
                if !self.is_proxy(client) {
                    return client;
                }
            }
        }
        client
    }
}

/// What limits per address count: an IPv6 client owns its whole /64 and picks addresses from it as it likes.
#[must_use]
pub fn limit_key(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

/// An address as proxies write it: with or without brackets, quotes and port.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim().trim_matches('"');
    let address = match hop.parse::<SocketAddr>() {
        Ok(address) => address.ip(),
        Err(_) => hop.trim_start_matches('[').trim_end_matches(']').parse().ok()?,
    };
    Some(address.to_canonical())
}

/// The `for` of one forwarded-element (RFC 7239 §4).
fn forwarded_for(element: &str) -> Option<&str> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        name.eq_ignore_ascii_case("for").then_some(value)
    })
}

fn parse_network(text: &str) -> Result<IpNet, &'static str> {
    let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    network.map_err(|_| "expected a network such as \"10.0.0.0/8\" or an address")
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn resolve(header: ForwardingHeader, peer: &str, lines: &[&'static str]) -> String {
        let trusted = ["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().expect("a network")).to_vec();
        let addresses = ClientAddress { trusted, header };
        let mut headers = HeaderMap::new();
        let name = match header {
            ForwardingHeader::XForwardedFor => "x-forwarded-for",
            ForwardingHeader::Forwarded => "forwarded",
        };
        for line in lines {
            headers.append(name, HeaderValue::from_static(line));
        }
        addresses.resolve(SocketAddr::new(peer.parse().expect("an address"), 1), &headers).to_string()
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(resolve(ForwardingHeader::XForwardedFor, "192.0.2.1", &["198.51.100.1"]), "192.0.2.1");
    }

    #[test]
    fn the_last_hop_that_is_no_proxy_is_the_client() {
        let cases: [(&[&str], &str); 7] = [
            (&[], "10.0.0.1"),
            (&["192.0.2.1"], "192.0.2.1"),
            (&["203.0.113.9, 192.0.2.1, 10.1.1.1"], "192.0.2.1"),
            (&["203.0.113.9", "192.0.2.1", "10.1.1.1"], "192.0.2.1"),
            (&["10.2.2.2, 10.1.1.1"], "10.2.2.2"),
            (&["[2001:db8::1]:443"], "2001:db8::1"),
            (&["::ffff:192.0.2.1"], "192.0.2.1"),
        ];
        for (lines, expected) in cases {
            assert_eq!(resolve(ForwardingHeader::XForwardedFor, "10.0.0.1", lines), expected, "{lines:?}");
            assert_eq!(resolve(ForwardingHeader::XForwardedFor, "::ffff:10.0.0.1", lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn rubbish_ends_the_search_at_the_proxy_that_wrote_it() {
        for line in ["", "unknown", "192.0.2.1, ", "192.0.2.1, <script>", "192.0.2.1 10.0.0.2"] {
            assert_eq!(resolve(ForwardingHeader::XForwardedFor, "10.0.0.1", &[line]), "10.0.0.1", "{line:?}");
        }
        assert_eq!(resolve(ForwardingHeader::XForwardedFor, "10.0.0.1", &["192.0.2.1, x, 10.7.7.7"]), "10.7.7.7");
    }

    #[test]
    fn the_standard_header_is_read_where_it_is_asked_for() {
        let cases = [
            ("for=192.0.2.1;proto=https;by=10.0.0.1", "192.0.2.1"),
            (r#"for=192.0.2.9, For="[2001:db8:cafe::17]:4711""#, "2001:db8:cafe::17"),
            ("proto=https", "10.0.0.1"),
            ("for=_hidden", "10.0.0.1"),
        ];
        for (line, expected) in cases {
            assert_eq!(resolve(ForwardingHeader::Forwarded, "10.0.0.1", &[line]), expected, "{line}");
        }
    }

    #[test]
    fn an_ipv6_network_of_one_client_counts_once() {
        let key = |text: &str| limit_key(text.parse().expect("an address"));
        assert_eq!(key("2001:db8:1:2:aaaa::1"), key("2001:db8:1:2:bbbb::2"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
    }
}
