//! What is published in a room's channel.
//!
//! After an append: `h`, epoch and offset of the new head (8 bytes each, big endian), its tag and that of the head before (8 bytes each), the number of mailboxes
//! that closed (2 bytes; 65535: all of them) and their sids, then the new entries, each behind its length (4 bytes), where they
//! are small together. After a posting: `m`, the number of recipients (2 bytes), of each its sid and the position of the message
//! (8 bytes), then the message as it is stored, where it is small.

use antiphon_protocol::Sid;
use bytes::{Buf as _, Bytes};

use crate::{Epoch, Head, Mail, MailOffset, Offset, Tag};

/// News of a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Notice {
    /// The log has a new head.
    Head {
        head: Head,
        /// The head that the batch was appended to had this tag.
        before: Tag,
        closed: Closed,
        /// The entries up to the head that came with it; none where they are large.
        entries: Vec<Bytes>,
    },
    /// Mail was stored.
    Mail {
        recipients: Vec<(Sid, MailOffset)>,
        /// What it says; its offset is each recipient's own.
        mail: Option<Mail>,
    },
}

/// Mailboxes that are no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Closed {
    Some(Vec<Sid>),
    All,
}

const ALL: u16 = u16::MAX;

/// Bytes of a sid.
const SID: usize = 16;

impl Notice {
    /// Reads a notice; `None` where it is none.
    pub(super) fn read(mut message: Bytes) -> Option<Self> {
        match message.try_get_u8().ok()? {
            b'h' => read_head(message),
            b'm' => read_mail(message),
            _ => None,
        }
    }
}

fn read_head(mut message: Bytes) -> Option<Notice> {
    let epoch = Epoch(message.try_get_u64().ok()?);
    let offset = Offset(message.try_get_u64().ok()?);
    let tag = Tag(message.try_get_u64().ok()?);
    let before = Tag(message.try_get_u64().ok()?);
    let closed = match message.try_get_u16().ok()? {
        ALL => Closed::All,
        count => Closed::Some((0..count).map(|_| read_sid(&mut message)).collect::<Option<_>>()?),
    };
    let mut entries = Vec::new();
    while message.has_remaining() {
        let length = message.try_get_u32().ok()? as usize;
        if message.remaining() < length {
            return None;
        }
        entries.push(message.split_to(length));
    }
    Some(Notice::Head { head: Head { epoch, offset, tag }, before, closed, entries })
}

fn read_mail(mut message: Bytes) -> Option<Notice> {
    let count = message.try_get_u16().ok()?;
    let mut recipients = Vec::with_capacity(usize::from(count.min(64)));
    for _ in 0..count {
        recipients.push((read_sid(&mut message)?, MailOffset(message.try_get_u64().ok()?)));
    }
    let mail = if message.has_remaining() { Some(stored_mail(MailOffset(0), message)?) } else { None };
    Some(Notice::Mail { recipients, mail })
}

fn read_sid(message: &mut Bytes) -> Option<Sid> {
    if message.remaining() < SID {
        return None;
    }
    str::from_utf8(&message.split_to(SID)).ok()?.parse().ok()
}

/// A message as it is stored: after which entry it is given (8 bytes), its format (1 byte), its body.
pub(super) fn stored_mail(offset: MailOffset, mut stored: Bytes) -> Option<Mail> {
    let after = Offset(stored.try_get_u64().ok()?);
    let format = stored.try_get_u8().ok()?;
    Some(Mail { offset, after, format, body: stored })
}

/// As [`stored_mail`] reads it.
pub(super) fn to_stored(after: Offset, format: u8, body: &[u8]) -> Vec<u8> {
    let mut stored = Vec::with_capacity(9 + body.len());
    stored.extend_from_slice(&after.0.to_be_bytes());
    stored.push(format);
    stored.extend_from_slice(body);
    stored
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_with_what_closed_and_what_came() {
        let sid = Sid::from_random([3; 10]);
        let mut message = b"h".to_vec();
        for number in [7u64, 9, 11, 13] {
            message.extend_from_slice(&number.to_be_bytes());
        }
        message.extend_from_slice(&1u16.to_be_bytes());
        message.extend_from_slice(sid.as_str().as_bytes());
        for entry in ["a", ""] {
            message.extend_from_slice(&(entry.len() as u32).to_be_bytes());
            message.extend_from_slice(entry.as_bytes());
        }
        let head = Head { epoch: Epoch(7), offset: Offset(9), tag: Tag(11) };
        let entries = vec![Bytes::from_static(b"a"), Bytes::new()];
        let expected = Notice::Head { head, before: Tag(13), closed: Closed::Some(vec![sid]), entries };
        assert_eq!(Notice::read(message.clone().into()), Some(expected));
        for length in 0..message.len() - 4 {
            let cut = Notice::read(Bytes::copy_from_slice(&message[..length]));
            assert!(cut.is_none_or(|notice| matches!(notice, Notice::Head { .. })), "{length} bytes");
        }
    }

    #[test]
    fn mail_is_read_with_and_without_its_body() {
        let sid = Sid::from_random([4; 10]);
        let mut message = b"m".to_vec();
        message.extend_from_slice(&1u16.to_be_bytes());
        message.extend_from_slice(sid.as_str().as_bytes());
        message.extend_from_slice(&5u64.to_be_bytes());
        let recipients = vec![(sid, MailOffset(5))];
        let bare = Notice::Mail { recipients: recipients.clone(), mail: None };
        assert_eq!(Notice::read(message.clone().into()), Some(bare));
        message.extend_from_slice(&to_stored(Offset(3), 2, b"body"));
        let mail = Mail { offset: MailOffset(0), after: Offset(3), format: 2, body: Bytes::from_static(b"body") };
        assert_eq!(Notice::read(message.into()), Some(Notice::Mail { recipients, mail: Some(mail) }));
    }
}
