//! JSON and binary on one socket.
//!
//! What many receive is encoded once: a [`Fragment`] holds a frame's kind in one format, and [`Fragment::assemble`] puts
//! the receiver's own `cursor` and `ackSeq` before it by copying bytes.

use bytes::Bytes;
use prost::Message as _;

use crate::v1::{ClientFrame, ServerFrame, server_frame};

/// How frames are written on a connection, chosen by `Sec-WebSocket-Protocol`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Format {
    /// Text frames with the proto3 JSON mapping.
    #[default]
    Json,
    /// Binary frames.
    Proto,
}

impl Format {
    /// The WebSocket subprotocol that asks for this format.
    #[must_use]
    pub fn subprotocol(self) -> &'static str {
        match self {
            Self::Json => "antiphon.v1.json",
            Self::Proto => "antiphon.v1.proto",
        }
    }
}

/// Why bytes are not a frame.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Not JSON, or not of the frame's shape.
    #[error("not a frame in JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// Not protobuf, or not of the frame's shape.
    #[error("not a frame in protobuf: {0}")]
    Proto(#[from] prost::DecodeError),
}

/// Reads a client's frame. Unknown fields are ignored; an unknown kind leaves `kind` empty.
///
/// # Errors
/// When the bytes are not of this format or a field has the wrong type.
pub fn decode_client(format: Format, bytes: &[u8]) -> Result<ClientFrame, DecodeError> {
    Ok(match format {
        Format::Json => serde_json::from_slice(bytes)?,
        Format::Proto => ClientFrame::decode(bytes)?,
    })
}

/// Reads a server's frame.
///
/// # Errors
/// When the bytes are not of this format or a field has the wrong type.
pub fn decode_server(format: Format, bytes: &[u8]) -> Result<ServerFrame, DecodeError> {
    Ok(match format {
        Format::Json => serde_json::from_slice(bytes)?,
        Format::Proto => ServerFrame::decode(bytes)?,
    })
}

/// Writes a client's frame.
#[must_use]
pub fn encode_client(format: Format, frame: &ClientFrame) -> Bytes {
    match format {
        Format::Json => serde_json::to_vec(frame).expect("a message without maps of other keys than strings").into(),
        Format::Proto => frame.encode_to_vec().into(),
    }
}

/// The kind of a server frame, encoded, without `cursor` and `ackSeq`. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    format: Format,
    bytes: Bytes,
}

impl Fragment {
    /// Encodes one kind.
    #[must_use]
    pub fn encode(format: Format, kind: server_frame::Kind) -> Self {
        let frame = ServerFrame { kind: Some(kind), ..ServerFrame::default() };
        let bytes = match format {
            Format::Json => to_json(&frame).into(),
            Format::Proto => frame.encode_to_vec().into(),
        };
        Self { format, bytes }
    }

    /// Takes back what [`Fragment::as_bytes`] gave.
    #[must_use]
    pub fn from_bytes(format: Format, bytes: Bytes) -> Self {
        Self { format, bytes }
    }

    /// The format it is in.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The encoded bytes: a whole frame that lacks `cursor` and `ackSeq`.
    #[must_use]
    pub fn as_bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The same kind in `format`, encoded again only if it has to be.
    ///
    /// # Errors
    /// When the bytes given to [`Fragment::from_bytes`] were no fragment.
    pub fn in_format(self, format: Format) -> Result<Self, DecodeError> {
        if self.format == format {
            return Ok(self);
        }
        let frame = decode_server(self.format, &self.bytes)?;
        Ok(match frame.kind {
            Some(kind) => Self::encode(format, kind),
            None => Self { format, bytes: Self::empty(format) },
        })
    }

    fn empty(format: Format) -> Bytes {
        match format {
            Format::Json => Bytes::from_static(b"{}"),
            Format::Proto => Bytes::new(),
        }
    }

    /// The frame as it goes to one receiver. An empty `cursor` and a zero `ack_seq` are left out.
    #[must_use]
    pub fn assemble(&self, cursor: &str, ack_seq: u32) -> Bytes {
        if cursor.is_empty() && ack_seq == 0 {
            return self.bytes.clone();
        }
        let mut frame = Vec::with_capacity(self.bytes.len() + cursor.len() + PREFIX_BYTES);
        match self.format {
            Format::Json => self.assemble_json(&mut frame, cursor, ack_seq),
            Format::Proto => {
                let prefix = ServerFrame { cursor: cursor.to_owned(), ack_seq, kind: None };
                prefix.encode(&mut frame).expect("a Vec grows");
                frame.extend_from_slice(&self.bytes);
            }
        }
        frame.into()
    }

    fn assemble_json(&self, frame: &mut Vec<u8>, cursor: &str, ack_seq: u32) {
        use std::io::Write as _;

        debug_assert!(cursor.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\'));
        frame.push(b'{');
        if !cursor.is_empty() {
            frame.extend_from_slice(b"\"cursor\":\"");
            frame.extend_from_slice(cursor.as_bytes());
            frame.extend_from_slice(b"\",");
        }
        if ack_seq != 0 {
            write!(frame, r#""ackSeq":{ack_seq},"#).expect("a Vec grows");
        }
        let rest = &self.bytes[1..];
        if rest == b"}" {
            frame.pop();
        }
        frame.extend_from_slice(rest);
    }
}

/// What `assemble` puts before a fragment, without the cursor's text.
const PREFIX_BYTES: usize = r#"{"cursor":"","ackSeq":4294967295,"#.len();

/// Serializes into one allocation: the binary size foretells the JSON's, but for field names and escapes.
fn to_json(frame: &ServerFrame) -> Vec<u8> {
    let binary = frame.encoded_len();
    let mut json = Vec::with_capacity(binary + binary / 8 + 128);
    serde_json::to_writer(&mut json, frame).expect("string keys only, and a Vec grows");
    json.shrink_to_fit();
    json
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1::{Ack, Pong};

    #[test]
    fn an_assembled_fragment_reads_as_the_whole_frame_in_both_formats() {
        for format in [Format::Json, Format::Proto] {
            for kind in [server_frame::Kind::Pong(Pong { id: 7 }), server_frame::Kind::Ack(Ack {})] {
                let fragment = Fragment::encode(format, kind.clone());
                for (cursor, ack_seq) in [("", 0), ("", 9), ("1-2-3", 0), ("1-2-3", 9)] {
                    let frame = decode_server(format, &fragment.assemble(cursor, ack_seq)).expect("a frame");
                    let expected = ServerFrame { cursor: cursor.to_owned(), ack_seq, kind: Some(kind.clone()) };
                    assert_eq!(frame, expected, "{format:?} {cursor:?} {ack_seq}");
                }
            }
        }
    }

    #[test]
    fn a_fragment_changes_format_without_changing_meaning() {
        let kind = server_frame::Kind::Pong(Pong { id: 7 });
        let json = Fragment::encode(Format::Json, kind.clone());
        let proto = json.clone().in_format(Format::Proto).expect("valid");
        assert_eq!(proto, Fragment::encode(Format::Proto, kind));
        assert_eq!(proto.in_format(Format::Json).expect("valid"), json);
    }
}
