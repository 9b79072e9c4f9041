//! recvmmsg(2) and sendmmsg(2).

use std::{
    io::{self, IoSlice, IoSliceMut},
    net::{SocketAddr, SocketAddrV4, SocketAddrV6},
    os::fd::AsRawFd as _,
};

use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrIn, SockaddrIn6, SockaddrLike, recvmmsg};
use rustix::{
    io::Errno,
    net::{MMsgHdr, SendAncillaryBuffer, SendFlags, SocketAddrAny, sendmmsg},
};

use smallvec::SmallVec;

use super::{FIRST_READING as FEW, Held, Outgoing, SLOTS, UdpPort};

/// The headers that recvmmsg needs, made once. One of each family: the system leaves the length of an address in them.
pub(super) struct System {
    v4: MultiHeaders<SockaddrIn>,
    v6: MultiHeaders<SockaddrIn6>,
}

impl System {
    pub(super) fn new() -> Self {
        Self { v4: MultiHeaders::preallocate(SLOTS, None), v6: MultiHeaders::preallocate(SLOTS, None) }
    }

    /// Reads at most `count` datagrams into as many buffers.
    pub(super) fn receive<'b>(
        &mut self,
        port: &UdpPort,
        buffers: impl Iterator<Item = &'b mut [u8]>,
        count: usize,
        held: &mut Vec<Held>,
    ) -> io::Result<()> {
        // Most sockets hold one datagram at a time: headers for dozens would cost more than that.
        match count {
            0..=FEW => self.receive_up_to::<FEW>(port, buffers, count, held),
            _ => self.receive_up_to::<SLOTS>(port, buffers, count, held),
        }
    }

    fn receive_up_to<'b, const MOST: usize>(
        &mut self,
        port: &UdpPort,
        buffers: impl Iterator<Item = &'b mut [u8]>,
        count: usize,
        held: &mut Vec<Held>,
    ) -> io::Result<()> {
        match port.local {
            SocketAddr::V4(_) => {
                receive::<_, MOST>(port, &mut self.v4, buffers, count, held, |from| SocketAddrV4::from(from).into())
            }
            SocketAddr::V6(_) => {
                receive::<_, MOST>(port, &mut self.v6, buffers, count, held, |from| SocketAddrV6::from(from).into())
            }
        }
    }

    /// Writes a run of one socket's datagrams; gives how many were not taken.
    pub(super) fn send(&mut self, port: &UdpPort, bytes: &[u8], run: &[Outgoing]) -> u64 {
        if let [Outgoing { begin, end, to, .. }] = run {
            return u64::from(port.socket.send_to(&bytes[*begin..*end], *to).is_err());
        }
        run.chunks(SLOTS).map(|run| send(port, bytes, run)).sum()
    }
}

fn receive<'b, S: SockaddrLike + Copy, const MOST: usize>(
    port: &UdpPort,
    headers: &mut MultiHeaders<S>,
    mut buffers: impl Iterator<Item = &'b mut [u8]>,
    count: usize,
    held: &mut Vec<Held>,
    address: impl Fn(S) -> SocketAddr,
) -> io::Result<()> {
    let mut slices: [[IoSliceMut<'_>; 1]; MOST] =
        std::array::from_fn(|_| [IoSliceMut::new(buffers.next().unwrap_or_default())]);
    let slices = slices.iter_mut().take(count);
    let received = recvmmsg(port.socket.as_raw_fd(), headers, slices, MsgFlags::MSG_DONTWAIT, None)?;
    for message in received {
        // The system gives each datagram's source; one without it goes nowhere.
        let from = message.address.map_or(SocketAddr::from(([0; 4], 0)), &address);
        held.push(Held { from, length: message.bytes });
    }
    Ok(())
}

fn send(port: &UdpPort, bytes: &[u8], run: &[Outgoing]) -> u64 {
    let addresses: [SocketAddrAny; SLOTS] = std::array::from_fn(|nth| run[nth.min(run.len() - 1)].to.into());
    let slices: [[IoSlice<'_>; 1]; SLOTS] = std::array::from_fn(|nth| {
        run.get(nth).map_or([IoSlice::new(&[])], |sent| [IoSlice::new(&bytes[sent.begin..sent.end])])
    });
    let mut no_ancillary: [SendAncillaryBuffer<'_, '_, '_>; SLOTS] =
        std::array::from_fn(|_| SendAncillaryBuffer::default());
    let parts = addresses.iter().zip(&slices).zip(&mut no_ancillary).take(run.len());
    let mut messages: SmallVec<[MMsgHdr<'_>; SLOTS]> =
        parts.map(|((to, slice), ancillary)| MMsgHdr::new_with_addr(to, slice, ancillary)).collect();
    let (mut sent, mut lost) = (0, 0);
    while sent < messages.len() {
        match sendmmsg(&port.socket, &mut messages[sent..], SendFlags::DONTWAIT) {
            Ok(taken) => sent += taken.max(1),
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN | Errno::NOBUFS) => return lost + (messages.len() - sent) as u64,
            // It is the first one's: an address that cannot be reached, a datagram that is too long.
            Err(_) => {
                sent += 1;
                lost += 1;
            }
        }
    }
    lost
}
