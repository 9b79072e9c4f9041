//! What must hold for any bytes off the network. `fuzz/` searches for bytes for which it does not; `corpus/` keeps those that
//! once were interesting, and the tests replay them.

use crate::{Format, Fragment, decode_client, decode_server, encode_client, v1::ServerFrame};

const FORMATS: [Format; 2] = [Format::Json, Format::Proto];

/// Reads `bytes` as a client's frame in both formats. What is read survives being written and read again, in both.
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
    }
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
        for target in fs::read_dir(directory).expect("the corpora") {
            for file in fs::read_dir(target.expect("an entry").path()).expect("a corpus") {
                corpus.push(fs::read(file.expect("an entry").path()).expect("a readable file"));
            }
        }
        assert!(corpus.len() > 40, "only {}", corpus.len());
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
