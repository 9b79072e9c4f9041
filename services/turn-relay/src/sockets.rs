//! Binding what clients come to.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use antiphon_service_kit::host;
use antiphon_turn_core::Transport;
use anyhow::Context as _;
use mio::net::{TcpListener, UdpSocket};
use socket2::{Domain, Protocol, Socket, Type};

use crate::{batch::UdpPort, worker::Listeners};

/// What waits in the kernel while a worker is busy. The system gives less where it allows less.
const RECEIVE_BUFFER_BYTES: usize = 4 * 1024 * 1024;

/// Connections that wait to be accepted.
const BACKLOG: i32 = 1_024;

/// Tries to find one port that is free for UDP and for TCP.
const PORT_ATTEMPTS: usize = 20;

/// Where clients reach the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listening {
    /// How.
    pub transport: Transport,
    /// Where.
    pub address: SocketAddr,
}

/// One set of sockets for each of `threads` workers, all at the same addresses: the kernel gives each client to one of them.
pub(crate) fn bind(
    plain: &[SocketAddr],
    tls: &[SocketAddr],
    threads: usize,
) -> anyhow::Result<(Vec<Listeners>, Vec<Listening>)> {
    let mut sets: Vec<Listeners> = (0..threads).map(|_| Listeners { udp: Vec::new(), streams: Vec::new() }).collect();
    let mut listening = Vec::new();
    for address in plain {
        let (udp, tcp) =
            bind_pair(*address, threads).with_context(|| format!("turn-listen: cannot listen on {address}"))?;
        let bound = udp[0].local;
        listening.push(Listening { transport: Transport::Udp, address: bound });
        listening.push(Listening { transport: Transport::Tcp, address: bound });
        for ((set, udp), tcp) in sets.iter_mut().zip(udp).zip(tcp) {
            set.udp.push(udp);
            set.streams.push((tcp, Transport::Tcp));
        }
    }
    for address in tls {
        let listeners =
            listen(*address, threads).with_context(|| format!("turn-tls-listen: cannot listen on {address}"))?;
        listening.push(Listening { transport: Transport::Tls, address: listeners[0].local_addr()? });
        for (set, listener) in sets.iter_mut().zip(listeners) {
            set.streams.push((listener, Transport::Tls));
        }
    }
    Ok((sets, listening))
}

/// Each address that "0.0.0.0" and "[::]" stand for: an answer from a socket that is bound to all of them may leave by another address
/// than the one that was asked.
pub(crate) fn expand(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let mut expanded = Vec::new();
    for address in addresses {
        if !address.ip().is_unspecified() {
            expanded.push(*address);
            continue;
        }
        let loopback: IpAddr = if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
        let of_family = host::addresses().into_iter().filter(|ip| ip.is_ipv4() == address.is_ipv4());
        expanded.extend(of_family.chain([loopback]).map(|ip| SocketAddr::new(ip, address.port())));
    }
    expanded.dedup();
    expanded
}

fn bind_pair(address: SocketAddr, threads: usize) -> io::Result<(Vec<UdpPort>, Vec<TcpListener>)> {
    let mut attempts = PORT_ATTEMPTS;
    loop {
        let udp = bind_udp(address, threads)?;
        match listen(udp[0].local, threads) {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(error) if address.port() == 0 && error.kind() == io::ErrorKind::AddrInUse && attempts > 0 => {
                attempts -= 1;
            }
            Err(error) => return Err(error),
        }
    }
}

fn bind_udp(address: SocketAddr, threads: usize) -> io::Result<Vec<UdpPort>> {
    let address = claim(address, Type::DGRAM, Protocol::UDP)?;
    let mut ports = Vec::with_capacity(threads);
    for _ in 0..threads {
        let socket = open(address, Type::DGRAM, Protocol::UDP, threads)?;
        // Smaller ones do too.
        let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER_BYTES);
        socket.bind(&address.into())?;
        ports.push(UdpPort::new(UdpSocket::from_std(socket.into()))?);
    }
    Ok(ports)
}

fn listen(address: SocketAddr, threads: usize) -> io::Result<Vec<TcpListener>> {
    let address = claim(address, Type::STREAM, Protocol::TCP)?;
    let mut listeners = Vec::with_capacity(threads);
    for _ in 0..threads {
        let socket = open(address, Type::STREAM, Protocol::TCP, threads)?;
        socket.set_reuse_address(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        listeners.push(TcpListener::from_std(socket.into()));
    }
    Ok(listeners)
}

fn open(address: SocketAddr, kind: Type, protocol: Protocol, threads: usize) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), kind, Some(protocol))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    if threads > 1 {
        socket.set_reuse_port(true)?;
    }
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// The address, with a port where it has none, if no other program has it. Sockets that share a port would share it with another relay
/// of the same user too, and each would get half of the other's clients.
fn claim(address: SocketAddr, kind: Type, protocol: Protocol) -> io::Result<SocketAddr> {
    let socket = open(address, kind, protocol, 1)?;
    if kind == Type::STREAM {
        socket.set_reuse_address(true)?;
    }
    socket.bind(&address.into())?;
    let claimed = socket.local_addr()?.as_socket();
    claimed.ok_or_else(|| io::ErrorKind::AddrNotAvailable.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_not_shared_with_another_relay() {
        let anywhere = [SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 0)];
        let (_sockets, listening) = bind(&anywhere, &anywhere, 2).expect("free ports");
        for Listening { transport, address } in listening {
            let (plain, tls): (&[_], &[_]) =
                if transport == Transport::Tls { (&[], &[address]) } else { (&[address], &[]) };
            let Err(error) = bind(plain, tls, 2) else { panic!("{transport:?} is shared") };
            let cause = error.downcast_ref::<io::Error>().expect("of the system");
            assert_eq!(cause.kind(), io::ErrorKind::AddrInUse, "{transport:?}");
        }
    }
}
