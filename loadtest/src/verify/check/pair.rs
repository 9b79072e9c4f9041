//! One sender and one reader: whether what was due has come.

use antiphon_protocol::Sid;

use super::{
    Ending,
    session::{Link, Session},
    stream::{Fate, Record, Stream, Track},
};

/// Who a reader is to the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// Another participant.
    Other,
    /// The sender: it is shown only what is echoed.
    Sender,
}

impl Reader {
    pub(super) fn of(sender: Sid, reader: Sid) -> Self {
        if sender == reader { Self::Sender } else { Self::Other }
    }
}

/// The numbers of `stream` that were accepted, were due to `reader`, and never came.
pub(super) fn lost<'a>(
    stream: &'a Stream,
    track: Option<&'a Track>,
    reader: &'a Session,
    is_room: bool,
    whose: Reader,
) -> impl Iterator<Item = (u32, &'a Record)> {
    stream.iter().filter(move |(number, record)| {
        let Fate::Accepted(accepted) = record.fate else { return false };
        if !is_missing(*number, record, track, reader, whose) {
            return false;
        }
        let is_tail = track.is_none_or(|track| *number > track.last());
        !is_tail
            || match reader.link {
                Link::Connected { .. } => true,
                // Mail that is not read when a session ends is gone with it; the log was to be shown up to its end.
                Link::Over { ending: Ending::Left, .. } => {
                    is_room && reader.leaving.is_some_and(|leaving| accepted < leaving)
                }
                Link::Cut | Link::Over { .. } => false,
            }
    })
}

/// Whether an accepted message has not come, and was sent when the reader was there: it may still be under way.
pub(super) fn is_missing(number: u32, record: &Record, track: Option<&Track>, reader: &Session, whose: Reader) -> bool {
    let is_for_reader = whose == Reader::Other || record.echoed;
    let is_passed_over = track.is_some_and(|track| track.is_passed_over(number));
    let is_delivered = track.is_some_and(|track| track.is_delivered(number));
    is_for_reader && !is_delivered && (is_passed_over || record.sent > reader.due_from)
}
