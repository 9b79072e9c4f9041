//! What the clients say: each message tells by its content who wrote it, for whom, and which one it is.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use antiphon_protocol::{
    Sid,
    v1::{Answer, Candidate, Data, Offer, Participant, SendChat, client_frame, participant, server_frame},
};

use super::check::{Entry, Presence, Stamp};

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named by the protocol")]
pub enum Kind {
    Chat,
    Data,
    Offer,
    Answer,
    Candidate,
}

const TEXT: &str =
    "the quick brown fox jumps over the lazy dog and back again, while the others are still talking about it";
const SDP: &str = "v=0\r\no=- 4962303333179871722 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
                   m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=rtcp-mux\r\na=rtpmap:111 opus/48000/2\r\n";
const CANDIDATE: &str = "candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 10.0.0.17 rport 46154";
const TOPIC: &str = "verify";

/// Stands for the room where a recipient would.
const ROOM: &str = "*";

/// A message as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// What it is.
    pub kind: Kind,
    /// What its content says.
    pub stamp: Stamp,
    /// Its sender's `seq`, as the server gave it.
    pub seq: u32,
}

/// A message that nobody sent so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a damaged {kind:?} from {from} (seq {seq}): {what}")]
pub struct Damaged {
    kind: Kind,
    from: String,
    seq: u32,
    what: &'static str,
}

/// The frame that carries `stamp` as this kind. Offers, answers and candidates have a recipient.
#[must_use]
pub fn write(kind: Kind, stamp: &Stamp) -> client_frame::Kind {
    let text = postmark(stamp);
    let to = stamp.to.map(|to| to.to_string()).unwrap_or_default();
    match kind {
        Kind::Chat => client_frame::Kind::Chat(SendChat { text: format!("{text} {TEXT}"), to }),
        Kind::Data => client_frame::Kind::Data(Data {
            payload: format!("{text} {TEXT}").into(),
            topic: TOPIC.to_owned(),
            to: stamp.to.iter().map(Sid::to_string).collect(),
            ..Data::default()
        }),
        Kind::Offer => {
            client_frame::Kind::Offer(Offer { to, negotiation_id: text, sdp: SDP.to_owned(), ..Offer::default() })
        }
        Kind::Answer => {
            client_frame::Kind::Answer(Answer { to, negotiation_id: text, sdp: SDP.to_owned(), ..Answer::default() })
        }
        Kind::Candidate => client_frame::Kind::Candidate(Candidate {
            to,
            negotiation_id: text,
            candidate: Some(CANDIDATE.to_owned()),
            sdp_mid: Some("0".to_owned()),
            sdp_m_line_index: Some(0),
            ..Candidate::default()
        }),
    }
}

/// Reads whichever message a frame carries; `None` when it carries none.
///
/// # Errors
/// When it is not what its sender wrote.
pub fn read(kind: &server_frame::Kind) -> Option<Result<Letter, Damaged>> {
    Some(if let server_frame::Kind::Chat(chat) = kind {
        read_text(Kind::Chat, &chat.sid, chat.seq, Some(&chat.text))
    } else if let server_frame::Kind::Data(data) = kind {
        let payload = Some(&*data.payload).filter(|_| data.topic == TOPIC);
        read_text(Kind::Data, &data.from, data.seq, payload.and_then(|payload| str::from_utf8(payload).ok()))
    } else if let server_frame::Kind::Offer(offer) = kind {
        let text = Some(&*offer.negotiation_id).filter(|_| offer.sdp == SDP);
        read_postmark(Kind::Offer, &offer.from, offer.seq, text)
    } else if let server_frame::Kind::Answer(answer) = kind {
        let text = Some(&*answer.negotiation_id).filter(|_| answer.sdp == SDP);
        read_postmark(Kind::Answer, &answer.from, answer.seq, text)
    } else if let server_frame::Kind::Candidate(candidate) = kind {
        let is_whole = candidate.candidate.as_deref() == Some(CANDIDATE) && candidate.sdp_m_line_index == Some(0);
        let text = Some(&*candidate.negotiation_id).filter(|_| is_whole);
        read_postmark(Kind::Candidate, &candidate.from, candidate.seq, text)
    } else {
        return None;
    })
}

fn postmark(Stamp { from, to, number }: &Stamp) -> String {
    let to = to.map_or_else(|| ROOM.to_owned(), |to| to.to_string());
    format!("{from} {to} {number}")
}

fn read_text(kind: Kind, from: &str, seq: u32, text: Option<&str>) -> Result<Letter, Damaged> {
    read_postmark(kind, from, seq, text.and_then(|text| text.strip_suffix(TEXT)?.strip_suffix(' ')))
}

fn read_postmark(kind: Kind, from: &str, seq: u32, text: Option<&str>) -> Result<Letter, Damaged> {
    let damaged = |what| Damaged { kind, from: from.to_owned(), seq, what };
    let text = text.ok_or_else(|| damaged("its body is another"))?;
    let stamp = parse_postmark(text).ok_or_else(|| damaged("it has no postmark"))?;
    if stamp.from.as_str() != from {
        return Err(damaged("its content names another sender"));
    }
    Ok(Letter { kind, stamp, seq })
}

fn parse_postmark(text: &str) -> Option<Stamp> {
    let mut parts = text.split(' ');
    let from = parts.next()?.parse().ok()?;
    let to = match parts.next()? {
        ROOM => None,
        sid => Some(sid.parse().ok()?),
    };
    let number = parts.next()?.parse().ok()?;
    parts.next().is_none().then_some(Stamp { from, to, number })
}

/// A participant as a roster's entry; `None` where its sid is none.
#[must_use]
pub fn entry(participant: &Participant) -> Option<Entry> {
    let mut hasher = DefaultHasher::new();
    let Participant { identity, name, metadata, role, tracks, attributes, .. } = participant;
    let mut attributes: Vec<_> = attributes.iter().collect();
    attributes.sort();
    (identity, name, metadata, role, attributes, format!("{tracks:?}")).hash(&mut hasher);
    let connected = participant.state == participant::State::Connected as i32;
    Some((participant.sid.parse().ok()?, Presence { connected, digest: hasher.finish() }))
}

#[cfg(test)]
mod tests {
    use antiphon_protocol::v1::ChatMessage;

    use super::*;

    const KINDS: [Kind; 5] = [Kind::Chat, Kind::Data, Kind::Offer, Kind::Answer, Kind::Candidate];

    fn stamp(to: Option<u8>) -> Stamp {
        let sid = |bits| Sid::from_random([bits; 10]);
        Stamp { from: sid(1), to: to.map(sid), number: 17 }
    }

    /// As a server passes it on.
    fn passed_on(kind: client_frame::Kind, from: Sid) -> server_frame::Kind {
        let from = from.to_string();
        if let client_frame::Kind::Chat(chat) = kind {
            let SendChat { text, to } = chat;
            server_frame::Kind::Chat(ChatMessage { sid: from, text, to, seq: 5, ..ChatMessage::default() })
        } else if let client_frame::Kind::Data(data) = kind {
            server_frame::Kind::Data(Data { from, seq: 5, ..data })
        } else if let client_frame::Kind::Offer(offer) = kind {
            server_frame::Kind::Offer(Offer { from, seq: 5, ..offer })
        } else if let client_frame::Kind::Answer(answer) = kind {
            server_frame::Kind::Answer(Answer { from, seq: 5, ..answer })
        } else if let client_frame::Kind::Candidate(candidate) = kind {
            server_frame::Kind::Candidate(Candidate { from, seq: 5, ..candidate })
        } else {
            unreachable!("{kind:?}")
        }
    }

    #[test]
    fn a_message_says_by_its_content_who_wrote_it_for_whom_and_which_one() {
        for kind in KINDS {
            for to in [None, Some(2)] {
                let stamp = stamp(to);
                let letter = read(&passed_on(write(kind, &stamp), stamp.from)).expect("a message").expect("whole");
                assert_eq!(letter, Letter { kind, stamp, seq: 5 });
            }
        }
    }

    #[test]
    fn a_message_that_is_another_or_anothers_is_damaged() {
        let stamp = stamp(None);
        for kind in KINDS {
            let foreign = passed_on(write(kind, &stamp), Sid::from_random([9; 10]));
            assert!(read(&foreign).expect("a message").is_err(), "{kind:?}");
        }
        for text in ["", "hello", &format!("{} * 17 the quick", stamp.from), &format!("{} * x {TEXT}", stamp.from)] {
            let chat = ChatMessage { sid: stamp.from.to_string(), text: text.to_owned(), ..ChatMessage::default() };
            assert!(read(&server_frame::Kind::Chat(chat)).expect("a message").is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_roster_entry_differs_where_what_is_said_of_the_participant_does() {
        let someone = Participant { sid: Sid::from_random([1; 10]).to_string(), ..Participant::default() };
        let named = Participant { name: "Ada".to_owned(), ..someone.clone() };
        let one = entry(&someone).expect("a sid");
        assert_eq!(entry(&someone.clone()), Some(one));
        assert_ne!(entry(&named), Some(one));
        assert_eq!(entry(&Participant::default()), None);
    }
}
