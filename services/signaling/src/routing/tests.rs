use super::*;

fn sid_of(number: u8) -> Sid {
    Sid::from_random([number; 10])
}

fn ada() -> Sender {
    Sender {
        sid: sid_of(1),
        identity: "ada".parse().expect("a name"),
        name: "Ada".to_owned(),
        waiting: false,
        moderator: false,
        chat: true,
        media: true,
    }
}

fn routed(sender: &Sender, kind: client_frame::Kind) -> Result<Route, (String, String)> {
    route(kind, sender, 7, &RoomConfig::default(), 1_000.0).map_err(|error| (error.code, error.field))
}

fn direct(to: Recipients, kind: server_frame::Kind) -> Result<Route, (String, String)> {
    Ok(Route::Direct(to, Box::new(kind)))
}

fn refusal(code: ErrorCode, field: &str) -> Result<Route, (String, String)> {
    Err((code.to_string(), field.to_owned()))
}

fn chat(text: &str, to: &str) -> client_frame::Kind {
    client_frame::Kind::Chat(v1::SendChat { text: text.to_owned(), to: to.to_owned() })
}

fn data(to: &[Sid], lossy: bool) -> v1::Data {
    let to = to.iter().map(Sid::to_string).collect();
    v1::Data { payload: b"x".to_vec().into(), topic: "t".to_owned(), to, lossy, ..v1::Data::default() }
}

#[test]
fn a_directed_frame_goes_to_its_recipient_under_its_senders_name_and_number() {
    let (me, bob) = (sid_of(1), sid_of(2));
    let frame = |to: &str, from: &str, seq| v1::Offer {
        to: to.to_owned(),
        from: from.to_owned(),
        negotiation_id: "n".to_owned(),
        sdp: "v=0".to_owned(),
        seq,
    };
    let expected = || direct(Recipients::One(bob), server_frame::Kind::Offer(frame("", me.as_str(), 7)));
    for from in ["", me.as_str()] {
        // The number that a client writes into its offer means nothing.
        let offer = client_frame::Kind::Offer(frame(bob.as_str(), from, 99));
        assert_eq!(routed(&ada(), offer), expected());
    }
    let forged = client_frame::Kind::Offer(frame(bob.as_str(), bob.as_str(), 0));
    assert_eq!(routed(&ada(), forged), refusal(ErrorCode::ForgedSender, "from"));
    for to in ["", "bob", "AAAAAAAAAAAAAAAA"] {
        let offer = client_frame::Kind::Offer(frame(to, "", 0));
        assert_eq!(routed(&ada(), offer), refusal(ErrorCode::InvalidArgument, "to"));
    }
}

#[test]
fn who_has_no_media_or_waits_negotiates_nothing() {
    let kinds = || {
        let to = sid_of(2).to_string();
        [
            client_frame::Kind::Offer(v1::Offer { to: to.clone(), ..v1::Offer::default() }),
            client_frame::Kind::Answer(v1::Answer { to: to.clone(), ..v1::Answer::default() }),
            client_frame::Kind::Candidate(v1::Candidate { to, ..v1::Candidate::default() }),
        ]
    };
    for kind in kinds() {
        let no_media = Sender { media: false, ..ada() };
        assert_eq!(routed(&no_media, kind), refusal(ErrorCode::PermissionDenied, ""));
    }
    for kind in kinds() {
        assert_eq!(routed(&Sender { waiting: true, ..ada() }, kind), refusal(ErrorCode::Waiting, ""));
    }
}

#[test]
fn chat_to_everyone_goes_through_the_room_and_private_chat_past_it() {
    let (me, bob) = (sid_of(1), sid_of(2));
    let id = format!("{me}-7");
    let expected = Route::Room(Command::Chat { id: id.clone(), text: "hi".to_owned() });
    assert_eq!(routed(&ada(), chat("hi", "")), Ok(expected));
    let message = |to: Sid| {
        server_frame::Kind::Chat(v1::ChatMessage {
            id: id.clone(),
            sid: me.to_string(),
            identity: "ada".to_owned(),
            name: "Ada".to_owned(),
            text: "hi".to_owned(),
            sent_at_ms: 1_000.0,
            to: to.to_string(),
            seq: 7,
        })
    };
    assert_eq!(routed(&ada(), chat("hi", bob.as_str())), direct(Recipients::Many(vec![bob, me]), message(bob)));
    assert_eq!(routed(&ada(), chat("hi", me.as_str())), direct(Recipients::Many(vec![me]), message(me)));
    assert_eq!(routed(&ada(), chat("", bob.as_str())), refusal(ErrorCode::InvalidArgument, "text"));
    let silent = Sender { chat: false, ..ada() };
    assert_eq!(routed(&silent, chat("hi", bob.as_str())), refusal(ErrorCode::PermissionDenied, ""));
}

#[test]
fn data_goes_where_its_recipients_and_its_worth_say() {
    let (me, bob, carol) = (sid_of(1), sid_of(2), sid_of(3));
    let to_room = Route::Room(Command::Data { topic: "t".to_owned(), payload: b"x".to_vec() });
    assert_eq!(routed(&ada(), client_frame::Kind::Data(data(&[], false))), Ok(to_room));
    let shown = |lossy| v1::Data { from: me.to_string(), seq: 7, ..data(&[], lossy) };
    let twice = data(&[carol, bob, carol], false);
    let expected = direct(Recipients::Many(vec![bob, carol]), server_frame::Kind::Data(shown(false)));
    assert_eq!(routed(&ada(), client_frame::Kind::Data(twice)), expected);
    let lossy = data(&[carol, bob, carol], true);
    assert_eq!(routed(&ada(), client_frame::Kind::Data(lossy)), Ok(Route::Lossy(vec![bob, carol], shown(true))));
    let forged = v1::Data { from: bob.to_string(), ..data(&[], false) };
    assert_eq!(routed(&ada(), client_frame::Kind::Data(forged)), refusal(ErrorCode::ForgedSender, "from"));
    let nobody = v1::Data { to: vec!["nobody".to_owned()], ..data(&[], false) };
    assert_eq!(routed(&ada(), client_frame::Kind::Data(nobody)), refusal(ErrorCode::InvalidArgument, "to"));
    let silent = Sender { chat: false, ..ada() };
    let kind = client_frame::Kind::Data(data(&[], true));
    assert_eq!(routed(&silent, kind), refusal(ErrorCode::PermissionDenied, ""));
}

#[test]
fn the_topic_of_data_is_bounded_wherever_the_data_goes() {
    let longest = RoomConfig::default().max_name_bytes;
    for (to, lossy) in [(vec![], false), (vec![sid_of(2)], false), (vec![], true), (vec![sid_of(2)], true)] {
        let with_topic = |bytes| client_frame::Kind::Data(v1::Data { topic: "x".repeat(bytes), ..data(&to, lossy) });
        assert!(routed(&ada(), with_topic(longest)).is_ok(), "to {to:?}, lossy: {lossy}");
        assert_eq!(routed(&ada(), with_topic(longest + 1)), refusal(ErrorCode::InvalidArgument, "topic"));
    }
}

#[test]
fn what_concerns_the_connection_stays_there() {
    for kind in [
        client_frame::Kind::Ping(v1::Ping { id: 3 }),
        client_frame::Kind::Ack(v1::Ack {}),
        client_frame::Kind::RefreshIceServers(v1::RefreshIceServers {}),
        client_frame::Kind::RefreshToken(v1::RefreshToken { token: "e30.e30.c2ln".to_owned() }),
    ] {
        assert_eq!(routed(&ada(), kind.clone()), Ok(Route::Own(kind)));
    }
}

#[test]
fn moderation_names_its_target_and_the_room_decides_who_may() {
    let bob = sid_of(2);
    let mute = |track_id: &str| v1::Mute { sid: bob.to_string(), track_id: track_id.to_owned() };
    let muting = |track_id| Ok(Route::Room(Command::Mute { sid: bob, track_id }));
    assert_eq!(routed(&ada(), client_frame::Kind::Mute(mute(""))), muting(None));
    assert_eq!(routed(&ada(), client_frame::Kind::Mute(mute("mic"))), muting(Some("mic".to_owned())));
    for kind in [
        client_frame::Kind::Kick(v1::Kick::default()),
        client_frame::Kind::Mute(v1::Mute::default()),
        client_frame::Kind::Admit(v1::Admit::default()),
        client_frame::Kind::Refuse(v1::Refuse::default()),
    ] {
        assert_eq!(routed(&ada(), kind), refusal(ErrorCode::InvalidArgument, "sid"));
    }
    let role = |role: i32| client_frame::Kind::SetRole(v1::SetRole { sid: bob.to_string(), role });
    let viewer = v1::participant::Role::Viewer as i32;
    assert_eq!(routed(&ada(), role(viewer)), Ok(Route::Room(Command::SetRole { sid: bob, role: Role::Viewer })));
    for unknown in [0, 99] {
        assert_eq!(routed(&ada(), role(unknown)), refusal(ErrorCode::InvalidArgument, "role"));
    }
    let topology = v1::UpdateRoom { topology: Some(99), ..v1::UpdateRoom::default() };
    let topology = client_frame::Kind::UpdateRoom(topology);
    assert_eq!(routed(&ada(), topology), refusal(ErrorCode::InvalidArgument, "topology"));
}

#[test]
fn a_track_that_is_none_is_refused_before_it_reaches_the_room() {
    let publish = |track| client_frame::Kind::Publish(v1::Publish { track });
    assert_eq!(routed(&ada(), publish(None)), refusal(ErrorCode::InvalidArgument, "track.kind"));
    let sourceless = v1::Track { kind: v1::track::Kind::Audio as i32, ..v1::Track::default() };
    assert_eq!(routed(&ada(), publish(Some(sourceless))), refusal(ErrorCode::InvalidArgument, "track.source"));
}
