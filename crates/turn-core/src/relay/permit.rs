//! CreatePermission (RFC 8656 §10.2) and ChannelBind (§12.2).

use std::{
    net::{IpAddr, SocketAddr},
    time::Instant,
};

use smallvec::SmallVec;

use super::{Relay, authenticate::Asker, finish};
use crate::{
    Client, ErrorCode,
    allocation::Refused,
    framing::CHANNEL_NUMBERS,
    stun::{Class, Family, Message, Writer, attribute, read_xor_address},
};

impl Relay {
    pub(super) fn create_permission(&mut self, now: Instant, from: Client, request: &Message<'_>, asker: &Asker) {
        let done = self.try_create_permission(now, from, request);
        self.conclude_permit(from, request, asker, done);
    }

    pub(super) fn bind_channel(&mut self, now: Instant, from: Client, request: &Message<'_>, asker: &Asker) {
        let done = self.try_bind_channel(now, from, request);
        self.conclude_permit(from, request, asker, done);
    }

    fn conclude_permit(&mut self, from: Client, request: &Message<'_>, asker: &Asker, done: Result<(), ErrorCode>) {
        match done {
            Ok(()) => {
                let writer = Writer::answer(request, Class::Success);
                self.send(from, finish(request, writer, Some(&asker.key)));
            }
            Err(code) => self.refuse(from, request, &asker.key, code),
        }
    }

    /// All of the peers, or none.
    fn try_create_permission(&mut self, now: Instant, from: Client, request: &Message<'_>) -> Result<(), ErrorCode> {
        let peers = read_peers(request)?;
        self.allocation_of(&from).ok_or(ErrorCode::AllocationMismatch)?;
        for peer in &peers {
            self.judge_permit(from, *peer)?;
        }
        let max = self.config.max_permissions;
        let allocation = self.allocation_of(&from).ok_or(ErrorCode::AllocationMismatch)?;
        let peers: SmallVec<[IpAddr; 4]> = peers.iter().map(SocketAddr::ip).collect();
        if !allocation.has_room_for(&peers, max, now) {
            return Err(ErrorCode::InsufficientCapacity);
        }
        peers.iter().for_each(|peer| allocation.permit(*peer, now));
        Ok(())
    }

    fn try_bind_channel(&mut self, now: Instant, from: Client, request: &Message<'_>) -> Result<(), ErrorCode> {
        let number = request.attribute(attribute::CHANNEL_NUMBER).ok_or(ErrorCode::BadRequest)?;
        let [high, low, _, _] = number else { return Err(ErrorCode::BadRequest) };
        let number = u16::from_be_bytes([*high, *low]);
        let [peer] = read_peers(request)?[..] else { return Err(ErrorCode::BadRequest) };
        if !CHANNEL_NUMBERS.contains(&number) {
            return Err(ErrorCode::BadRequest);
        }
        self.allocation_of(&from).ok_or(ErrorCode::AllocationMismatch)?;
        self.judge_permit(from, peer)?;
        let (max_channels, max_permissions) = (self.config.max_channels, self.config.max_permissions);
        let allocation = self.allocation_of(&from).ok_or(ErrorCode::AllocationMismatch)?;
        if !allocation.has_room_for(&[peer.ip()], max_permissions, now) {
            return Err(ErrorCode::InsufficientCapacity);
        }
        allocation.bind_channel(number, peer, max_channels, now).map_err(|refused| match refused {
            Refused::Full => ErrorCode::InsufficientCapacity,
            Refused::Taken => ErrorCode::BadRequest,
        })?;
        allocation.permit(peer.ip(), now);
        Ok(())
    }

    /// Policy first: what is refused is refused whatever families the allocation has.
    fn judge_permit(&mut self, from: Client, peer: SocketAddr) -> Result<(), ErrorCode> {
        if !self.judge_peer(peer) {
            return Err(ErrorCode::Forbidden);
        }
        let allocation = self.allocation_of(&from).ok_or(ErrorCode::AllocationMismatch)?;
        let fits = allocation.has_family(Family::of(peer.ip()));
        if fits { Ok(()) } else { Err(ErrorCode::PeerAddressFamilyMismatch) }
    }
}

/// Every XOR-PEER-ADDRESS; one at least.
fn read_peers(request: &Message<'_>) -> Result<SmallVec<[SocketAddr; 4]>, ErrorCode> {
    let values = request.attributes().filter(|(kind, _)| *kind == attribute::XOR_PEER_ADDRESS);
    let peers = values.map(|(_, value)| read_xor_address(value, request.transaction_id()));
    let peers: Option<SmallVec<[SocketAddr; 4]>> = peers.collect();
    peers.filter(|peers| !peers.is_empty()).ok_or(ErrorCode::BadRequest)
}
