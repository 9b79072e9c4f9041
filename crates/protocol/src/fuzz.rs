//! What must hold for any bytes off the network. `fuzz/` searches for bytes for which it does not; `corpus/` keeps those that
//! once were interesting, and the tests replay them.

use crate::{
    Directed, Format, Fragment, Sid, decode_client, decode_server, encode_client,
    v1::{ServerFrame, client_frame::Kind, server_frame},
};

const FORMATS: [Format; 2] = [Format::Json, Format::Proto];

/// Reads `bytes` as a client's frame in both formats. What is read survives being written and read again, in both; and what may
/// go the short way ([`Directed`]) arrives as it does by the long one.
///
/// # Panics
/// When it does not.
pub fn client_frame(bytes: &[u8]) {
    for frame in FORMATS.iter().filter_map(|format| decode_client(*format, bytes).ok()) {
        for format in FORMATS {
            let written = encode_client(format, &frame);
            let again = decode_client(format, &written).expect("what we write, we read");
            assert_eq!(again, frame, "{format:?}: {written:?}");
        }
        let written = encode_client(Format::Json, &frame);
        short_way(str::from_utf8(&written).expect("JSON is UTF-8"));
    }
    if let Ok(text) = str::from_utf8(bytes) {
        short_way(text);
    }
}

/// Whether `text` goes the short way, which then gives its recipient what the long way does.
pub(crate) fn short_way(text: &str) -> bool {
    let Some(directed) = Directed::read(text) else { return false };
    let frame = decode_client(Format::Json, text.as_bytes()).expect("the long way takes what the short one does");
    assert_eq!((frame.seq, frame.ack_cursor.as_str()), (directed.seq, directed.ack_cursor));
    let sender = Sid::from_random([7; 10]);
    let signed = |to: &mut String, from: &mut String, seq: &mut u32| {
        assert_eq!((to.as_str(), from.as_str()), (directed.to, directed.from));
        (*to, *from, *seq) = (String::new(), sender.to_string(), frame.seq);
    };
    let kind = match frame.kind {
        Some(Kind::Offer(mut offer)) => {
            signed(&mut offer.to, &mut offer.from, &mut offer.seq);
            server_frame::Kind::Offer(offer)
        }
        Some(Kind::Answer(mut answer)) => {
            signed(&mut answer.to, &mut answer.from, &mut answer.seq);
            server_frame::Kind::Answer(answer)
        }
        Some(Kind::Candidate(mut candidate)) => {
            signed(&mut candidate.to, &mut candidate.from, &mut candidate.seq);
            server_frame::Kind::Candidate(candidate)
        }
        other => panic!("no directed frame: {other:?}"),
    };
    let assembled = directed.forward(sender).assemble("1.2.3", 9);
    let arrived = decode_server(Format::Json, &assembled).expect("what we write, we read");
    assert_eq!(arrived, ServerFrame { cursor: "1.2.3".to_owned(), ack_seq: 9, kind: Some(kind) });
    true
}

/// Reads `bytes` as a server's frame in both formats. What is read survives being taken apart into a fragment, changing its
/// format and being put together again.
///
/// # Panics
/// When it does not.
pub fn server_frame(bytes: &[u8]) {
    for frame in FORMATS.iter().filter_map(|format| decode_server(*format, bytes).ok()) {
        let Some(kind) = frame.kind else { continue };
        let whole = ServerFrame { cursor: "1.2.3".to_owned(), ack_seq: frame.ack_seq, kind: Some(kind.clone()) };
        let [json, proto] = FORMATS.map(|format| Fragment::encode(format, kind.clone()));
        let there = proto.clone().in_format(Format::Json).expect("a fragment");
        assert_eq!(there, json, "{proto:?}");
        let and_back = there.in_format(Format::Proto).and_then(|proto| proto.in_format(Format::Json));
        assert_eq!(and_back.expect("a fragment"), json);
        for fragment in [json, proto] {
            let assembled = fragment.assemble(&whole.cursor, whole.ack_seq);
            let again = decode_server(fragment.format(), &assembled).expect("what we write, we read");
            assert_eq!(text(&again), text(&whole), "{assembled:?}");
        }
    }
}

/// Frames compare as text because NaN does not equal itself, and because the bits within a NaN have no place in JSON.
fn text(frame: &ServerFrame) -> String {
    serde_json::to_string(frame).expect("every frame can be written")
}

/// Both targets at once, for replaying.
#[cfg(test)]
fn both(bytes: &[u8]) {
    client_frame(bytes);
    server_frame(bytes);
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;
    use crate::v1::ClientFrame;

    fn corpus() -> Vec<Vec<u8>> {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
        let mut corpus = Vec::new();
        for target in ["client_frame", "server_frame"] {
            let before = corpus.len();
            for file in fs::read_dir(directory.join(target)).expect(target) {
                corpus.push(fs::read(file.expect("an entry").path()).expect("a readable file"));
            }
            assert!(corpus.len() - before >= 20, "{target}: only {}", corpus.len() - before);
        }
        corpus
    }

    #[test]
    fn the_corpora_hold() {
        corpus().iter().for_each(|bytes| both(bytes));
    }

    #[test]
    fn the_corpora_hold_when_cut_short_and_when_one_byte_is_wrong() {
        for bytes in corpus() {
            (0..bytes.len()).for_each(|end| both(&bytes[..end]));
            for position in 0..bytes.len().min(256) {
                for change in [0x01, 0x80, 0xff] {
                    let mut bytes = bytes.clone();
                    bytes[position] ^= change;
                    both(&bytes);
                }
            }
        }
    }

    #[test]
    fn a_frame_without_a_kind_survives() {
        for format in FORMATS {
            let written = encode_client(format, &ClientFrame { seq: 7, ..ClientFrame::default() });
            client_frame(&written);
        }
    }
}
