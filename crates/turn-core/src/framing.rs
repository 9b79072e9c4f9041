//! What comes from clients: STUN messages and ChannelData (RFC 8656 §12.4), on streams one behind the other (§12.5).

use crate::stun::padding;

/// Bytes of ChannelData before its data.
pub const CHANNEL_HEADER_BYTES: usize = 4;

/// The channel numbers that may be bound: those of RFC 5766 §11, whose clients still choose beyond 0x4FFF. RFC 8656 §12 ends there for
/// clients that speak DTLS at the same port (RFC 7983), which nobody does with this server.
pub const CHANNEL_NUMBERS: std::ops::RangeInclusive<u16> = 0x4000..=0x7fff;

/// The longest frame: what a length of 16 bits can say, with a STUN header.
pub const MAX_FRAME_BYTES: usize = 20 + 65_535;

/// A stream that is neither STUN nor ChannelData. Where the next frame begins is lost with it: close the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither STUN nor ChannelData")]
pub struct NotTurn;

/// A frame at the beginning of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// The frame's own bytes.
    pub length: usize,
    /// Its own bytes and those that fill it up to a multiple of four.
    pub padded: usize,
}

/// The frame that a stream's first four bytes announce; `None`: there are not four yet. ChannelData is padded to a multiple of four
/// bytes on streams (RFC 8656 §12.5).
///
/// # Errors
/// [`NotTurn`].
pub fn first_frame(stream: &[u8]) -> Result<Option<Frame>, NotTurn> {
    let Some(head) = stream.first_chunk::<4>() else { return Ok(None) };
    let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
    match head[0] >> 6 {
        0 if length.is_multiple_of(4) => {
            let length = length + crate::stun::HEADER_BYTES;
            Ok(Some(Frame { length, padded: length }))
        }
        1 => {
            let length = length + CHANNEL_HEADER_BYTES;
            Ok(Some(Frame { length, padded: length + padding(length) }))
        }
        _ => Err(NotTurn),
    }
}

/// Channel number and data; `None`: not ChannelData, or cut short. Bytes behind the data are allowed, as padding is (RFC 8656 §12.5).
#[must_use]
pub fn read_channel_data(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<CHANNEL_HEADER_BYTES>()?;
    let number = u16::from_be_bytes([head[0], head[1]]);
    let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
    CHANNEL_NUMBERS.contains(&number).then(|| rest.get(..length)).flatten().map(|data| (number, data))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_a_stream_are_told_apart_by_their_first_bits() {
        assert_eq!(first_frame(&[0, 1, 0]), Ok(None));
        assert_eq!(first_frame(&[0, 1, 0, 8]), Ok(Some(Frame { length: 28, padded: 28 })));
        assert_eq!(first_frame(&[0x40, 0, 0, 0]), Ok(Some(Frame { length: 4, padded: 4 })));
        assert_eq!(first_frame(&[0x40, 0, 0, 5]), Ok(Some(Frame { length: 9, padded: 12 })));
        assert_eq!(first_frame(&[0x7f, 0xff, 0xff, 0xff]), Ok(Some(Frame { length: 65_539, padded: 65_540 })));
        for stranger in [*b"\x80abc", *b"\xffabc", [0, 1, 0, 3]] {
            assert_eq!(first_frame(&stranger), Err(NotTurn), "{stranger:?}");
        }
    }

    #[test]
    fn channel_data_is_what_its_length_says() {
        assert_eq!(read_channel_data(&[0x40, 0, 0, 2, 7, 8, 0, 0]), Some((0x4000, &[7, 8][..])));
        assert_eq!(read_channel_data(&[0x7f, 0xff, 0, 0]), Some((0x7fff, &[][..])));
        assert_eq!(read_channel_data(&[0x40, 0, 0, 2, 7]), None);
        assert_eq!(read_channel_data(&[0x80, 0, 0, 0]), None);
        assert_eq!(read_channel_data(&[0x40, 0, 0]), None);
    }
}
