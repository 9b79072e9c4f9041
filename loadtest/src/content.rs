//! What the clients say to each other: messages of a browser's size, each with a number that tells it from the others.

use antiphon_protocol::v1::{
    Answer, Candidate, ChatMessage, Data, Offer, SendChat, ServerFrame, client_frame, server_frame,
};
use bytes::Bytes;

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[expect(missing_docs, reason = "named by the protocol")]
pub enum Kind {
    Offer,
    Answer,
    Candidate,
    Chat,
    Data,
}

/// Bytes of a browser's offer with audio, video and a data channel.
const SDP_BYTES: usize = 3_000;
/// Bytes of a chat message's text.
const TEXT_BYTES: usize = 300;
const CANDIDATE: &str = "candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 10.0.0.17 rport 46154 \
                         generation 0 ufrag EsAw network-cost 999";
const FRAGMENT: &str = "EsAw";
const SDP_HEAD: &str = "v=0\r\no=- 4962303333179871722 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n\
                        m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=rtcp-mux\r\n";
const SDP_LINE: &str = "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n";

/// A message as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    /// What it is.
    pub kind: Kind,
    /// Which one.
    pub number: u32,
    /// The sender's address, as the server gave it.
    pub from: String,
    /// The sender's `seq`, as the server gave it.
    pub seq: u32,
    /// The rest is as it was sent.
    pub intact: bool,
}

/// The bodies that all messages of a run have.
#[derive(Debug)]
pub struct Content {
    sdp: String,
    text: String,
    payload: Bytes,
}

impl Content {
    /// Messages of so many bytes of SDP or text; a browser's sizes where `None`.
    #[must_use]
    pub fn new(message_bytes: Option<usize>) -> Self {
        let mut sdp = SDP_HEAD.to_owned();
        while sdp.len() + SDP_LINE.len() <= message_bytes.unwrap_or(SDP_BYTES) {
            sdp.push_str(SDP_LINE);
        }
        let text = "the quick brown fox jumps over the lazy dog "
            .chars()
            .cycle()
            .take(message_bytes.unwrap_or(TEXT_BYTES))
            .collect::<String>();
        Self { sdp, payload: Bytes::from(text.clone()), text }
    }

    /// The message as an Antiphon client sends it; `to` empty: to the room.
    #[must_use]
    pub fn from_client(&self, kind: Kind, number: u32, to: &str) -> client_frame::Kind {
        match kind {
            Kind::Offer => client_frame::Kind::Offer(Offer { to: to.to_owned(), ..self.offer(number) }),
            Kind::Answer => client_frame::Kind::Answer(Answer { to: to.to_owned(), ..self.answer(number) }),
            Kind::Candidate => client_frame::Kind::Candidate(Candidate { to: to.to_owned(), ..candidate(number) }),
            Kind::Chat => client_frame::Kind::Chat(SendChat { text: self.numbered(number), to: to.to_owned() }),
            Kind::Data => {
                let to = if to.is_empty() { Vec::new() } else { vec![to.to_owned()] };
                client_frame::Kind::Data(Data { to, ..self.data(number) })
            }
        }
    }

    /// The same message as an Antiphon server delivers it: what the floor carries, so that both carry the same bytes.
    #[must_use]
    pub fn from_server(&self, kind: Kind, number: u32, from: &str) -> server_frame::Kind {
        let from = from.to_owned();
        match kind {
            Kind::Offer => server_frame::Kind::Offer(Offer { from, ..self.offer(number) }),
            Kind::Answer => server_frame::Kind::Answer(Answer { from, ..self.answer(number) }),
            Kind::Candidate => server_frame::Kind::Candidate(Candidate { from, ..candidate(number) }),
            Kind::Chat => server_frame::Kind::Chat(ChatMessage {
                sid: from,
                text: self.numbered(number),
                ..ChatMessage::default()
            }),
            Kind::Data => server_frame::Kind::Data(Data { from, ..self.data(number) }),
        }
    }

    /// Reads an offer.
    #[must_use]
    pub fn read_offer(&self, offer: Offer) -> Parcel {
        let (number, numbered) = read_number(&offer.negotiation_id);
        let intact = numbered && offer.sdp == self.sdp;
        Parcel { kind: Kind::Offer, number, from: offer.from, seq: offer.seq, intact }
    }

    /// Reads an answer.
    #[must_use]
    pub fn read_answer(&self, answer: Answer) -> Parcel {
        let (number, numbered) = read_number(&answer.negotiation_id);
        let intact = numbered && answer.sdp == self.sdp;
        Parcel { kind: Kind::Answer, number, from: answer.from, seq: answer.seq, intact }
    }

    /// Reads a candidate.
    #[must_use]
    pub fn read_candidate(&self, received: Candidate) -> Parcel {
        let (number, numbered) = read_number(&received.negotiation_id);
        let sent = candidate(number);
        let intact = numbered
            && received.candidate == sent.candidate
            && received.sdp_mid == sent.sdp_mid
            && received.sdp_m_line_index == sent.sdp_m_line_index
            && received.username_fragment == sent.username_fragment;
        Parcel { kind: Kind::Candidate, number, from: received.from, seq: received.seq, intact }
    }

    /// Reads a chat message.
    #[must_use]
    pub fn read_chat(&self, chat: ChatMessage) -> Parcel {
        let (digits, text) = chat.text.split_once(' ').unwrap_or_default();
        let (number, numbered) = read_number(digits);
        Parcel { kind: Kind::Chat, number, intact: numbered && text == self.text, from: chat.sid, seq: chat.seq }
    }

    /// Reads data.
    #[must_use]
    pub fn read_data(&self, data: Data) -> Parcel {
        let (number, numbered) = read_number(&data.topic);
        let intact = numbered && data.payload == self.payload;
        Parcel { kind: Kind::Data, number, intact, from: data.from, seq: data.seq }
    }

    /// Reads whichever message a frame carries; `None` when it carries none.
    #[must_use]
    pub fn read(&self, frame: ServerFrame) -> Option<Parcel> {
        match frame.kind {
            Some(server_frame::Kind::Offer(offer)) => Some(self.read_offer(offer)),
            Some(server_frame::Kind::Answer(answer)) => Some(self.read_answer(answer)),
            Some(server_frame::Kind::Candidate(candidate)) => Some(self.read_candidate(candidate)),
            Some(server_frame::Kind::Chat(chat)) => Some(self.read_chat(chat)),
            Some(server_frame::Kind::Data(data)) => Some(self.read_data(data)),
            Some(_) | None => None,
        }
    }

    fn offer(&self, number: u32) -> Offer {
        Offer { negotiation_id: number.to_string(), sdp: self.sdp.clone(), ..Offer::default() }
    }

    fn answer(&self, number: u32) -> Answer {
        Answer { negotiation_id: number.to_string(), sdp: self.sdp.clone(), ..Answer::default() }
    }

    fn numbered(&self, number: u32) -> String {
        format!("{number} {}", self.text)
    }

    fn data(&self, number: u32) -> Data {
        Data { topic: number.to_string(), payload: self.payload.clone(), ..Data::default() }
    }
}

fn candidate(number: u32) -> Candidate {
    Candidate {
        negotiation_id: number.to_string(),
        candidate: Some(CANDIDATE.to_owned()),
        sdp_mid: Some("0".to_owned()),
        sdp_m_line_index: Some(0),
        username_fragment: Some(FRAGMENT.to_owned()),
        ..Candidate::default()
    }
}

fn read_number(digits: &str) -> (u32, bool) {
    digits.parse().map_or((0, false), |number| (number, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(content: &Content) -> Offer {
        let kind = content.from_server(Kind::Offer, 7, "ada");
        let server_frame::Kind::Offer(offer) = kind else { unreachable!("{kind:?}") };
        offer
    }

    #[test]
    fn a_message_that_came_as_it_was_sent_is_intact() {
        let content = Content::new(None);
        let parcel = content.read_offer(offer(&content));
        assert_eq!(parcel, Parcel { kind: Kind::Offer, number: 7, from: "ada".to_owned(), seq: 0, intact: true });
    }

    #[test]
    fn a_changed_or_unnumbered_message_is_not_intact() {
        let content = Content::new(None);
        let cut = Offer { sdp: "v=0".to_owned(), ..offer(&content) };
        let unnumbered = Offer { negotiation_id: String::new(), ..offer(&content) };
        assert!(!content.read_offer(cut).intact);
        assert!(!content.read_offer(unnumbered).intact);
        let chat = ChatMessage { text: "7 something else".to_owned(), ..ChatMessage::default() };
        assert!(!content.read_chat(chat).intact);
        let lost_zero = Candidate { sdp_m_line_index: None, ..candidate(7) };
        assert!(!content.read_candidate(lost_zero).intact);
    }

    #[test]
    fn messages_have_about_the_size_that_was_asked_for() {
        let content = Content::new(Some(1_000));
        assert_eq!(content.text.len(), 1_000);
        assert!((900..=1_000).contains(&content.sdp.len()));
        assert!((2_900..=3_000).contains(&Content::new(None).sdp.len()));
    }
}
