//! The packets that are relayed, by hand: ChannelData (RFC 8656 §12.4), Send and Data indications (§11).

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde::Serialize;

/// RFC 8489 §5.
const MAGIC_COOKIE: u32 = 0x2112_A442;
const STUN_HEADER_BYTES: usize = 20;
/// RFC 8656 §17 and §18.
const SEND_INDICATION: u16 = 0x0016;
const DATA_INDICATION: u16 = 0x0017;
const XOR_PEER_ADDRESS: u16 = 0x0012;
const DATA: u16 = 0x0013;
/// RFC 8489 §14.1.
const FAMILY_IPV4: u16 = 0x0001;
/// RFC 8656 §12.
pub(super) const FIRST_CHANNEL: u16 = 0x4000;
const LAST_CHANNEL: u16 = 0x4FFF;

/// How packets travel between a client and its relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Carriage {
    /// Over a channel, with four bytes more than they have.
    ChannelData,
    /// In Send and Data indications: what libwebrtc sends before it has a channel.
    Indication,
}

impl Carriage {
    /// Its name in reports and figures.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ChannelData => "channel_data",
            Self::Indication => "indication",
        }
    }
}

/// What came from the relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relayed<'a> {
    ChannelData { channel: u16, data: &'a [u8] },
    Indication { peer: SocketAddr, data: &'a [u8] },
}

/// The channel of allocation number `index`. Channels are each allocation's own; they differ so that a mix-up shows.
pub(super) fn channel_of(index: u32) -> u16 {
    let channels = u32::from(LAST_CHANNEL - FIRST_CHANNEL) + 1;
    FIRST_CHANNEL + (index % channels) as u16
}

/// The head of a ChannelData message, whose data follows. Over UDP nothing pads it.
pub(super) fn write_channel_head(channel: u16, data_bytes: usize, into: &mut Vec<u8>) {
    into.extend_from_slice(&channel.to_be_bytes());
    into.extend_from_slice(&(data_bytes as u16).to_be_bytes());
}

/// A Send indication whose DATA `write_data` appends.
pub(super) fn write_send_indication(
    transaction: u64,
    peer: SocketAddr,
    data_bytes: usize,
    into: &mut Vec<u8>,
    write_data: impl FnOnce(&mut Vec<u8>),
) {
    let IpAddr::V4(address) = peer.ip() else { unreachable!("peers are bound to an IPv4 address") };
    let padding = data_bytes.next_multiple_of(4) - data_bytes;
    let attributes = 4 + 8 + 4 + data_bytes + padding;
    into.extend_from_slice(&SEND_INDICATION.to_be_bytes());
    into.extend_from_slice(&(attributes as u16).to_be_bytes());
    into.extend_from_slice(&MAGIC_COOKIE.to_be_bytes());
    into.extend_from_slice(&[0; 4]);
    into.extend_from_slice(&transaction.to_be_bytes());
    into.extend_from_slice(&XOR_PEER_ADDRESS.to_be_bytes());
    into.extend_from_slice(&8_u16.to_be_bytes());
    into.extend_from_slice(&FAMILY_IPV4.to_be_bytes());
    into.extend_from_slice(&(peer.port() ^ (MAGIC_COOKIE >> 16) as u16).to_be_bytes());
    into.extend_from_slice(&(u32::from(address) ^ MAGIC_COOKIE).to_be_bytes());
    into.extend_from_slice(&DATA.to_be_bytes());
    into.extend_from_slice(&(data_bytes as u16).to_be_bytes());
    write_data(into);
    into.extend_from_slice(&[0; 3][..padding]);
}

/// `None`: something else, such as an answer to a request.
pub(super) fn read_relayed(bytes: &[u8]) -> Option<Relayed<'_>> {
    let (kind, rest) = read_u16(bytes)?;
    if (FIRST_CHANNEL..=LAST_CHANNEL).contains(&kind) {
        let (length, data) = read_u16(rest)?;
        // The server may pad it, over UDP too.
        let data = data.get(..usize::from(length))?;
        return Some(Relayed::ChannelData { channel: kind, data });
    }
    if kind != DATA_INDICATION {
        return None;
    }
    let (mut peer, mut data) = (None, None);
    let mut attributes = bytes.get(STUN_HEADER_BYTES..)?;
    while let Some((kind, rest)) = read_u16(attributes) {
        let (length, rest) = read_u16(rest)?;
        let value = rest.get(..usize::from(length))?;
        match kind {
            XOR_PEER_ADDRESS => peer = read_xor_address(value),
            DATA => data = Some(value),
            _ => {}
        }
        attributes = rest.get(usize::from(length).next_multiple_of(4)..).unwrap_or_default();
    }
    Some(Relayed::Indication { peer: peer?, data: data? })
}

fn read_u16(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (head, rest) = bytes.split_first_chunk()?;
    Some((u16::from_be_bytes(*head), rest))
}

fn read_xor_address(value: &[u8]) -> Option<SocketAddr> {
    let (family, rest) = read_u16(value)?;
    let (port, address) = read_u16(rest)?;
    let address = u32::from_be_bytes(address.try_into().ok()?) ^ MAGIC_COOKIE;
    let port = port ^ (MAGIC_COOKIE >> 16) as u16;
    (family == FAMILY_IPV4).then(|| SocketAddr::new(IpAddr::V4(Ipv4Addr::from(address)), port))
}

#[cfg(test)]
mod tests {
    use stun_types::{
        attribute::AttributeType,
        message::{Message, MessageWriteVec},
        prelude::*,
    };
    use turn_types::{
        attribute::{Data, XorPeerAddress},
        channel::ChannelData,
        message as method,
    };

    use super::*;

    const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 9)), 40_000);

    #[test]
    fn a_send_indication_is_what_a_stun_library_reads() {
        let mut bytes = Vec::new();
        write_send_indication(7, PEER, 5, &mut bytes, |into| into.extend_from_slice(b"hello"));
        let message = Message::from_bytes(&bytes).expect("a STUN message");
        assert!(message.has_method(method::SEND), "{message}");
        let peer = message.attribute::<XorPeerAddress>().expect("a peer").addr(message.transaction_id());
        assert_eq!(peer, PEER);
        assert_eq!(message.attribute::<Data<'_>>().expect("data").data(), b"hello");
        assert_eq!(bytes.len() % 4, 0);
    }

    #[test]
    fn a_data_indication_that_a_stun_library_wrote_is_read() {
        let mut indication = Message::builder_indication(method::DATA, MessageWriteVec::new());
        let peer = XorPeerAddress::new(PEER, indication.transaction_id());
        indication.add_attribute(&Data::new(b"hello")).expect("room");
        indication.add_attribute(&peer).expect("room");
        let bytes = indication.finish();
        let read = read_relayed(&bytes);
        assert_eq!(read, Some(Relayed::Indication { peer: PEER, data: b"hello" }));
        assert_eq!(read_relayed(&bytes[..bytes.len() - 4]), None, "cut within the address");
    }

    #[test]
    fn channel_data_is_what_a_turn_library_reads_and_writes() {
        let mut bytes = Vec::new();
        write_channel_head(channel_of(3), 5, &mut bytes);
        bytes.extend_from_slice(b"hello");
        let parsed = ChannelData::parse(&bytes).expect("channel data");
        assert_eq!((parsed.id(), parsed.data()), (0x4003, &b"hello"[..]));
        let expected = Some(Relayed::ChannelData { channel: 0x4003, data: b"hello" });
        assert_eq!(read_relayed(&bytes), expected);
        assert_eq!(read_relayed(&[&bytes[..], &[0; 3]].concat()), expected, "padded");
        assert_eq!(read_relayed(&bytes[..8]), None, "cut");
    }

    #[test]
    fn an_answer_to_a_request_is_not_relayed() {
        let request = Message::builder_request(method::ALLOCATE, MessageWriteVec::new()).finish();
        assert_eq!(read_relayed(&request), None);
        assert_eq!(read_relayed(&[]), None);
        assert_eq!(AttributeType::new(DATA), Data::TYPE);
    }
}
