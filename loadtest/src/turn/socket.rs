//! A UDP socket that stands for many clients: each datagram has a source address of its own (`IP_PKTINFO`, ip(7)), and many are
//! received by one system call (recvmmsg(2)). It sees the loopback interface and nothing else.

use std::{
    io::{self, ErrorKind, IoSliceMut},
    net::{IpAddr, SocketAddr, UdpSocket},
    os::fd::AsFd as _,
    time::Duration,
};

use quinn_udp::{BATCH_SIZE, RecvMeta, Transmit, UdpSockRef, UdpSocketState};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{Domain, Protocol, Socket, Type};

/// The kernel may hand over as much at once (`UDP_GRO`).
const BUFFER_BYTES: usize = 1 << 16;
/// As large as the system allows: what is in flight fits in.
const KERNEL_BUFFER_BYTES: usize = 4 << 20;
const LOOPBACK: &[u8] = b"lo";

/// What was received.
#[derive(Debug, Clone, Copy)]
pub(super) struct Datagram<'a> {
    pub(super) from: SocketAddr,
    /// The address that it was sent to.
    pub(super) to: Option<IpAddr>,
    pub(super) bytes: &'a [u8],
}

/// Sends.
#[derive(Debug)]
pub(super) struct Sender {
    socket: UdpSocket,
    state: UdpSocketState,
}

/// Sends and receives.
#[derive(Debug)]
pub(super) struct BatchSocket {
    pub(super) sender: Sender,
    buffers: Vec<u8>,
}

impl BatchSocket {
    /// Binds to an address of the loopback interface, or to the unspecified one and so to all of the loopback interface's.
    pub(super) fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        socket.bind_device(Some(LOOPBACK))?;
        socket.bind(&address.into())?;
        socket.set_recv_buffer_size(KERNEL_BUFFER_BYTES)?;
        let socket = UdpSocket::from(socket);
        let state = UdpSocketState::new(UdpSockRef::from(&socket))?;
        Ok(Self { sender: Sender { socket, state }, buffers: vec![0; BATCH_SIZE * BUFFER_BYTES] })
    }

    pub(super) fn local_address(&self) -> io::Result<SocketAddr> {
        self.sender.socket.local_addr()
    }

    /// Takes what has come, at most one batch, and says how much that was. Does not wait.
    pub(super) fn receive(&mut self, mut take: impl FnMut(&Sender, Datagram<'_>)) -> io::Result<usize> {
        let mut metas = [RecvMeta::default(); BATCH_SIZE];
        let mut slices: Vec<_> = self.buffers.chunks_mut(BUFFER_BYTES).map(IoSliceMut::new).collect();
        let Sender { socket, state } = &self.sender;
        let filled = match state.recv(UdpSockRef::from(socket), &mut slices, &mut metas) {
            Ok(filled) => filled,
            // A port where nobody listens any more answers by ICMP.
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::ConnectionRefused) => 0,
            Err(error) => return Err(error),
        };
        let mut taken = 0;
        for (meta, buffer) in metas[..filled].iter().zip(self.buffers.chunks(BUFFER_BYTES)) {
            // An empty datagram has no stride.
            for bytes in buffer[..meta.len].chunks(meta.stride.max(1)) {
                take(&self.sender, Datagram { from: meta.addr, to: meta.dst_ip, bytes });
                taken += 1;
            }
        }
        Ok(taken)
    }
}

impl Sender {
    /// Sends one datagram; `from` is one of the interface's addresses, where the socket stands for several.
    pub(super) fn send(&self, from: Option<IpAddr>, to: SocketAddr, bytes: &[u8]) -> io::Result<()> {
        let transmit = Transmit { destination: to, ecn: None, contents: bytes, segment_size: None, src_ip: from };
        loop {
            match self.state.try_send(UdpSockRef::from(&self.socket), &transmit) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    wait([(self, PollFlags::OUT)], Duration::from_millis(10))?;
                }
                sent => return sent,
            }
        }
    }
}

/// Waits until something has come for one of them.
pub(super) fn wait_for_any<const N: usize>(sockets: [&BatchSocket; N], at_most: Duration) -> io::Result<()> {
    wait(sockets.map(|socket| (&socket.sender, PollFlags::IN)), at_most)
}

fn wait<const N: usize>(senders: [(&Sender, PollFlags); N], at_most: Duration) -> io::Result<()> {
    let mut polled = senders.map(|(sender, flags)| PollFd::from_borrowed_fd(sender.socket.as_fd(), flags));
    let timeout = Timespec { tv_sec: at_most.as_secs() as i64, tv_nsec: i64::from(at_most.subsec_nanos()) };
    poll(&mut polled, Some(&timeout))?;
    Ok(())
}
