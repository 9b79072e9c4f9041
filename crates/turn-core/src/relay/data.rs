//! What is relayed: ChannelData (RFC 8656 §12.6, §12.7), Send and Data indications (§11.2, §11.3). Nothing here allocates.

use std::{net::SocketAddr, time::Instant};

use super::{Relay, Slot, unknown_attributes};
use crate::{
    Client, Discard, PeerHeader, RelayedId, ToClient, ToPeer,
    framing::{CHANNEL_HEADER_BYTES, read_channel_data},
    stun::{self, Family, Message, attribute, padding, read_xor_address},
};

impl Relay {
    pub(super) fn relay_channel_data<'a>(&mut self, now: Instant, from: Client, bytes: &'a [u8]) -> Option<ToPeer<'a>> {
        let relayed = read_channel_data(bytes).ok_or(Discard::Malformed).and_then(|(number, payload)| {
            let allocation = self.allocation_of(&from).ok_or(Discard::NoAllocation)?;
            let peer = allocation.channel(number, now).ok_or(Discard::UnboundChannel)?.peer;
            self.relay_to_peer(now, from, peer, payload)
        });
        self.counted(relayed)
    }

    pub(super) fn relay_send<'a>(&mut self, now: Instant, from: Client, message: &Message<'a>) -> Option<ToPeer<'a>> {
        let relayed = read_send(message).and_then(|(peer, payload)| self.relay_to_peer(now, from, peer, payload));
        self.counted(relayed)
    }

    fn counted<'a>(&mut self, relayed: Result<ToPeer<'a>, Discard>) -> Option<ToPeer<'a>> {
        relayed.inspect_err(|discard| self.counters.discard(*discard)).ok()
    }

    fn relay_to_peer<'a>(
        &mut self,
        now: Instant,
        from: Client,
        peer: SocketAddr,
        payload: &'a [u8],
    ) -> Result<ToPeer<'a>, Discard> {
        let is_own = self.is_own(peer.ip());
        let allocation = self.allocation_of(&from).ok_or(Discard::NoAllocation)?;
        let permitted = allocation.permits(peer.ip(), now);
        if !permitted {
            // The policy was asked when a permission was; here it only says why there is none.
            return Err(if self.judge_peer(peer) { Discard::NoPermission } else { Discard::RefusedPeer });
        }
        // A permission is for all ports of an address. Of our own ones only those are open that relay.
        if is_own && !self.judge_peer(peer) {
            return Err(Discard::RefusedPeer);
        }
        let allocation = self.allocation_of(&from).ok_or(Discard::NoAllocation)?;
        let relayed = allocation.relayed_for(peer.ip(), now).ok_or(Discard::NoAllocation)?;
        if !allocation.take(payload.len(), now) {
            return Err(Discard::Bandwidth);
        }
        allocation.bytes_to_peers += payload.len() as u64;
        allocation.reservation.tally().to_peers(payload.len());
        Ok(ToPeer { from: relayed, peer, payload })
    }

    /// Takes a datagram of so many bytes that came from a peer to a relayed address. Gives what goes before and behind it, and to whom.
    #[must_use]
    pub fn handle_peer(&mut self, now: Instant, to: RelayedId, peer: SocketAddr, length: usize) -> Option<ToClient> {
        let Some(Slot::Live(allocation)) = self.slots.get_mut(to.allocation.slot as usize) else { return None };
        if allocation.id != to.allocation || allocation.relayed_for(peer.ip(), now).is_none() {
            return None;
        }
        if !allocation.permits(peer.ip(), now) {
            self.counters.discard(Discard::StrangePeer);
            return None;
        }
        if !allocation.take(length, now) {
            self.counters.discard(Discard::Bandwidth);
            return None;
        }
        let client = allocation.client;
        let (header, padding) = match allocation.channel_of(peer, now) {
            Some(channel) => (channel_header(channel.number, length), stream_padding(client, length)),
            None => {
                self.indication = self.indication.wrapping_add(1);
                (indication_header(peer, length, self.indication), padding(length))
            }
        };
        allocation.bytes_to_client += length as u64;
        allocation.reservation.tally().to_clients(length);
        Some(ToClient { client, header, padding })
    }
}

/// Peer and data of a Send indication (RFC 8656 §11.2).
fn read_send<'a>(message: &Message<'a>) -> Result<(SocketAddr, &'a [u8]), Discard> {
    let (mut peer, mut payload, mut others) = (None, None, false);
    for (kind, value) in message.attributes() {
        match kind {
            attribute::XOR_PEER_ADDRESS => peer = peer.or(Some(value)),
            attribute::DATA => payload = payload.or(Some(value)),
            other => others |= attribute::must_be_understood(other),
        }
    }
    if others && unknown_attributes(message).is_some() {
        return Err(Discard::BadIndication);
    }
    let peer = peer.and_then(|value| read_xor_address(value, message.transaction_id()));
    peer.zip(payload).ok_or(Discard::BadIndication)
}

/// On a stream ChannelData is filled up to a multiple of four bytes (RFC 8656 §12.5).
fn stream_padding(client: Client, length: usize) -> usize {
    if client.transport.is_stream() { padding(length) } else { 0 }
}

fn channel_header(number: u16, length: usize) -> PeerHeader {
    PeerHeader::new(&[&number.to_be_bytes(), &field(length)])
}

/// A Data indication as far as its data.
fn indication_header(peer: SocketAddr, length: usize, transaction: u128) -> PeerHeader {
    let transaction_id: stun::TransactionId = *transaction.to_be_bytes().last_chunk().expect("16 bytes");
    let address_bytes = match Family::of(peer.ip()) {
        Family::V4 => 8,
        Family::V6 => 20,
    };
    let mut address = [0; 20];
    stun::write_xor_address(peer, &transaction_id, &mut address);
    let body = 4 + address_bytes + CHANNEL_HEADER_BYTES + length + padding(length);
    PeerHeader::new(&[
        &stun::DATA_INDICATION,
        &field(body),
        &stun::MAGIC_COOKIE.to_be_bytes(),
        &transaction_id,
        &attribute::XOR_PEER_ADDRESS.to_be_bytes(),
        &field(address_bytes),
        &address[..address_bytes],
        &attribute::DATA.to_be_bytes(),
        &field(length),
    ])
}

/// A length of 16 bits. No datagram is longer.
fn field(length: usize) -> [u8; 2] {
    u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes()
}
