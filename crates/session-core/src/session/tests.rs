use super::*;

const CONFIG: SessionConfig =
    SessionConfig { max_message_bytes: 200, max_sdp_bytes: 400, ping_interval: Duration::from_secs(25) };

struct Client {
    session: Session,
    now: Instant,
}

impl Client {
    fn new() -> Self {
        let now = Instant::now();
        Self { session: Session::new(0, now), now }
    }

    fn send<'a>(&mut self, json: &'a str) -> Verdict<'a> {
        self.session.handle_message(&CONFIG, Message::Text(json), self.now).verdict
    }

    /// Sends a chat message that is accepted.
    fn chat(&mut self, seq: u32) {
        let Verdict::Settle(settled, Kind::Chat(_)) = self.send(&format!(r#"{{"seq":{seq},"chat":{{"text":"x"}}}}"#))
        else {
            panic!("{seq} was not taken");
        };
        assert_eq!(settled, seq);
        self.session.settled(seq, self.now);
    }

    fn pass(&mut self, milliseconds: u64) -> Vec<Timer> {
        self.now += Duration::from_millis(milliseconds);
        let mut fired = Vec::new();
        while let Some(timer) = self.session.handle_timeout(&CONFIG, self.now) {
            fired.push(timer);
            match timer {
                Timer::Ack => assert_ne!(self.session.take_ack(), 0),
                Timer::Silence | Timer::GoAway | Timer::Overstayed => break,
                Timer::Ping | Timer::RefreshToken | Timer::RefreshIceServers => {}
            }
        }
        fired
    }

    fn refusal(&mut self, json: &str) -> (u32, String) {
        let verdict = self.send(json);
        let Verdict::Refuse(seq, error) = verdict else { panic!("{verdict:?}") };
        assert_eq!(seq, error.seq);
        self.session.settled(seq, self.now);
        (seq, error.code)
    }

    fn answer(&mut self, json: &str) -> (u32, String) {
        let verdict = self.send(json);
        let Verdict::Answer(error) = verdict else { panic!("{verdict:?}") };
        (error.seq, error.code)
    }
}

#[test]
fn acknowledgements_ride_on_what_is_sent_anyway() {
    let mut client = Client::new();
    assert_eq!(client.session.take_ack(), 0);
    client.chat(1);
    client.chat(2);
    assert_eq!(client.session.take_ack(), 2);
    assert_eq!(client.session.take_ack(), 0, "it is paid");
    assert_eq!(client.pass(1_000), []);
}

#[test]
fn an_acknowledgement_is_sent_alone_after_200_ms() {
    let mut client = Client::new();
    client.chat(1);
    assert_eq!(client.pass(199), []);
    assert_eq!(client.pass(1), [Timer::Ack]);
}

#[test]
fn an_acknowledgement_is_sent_alone_after_32_frames() {
    let mut client = Client::new();
    for seq in 1..32 {
        client.chat(seq);
    }
    assert_eq!(client.pass(0), []);
    client.chat(32);
    assert_eq!(client.pass(0), [Timer::Ack]);
}

#[test]
fn a_repeated_frame_is_acknowledged_silently() {
    let mut client = Client::new();
    client.chat(1);
    assert_eq!(client.session.take_ack(), 1);
    assert!(matches!(client.send(r#"{"seq":1,"chat":{"text":"x"}}"#), Verdict::Nothing));
    assert_eq!(client.session.take_ack(), 1);
}

#[test]
fn a_gap_is_answered_and_not_settled() {
    let mut client = Client::new();
    assert_eq!(client.answer(r#"{"seq":2,"chat":{"text":"x"}}"#), (2, "sequence_gap".to_owned()));
    client.chat(1);
}

#[test]
fn a_resumed_session_goes_on_behind_what_was_settled() {
    let mut client = Client::new();
    client.session = Session::new(7, client.now);
    assert!(matches!(client.send(r#"{"seq":7,"chat":{"text":"x"}}"#), Verdict::Nothing));
    client.chat(8);
}

#[test]
fn an_unknown_kind_is_refused_with_its_number_and_the_next_one_goes_on() {
    let mut client = Client::new();
    assert_eq!(client.refusal(r#"{"seq":1,"hologram":{"text":"x"}}"#), (1, "unsupported".to_owned()));
    assert_eq!(client.answer("{}"), (0, "unsupported".to_owned()));
    client.chat(2);
}

#[test]
fn only_offers_and_answers_may_be_long() {
    let mut client = Client::new();
    let long = "x".repeat(300);
    assert_eq!(client.refusal(&format!(r#"{{"seq":1,"chat":{{"text":"{long}"}}}}"#)), (1, "too_large".to_owned()));
    let offer = format!(r#"{{"seq":2,"offer":{{"sdp":"{long}"}}}}"#);
    assert!(matches!(client.send(&offer), Verdict::Forward(Directed { seq: 2, .. })));
}

#[test]
fn garbage_is_answered_and_too_much_of_it_closes() {
    let mut client = Client::new();
    for garbage in ["", "[", "7", "null", "{\"seq\":-1}", "{\"seq\":\"x\"}", "{\"chat\":7}", "{\"chat\":{\"text\":7}}"]
    {
        assert_eq!(client.answer(garbage), (0, "malformed".to_owned()), "{garbage}");
    }
    for _ in 8..15 {
        client.answer("garbage");
    }
    assert!(matches!(client.send("garbage"), Verdict::Close(_, CloseCode::PolicyViolation)));
}

#[test]
fn messages_of_the_other_format_are_garbage_too() {
    let mut client = Client::new();
    for _ in 1..16 {
        let verdict = client.session.handle_other_format("text", client.now);
        let Verdict::Answer(error) = verdict else { panic!("{verdict:?}") };
        assert_eq!((error.seq, error.code.as_str()), (0, "malformed"));
    }
    let verdict = client.session.handle_other_format("text", client.now);
    assert!(matches!(verdict, Verdict::Close(_, CloseCode::PolicyViolation)));
}

#[test]
fn an_acknowledgement_that_is_due_is_not_put_off_by_more_frames() {
    let mut client = Client::new();
    for seq in 1..=32 {
        client.chat(seq);
    }
    let due = client.session.poll_timeout(&CONFIG);
    assert_eq!(due, client.now);
    client.now += Duration::from_millis(1);
    client.chat(33);
    assert_eq!(client.session.poll_timeout(&CONFIG), due);
    assert_eq!(client.pass(0), [Timer::Ack]);
}

#[test]
fn what_must_be_numbered_is_refused_without_a_number() {
    let mut client = Client::new();
    assert_eq!(client.answer(r#"{"chat":{"text":"x"}}"#), (0, "invalid_argument".to_owned()));
    assert!(matches!(client.send(r#"{"ping":{"id":3}}"#), Verdict::Unnumbered(Kind::Ping(_))));
    assert!(matches!(client.send(r#"{"data":{"lossy":true}}"#), Verdict::Unnumbered(Kind::Data(_))));
    assert_eq!(client.answer(r#"{"data":{}}"#), (0, "invalid_argument".to_owned()));
}

#[test]
fn a_second_join_is_refused() {
    let mut client = Client::new();
    assert_eq!(client.answer(r#"{"join":{}}"#), (0, "already_joined".to_owned()));
    assert_eq!(client.answer(r#"{"resume":{}}"#), (0, "already_joined".to_owned()));
}

#[test]
fn cursors_are_read_off_any_frame_and_bad_ones_refused() {
    let mut client = Client::new();
    let received =
        client.session.handle_message(&CONFIG, Message::Text(r#"{"ackCursor":"1.2.3","ack":{}}"#), client.now);
    assert_eq!(received.acked, Some(Cursor { epoch: 1, log: 2, mail: 3 }));
    assert!(matches!(received.verdict, Verdict::Nothing));
    assert_eq!(client.answer(r#"{"ackCursor":"x","ack":{}}"#), (0, "invalid_argument".to_owned()));
    assert_eq!(client.refusal(r#"{"seq":1,"ackCursor":"x","chat":{}}"#), (1, "invalid_argument".to_owned()));
}

#[test]
fn silence_is_answered_by_a_ping_and_then_by_the_end() {
    let mut client = Client::new();
    assert_eq!(client.pass(24_999), []);
    assert_eq!(client.pass(1), [Timer::Ping]);
    assert_eq!(client.pass(24_999), []);
    assert_eq!(client.pass(1), [Timer::Silence]);
}

#[test]
fn any_sign_of_life_starts_the_silence_anew() {
    let mut client = Client::new();
    assert_eq!(client.pass(25_000), [Timer::Ping]);
    client.session.heard(client.now);
    assert_eq!(client.pass(24_999), []);
    assert_eq!(client.pass(1), [Timer::Ping]);
}

#[test]
fn refreshes_fire_once_at_their_time() {
    let mut client = Client::new();
    client.session.refresh_token_at(Some(client.now + Duration::from_secs(2)));
    client.session.refresh_ice_servers_at(Some(client.now + Duration::from_secs(3)));
    assert_eq!(client.session.poll_timeout(&CONFIG), client.now + Duration::from_secs(2));
    assert_eq!(client.pass(2_000), [Timer::RefreshToken]);
    assert_eq!(client.pass(1_000), [Timer::RefreshIceServers]);
    assert_eq!(client.pass(1_000), []);
}

#[test]
fn a_connection_is_moved_at_the_time_it_was_given_first() {
    let mut client = Client::new();
    client.session.go_away_at(client.now + Duration::from_secs(2));
    client.session.go_away_at(client.now + Duration::from_secs(5));
    assert_eq!(client.pass(1_999), []);
    assert_eq!(client.pass(1), [Timer::GoAway]);
    client.session.may_stay_until(client.now + Duration::from_secs(3));
    client.session.go_away_at(client.now);
    assert_eq!(client.pass(2_999), [], "it is asked once");
    client.chat(1);
    assert_eq!(client.pass(1), [Timer::Overstayed]);
}

#[test]
fn a_directed_frame_is_numbered_whichever_way_it_is_read() {
    let mut client = Client::new();
    let candidate =
        |seq: u32, sdp_mid: &str| format!(r#"{{"seq":{seq},"candidate":{{"to":"x","sdpMid":"{sdp_mid}"}}}}"#);
    assert_eq!(client.answer(&candidate(2, "0")), (2, "sequence_gap".to_owned()));
    assert_eq!(client.answer(&candidate(0, "0")), (0, "invalid_argument".to_owned()));
    assert!(matches!(client.send(&candidate(1, "0")), Verdict::Forward(Directed { seq: 1, .. })));
    client.session.settled(1, client.now);
    assert!(matches!(client.send(&candidate(1, "0")), Verdict::Nothing));
    assert!(matches!(client.send(&candidate(2, "\\u0030")), Verdict::Settle(2, Kind::Candidate(_))));
    client.session.settled(2, client.now);
    let long = candidate(3, &"x".repeat(300));
    assert_eq!(client.refusal(&long), (3, "too_large".to_owned()));
}
