//! What reading and writing one frame costs: `cargo run --release -p antiphon-protocol --example codec_cost`.
//!
//! Prints `figure NAME VALUE UNIT`: the median of rounds that alternate between the cases.

#![expect(clippy::print_stdout, reason = "its purpose")]

use std::{fmt::Write as _, hint::black_box, time::Instant};

use antiphon_protocol::{
    Format, Fragment, decode_client, encode_client,
    v1::{Candidate, ChatMessage, ClientFrame, Offer, client_frame, server_frame},
};

const ROUNDS: usize = 21;
const CALLS: u32 = 2_000;

fn main() {
    let mut cases: Vec<(String, Box<dyn Fn()>)> = Vec::new();
    let frames = [("offer_3k", offer()), ("candidate", candidate())];
    for (name, frame) in frames {
        for (format_name, format) in [("json", Format::Json), ("proto", Format::Proto)] {
            let bytes = encode_client(format, &frame);
            let label = format!("{name}_{format_name}");
            println!("# {label}: {} bytes", bytes.len());
            cases.push((
                format!("{label}_decode_ns"),
                Box::new(move || {
                    black_box(decode_client(format, black_box(&bytes)).is_ok());
                }),
            ));
            let frame = frame.clone();
            cases.push((
                format!("{label}_encode_ns"),
                Box::new(move || {
                    black_box(encode_client(format, black_box(&frame)));
                }),
            ));
        }
    }
    let chat = Fragment::encode(Format::Json, server_frame::Kind::Chat(chat()));
    cases.push((
        "chat_json_assemble_ns".to_owned(),
        Box::new(move || {
            black_box(chat.assemble(black_box("1.12345.0"), black_box(4711)));
        }),
    ));

    let mut samples = vec![Vec::with_capacity(ROUNDS); cases.len()];
    for _ in 0..ROUNDS {
        for ((_, call), samples) in cases.iter().zip(&mut samples) {
            let start = Instant::now();
            (0..CALLS).for_each(|_| call());
            samples.push(start.elapsed() / CALLS);
        }
    }
    for ((name, _), mut samples) in cases.into_iter().zip(samples) {
        samples.sort();
        println!("figure {name} {} ns", samples[ROUNDS / 2].as_nanos());
    }
}

/// As a browser offers audio and video: short lines, so every forty bytes hold an escaped line break.
fn offer() -> ClientFrame {
    let mut sdp =
        "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n".to_owned();
    let mut payload_type = 96;
    while sdp.len() < 3_000 {
        let _ = write!(
            sdp,
            "a=rtpmap:{payload_type} H264/90000\r\na=rtcp-fb:{payload_type} nack pli\r\n\
             a=fmtp:{payload_type} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f\r\n"
        );
        payload_type += 1;
    }
    let offer = Offer { to: "gaytemzugu3doobz".into(), negotiation_id: "n1".into(), sdp, ..Offer::default() };
    ClientFrame { seq: 7, ack_cursor: "1.12345.0".into(), kind: Some(client_frame::Kind::Offer(offer)) }
}

fn candidate() -> ClientFrame {
    let candidate = Candidate {
        to: "gaytemzugu3doobz".into(),
        negotiation_id: "n1".into(),
        candidate: Some(
            "candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 0.0.0.0 rport 0".into(),
        ),
        sdp_mid: Some("0".into()),
        sdp_m_line_index: Some(0),
        username_fragment: Some("Yx3b".into()),
        ..Candidate::default()
    };
    ClientFrame { seq: 8, ack_cursor: String::new(), kind: Some(client_frame::Kind::Candidate(candidate)) }
}

fn chat() -> ChatMessage {
    ChatMessage { id: "1.3".into(), text: "hello".into(), sent_at_ms: 1_763_650_000_123.0, ..ChatMessage::default() }
}
