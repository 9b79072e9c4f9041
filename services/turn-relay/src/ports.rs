//! The ports that relay.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::atomic::{AtomicU64, Ordering},
};

use mio::net::UdpSocket;

use crate::config::PortRange;

/// Ports that another program may hold before the search is given up.
const ATTEMPTS: usize = 64;

/// Which ports of one address are taken, for all threads. A port is found by a look into memory; the system is asked once.
#[derive(Debug)]
pub(crate) struct Ports {
    range: PortRange,
    taken: Box<[AtomicU64]>,
}

impl Ports {
    pub(crate) fn new(range: PortRange) -> Self {
        Self { range, taken: (0..1024).map(|_| AtomicU64::default()).collect() }
    }

    /// Binds a free port, the first one behind a random one: what a port is should not be guessed (RFC 8656 §7.2).
    pub(crate) fn bind(&self, ip: IpAddr) -> io::Result<UdpSocket> {
        self.bind_one(ip, |_| true)
    }

    /// Binds an even one.
    pub(crate) fn bind_even(&self, ip: IpAddr) -> io::Result<UdpSocket> {
        self.bind_one(ip, |port| port.is_multiple_of(2))
    }

    /// Binds an even one and the next.
    pub(crate) fn bind_pair(&self, ip: IpAddr) -> io::Result<(UdpSocket, UdpSocket)> {
        let mut tried = io::Error::from(io::ErrorKind::AddrInUse);
        for _ in 0..ATTEMPTS {
            let even = self.bind_even(ip)?;
            let number = even.local_addr()?.port();
            match self.bind_this(ip, number + 1) {
                Ok(odd) => return Ok((even, odd)),
                Err(error) => tried = error,
            }
            drop(even);
            self.release(number);
        }
        Err(tried)
    }

    fn bind_this(&self, ip: IpAddr, port: u16) -> io::Result<UdpSocket> {
        if !self.range.ports().contains(&port) || !self.take(port) {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        UdpSocket::bind(SocketAddr::new(ip, port)).inspect_err(|_| self.release(port))
    }

    fn bind_one(&self, ip: IpAddr, fits: impl Fn(u16) -> bool) -> io::Result<UdpSocket> {
        let ports = self.range.ports();
        let count = usize::from(*ports.end() - *ports.start()) + 1;
        let begin = rand::random_range(0..count);
        let nth = |nth: usize| *ports.start() + u16::try_from((begin + nth) % count).unwrap_or_default();
        let mut last = io::Error::from(io::ErrorKind::AddrInUse);
        for port in (0..count).map(nth).filter(|port| fits(*port) && self.take(*port)).take(ATTEMPTS) {
            match UdpSocket::bind(SocketAddr::new(ip, port)) {
                Ok(socket) => return Ok(socket),
                Err(error) => {
                    self.release(port);
                    last = error;
                    if last.kind() != io::ErrorKind::AddrInUse {
                        break;
                    }
                }
            }
        }
        Err(last)
    }

    pub(crate) fn release(&self, port: u16) {
        self.taken[usize::from(port / 64)].fetch_and(!(1 << (port % 64)), Ordering::AcqRel);
    }

    fn take(&self, port: u16) -> bool {
        let bit = 1 << (port % 64);
        let word = &self.taken[usize::from(port / 64)];
        word.load(Ordering::Relaxed) & bit == 0 && word.fetch_or(bit, Ordering::AcqRel) & bit == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOPBACK: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn a_pair_is_an_even_port_and_the_next() {
        let ports = Ports::new("28021-28026".parse().expect("a range"));
        let number = |socket: &UdpSocket| socket.local_addr().expect("bound").port();
        let mut pairs: Vec<_> = (0..2).map(|_| ports.bind_pair(LOOPBACK).expect("a free one")).collect();
        pairs.sort_unstable_by_key(|(even, _)| number(even));
        let numbers: Vec<_> = pairs.iter().map(|(even, odd)| (number(even), number(odd))).collect();
        assert_eq!(numbers, [(28_022, 28_023), (28_024, 28_025)]);
        assert!(ports.bind_pair(LOOPBACK).is_err(), "28026 has no next one in the range");
        assert_eq!(number(&ports.bind_even(LOOPBACK).expect("a free one")), 28_026);
    }

    #[test]
    fn every_port_of_the_range_is_found_and_comes_back() {
        let ports = Ports::new("28000-28009".parse().expect("a range"));
        // One of them is another program's.
        let foreign = std::net::UdpSocket::bind((LOOPBACK, 28_004)).expect("free");
        let bound: Vec<_> = (0..9).map(|_| ports.bind(LOOPBACK).expect("a free one")).collect();
        let mut numbers: Vec<_> = bound.iter().map(|socket| socket.local_addr().expect("bound").port()).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [28_000, 28_001, 28_002, 28_003, 28_005, 28_006, 28_007, 28_008, 28_009]);
        assert!(ports.bind(LOOPBACK).is_err());
        drop((bound, foreign));
        ports.release(28_003);
        assert_eq!(ports.bind(LOOPBACK).expect("it came back").local_addr().expect("bound").port(), 28_003);
    }
}
