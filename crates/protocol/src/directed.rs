//! The short way for offers, answers and candidates in JSON: most of what a server relays, and most of its bytes are text that it
//! passes on as it stands. What reads here reads alike by [`decode_client`](crate::decode_client); what does not goes that way.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{Format, Fragment, Sid};

/// Bytes at the front in which the kind must be named: `seq` and `ackCursor` may stand before it.
const PREFIX: usize = 128;

/// An offer, answer or candidate whose values stay as they came.
#[derive(Debug, Clone)]
pub struct Directed<'a> {
    /// The frame's number.
    pub seq: u32,
    /// The frame's `ackCursor`; empty: none.
    pub ack_cursor: &'a str,
    /// Offer or answer, not a candidate.
    pub carries_sdp: bool,
    /// The recipient, as the client wrote it.
    pub to: &'a str,
    /// The sender, as the client wrote it; empty: not at all.
    pub from: &'a str,
    /// The length of the frame in bytes.
    pub len: usize,
    /// The kind's field: `offer`, `answer` or `candidate`.
    pub name: &'static str,
    values: [(&'static str, Option<&'a RawValue>); 6],
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Frame<'a> {
    #[serde(default)]
    seq: u32,
    #[serde(borrow, default)]
    ack_cursor: &'a str,
    #[serde(borrow)]
    offer: Option<Description<'a>>,
    #[serde(borrow)]
    answer: Option<Description<'a>>,
    #[serde(borrow)]
    candidate: Option<Candidate<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Description<'a> {
    #[serde(borrow, default)]
    to: &'a str,
    #[serde(borrow, default)]
    from: &'a str,
    #[serde(borrow)]
    negotiation_id: Option<&'a RawValue>,
    #[serde(borrow)]
    sdp: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Candidate<'a> {
    #[serde(borrow, default)]
    to: &'a str,
    #[serde(borrow, default)]
    from: &'a str,
    #[serde(borrow)]
    negotiation_id: Option<&'a RawValue>,
    #[serde(borrow)]
    candidate: Option<&'a RawValue>,
    #[serde(borrow)]
    sdp_mid: Option<&'a RawValue>,
    #[serde(rename = "sdpMLineIndex", borrow)]
    sdp_m_line_index: Option<&'a RawValue>,
    #[serde(borrow)]
    username_fragment: Option<&'a RawValue>,
}

impl<'a> Directed<'a> {
    /// Reads such a frame; `None`: it is another kind, or has anything about it that wants the long way.
    #[must_use]
    pub fn read(text: &'a str) -> Option<Self> {
        let front = &text.as_bytes()[..text.len().min(PREFIX)];
        let kinds = [b"\"offer\"".as_slice(), b"\"answer\"", b"\"candidate\""];
        if !kinds.iter().any(|kind| memchr::memmem::find(front, kind).is_some()) {
            return None;
        }
        let frame: Frame<'a> = serde_json::from_str(text).ok()?;
        let (name, to, from, values) = match (frame.offer, frame.answer, frame.candidate) {
            (Some(offer), None, None) => ("offer", offer.to, offer.from, offer.values()),
            (None, Some(answer), None) => ("answer", answer.to, answer.from, answer.values()),
            (None, None, Some(candidate)) => ("candidate", candidate.to, candidate.from, candidate.values()),
            _ => return None,
        };
        let plain = values.iter().all(|(name, value)| value.is_none_or(|value| passes(name, value.get())));
        let carries_sdp = name != "candidate";
        let (seq, ack_cursor, len) = (frame.seq, frame.ack_cursor, text.len());
        plain.then_some(Self { seq, ack_cursor, carries_sdp, to, from, len, name, values })
    }

    /// The frame as its recipient gets it.
    #[must_use]
    pub fn forward(&self, from: Sid) -> Fragment {
        use std::fmt::Write as _;

        let values = || self.values.iter().filter_map(|(name, value)| Some((*name, value.as_ref()?.get())));
        let bytes: usize = values().map(|(name, value)| name.len() + value.len() + 4).sum();
        let mut json = String::with_capacity(bytes + 80);
        write!(json, r#"{{"{}":{{"from":"{from}""#, self.name).expect("a String grows");
        for (name, value) in values().filter(|(_, value)| *value != "\"\"" || self.name == "candidate") {
            for part in [",\"", name, "\":", value] {
                json.push_str(part);
            }
        }
        if self.seq != 0 {
            write!(json, r#","seq":{}"#, self.seq).expect("a String grows");
        }
        json.push_str("}}");
        Fragment::from_bytes(Format::Json, json.into_bytes().into())
    }
}

type Values<'a> = [(&'static str, Option<&'a RawValue>); 6];

impl<'a> Description<'a> {
    fn values(&self) -> Values<'a> {
        let none = ("", None);
        [("negotiationId", self.negotiation_id), ("sdp", self.sdp), none, none, none, none]
    }
}

impl<'a> Candidate<'a> {
    fn values(&self) -> Values<'a> {
        [
            ("negotiationId", self.negotiation_id),
            ("candidate", self.candidate),
            ("sdpMid", self.sdp_mid),
            ("sdpMLineIndex", self.sdp_m_line_index),
            ("usernameFragment", self.username_fragment),
            ("", None),
        ]
    }
}

/// Whether a value may be passed on unread: a string without `\u`, whose surrogates would have to be looked at, or a small number
/// in plain digits.
fn passes(name: &str, value: &str) -> bool {
    if name == "sdpMLineIndex" {
        return value.len() < 10 && value.bytes().all(|byte| byte.is_ascii_digit());
    }
    value.starts_with('"') && memchr::memmem::find(value.as_bytes(), b"\\u").is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz::short_way;

    const TAKEN: &[&str] = &[
        r#"{"seq":1,"offer":{"to":"aaaaaaaaaaaaaaaa","negotiationId":"n1","sdp":"v=0\r\no=- \"x\" é\\n\/"}}"#,
        r#"{"seq":2,"ackCursor":"1.2.3","answer":{"sdp":"","to":"aaaaaaaaaaaaaaaa"}}"#,
        r#" { "answer" : { "to" : "a" } , "seq" : 3 } "#,
        r#"{"seq":4,"candidate":{"to":"x","candidate":"","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":""}}"#,
        r#"{"seq":4294967295,"candidate":{"to":"x","negotiationId":"","candidate":"candidate:1"}}"#,
        r#"{"seq":5,"candidate":{"to":"x","candidate":null,"sdpMid":null,"sdpMLineIndex":null}}"#,
    ];

    const LEFT: &[&str] = &[
        r#"{"seq":1,"chat":{"text":"\"offer\""}}"#,
        r#"{"seq":1,"offer":{"to":"x","sdp":"\u0041"}}"#,
        r#"{"seq":1,"offer":{"to":"x","sdp":"\ud800"}}"#,
        r#"{"seq":1,"offer":{"to":"x","sdp":7}}"#,
        r#"{"seq":null,"offer":{"to":"x"}}"#,
        r#"{"seq":"1","offer":{"to":"x"}}"#,
        r#"{"seq":1,"offer":{"to":"x"},"answer":{"to":"x"}}"#,
        r#"{"seq":1,"offer":{"to":"x"},"new":1}"#,
        r#"{"seq":1,"offer":{"to":"x","new":1}}"#,
        r#"{"seq":1,"offer":{"to":"x","negotiation_id":"n"}}"#,
        r#"{"seq":1,"candidate":{"to":"x","sdpMLineIndex":-1}}"#,
        r#"{"seq":1,"candidate":{"to":"x","sdpMLineIndex":1.0}}"#,
        r#"{"seq":1,"candidate":{"to":"x","sdpMLineIndex":4294967296}}"#,
        r#"{"seq":1,"offer":{"to":"x","sdp":"a"}} x"#,
        "{\"seq\":1,\"offer\":{\"to\":\"x\",\"sdp\":\"a\nb\"}}",
        r#"{"seq":1,"offer":{"to":"x","sdp":"a"#,
    ];

    #[test]
    fn what_is_taken_means_the_same_as_by_the_long_way() {
        for text in TAKEN {
            assert!(short_way(text), "not taken: {text}");
        }
    }

    #[test]
    fn whatever_wants_a_closer_look_is_left() {
        for text in LEFT {
            assert!(Directed::read(text).is_none(), "{text}");
        }
    }
}
