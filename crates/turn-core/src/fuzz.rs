//! The fuzz target as a library function: bytes become what clients and peers send through the gate, and what must always hold is
//! asserted.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use antiphon_ice_core::{
    UnixTime,
    credentials::{LongTermKey, RotatingSecrets, Secrets, mint},
};

use crate::{
    BindError, Bound, Client, Config, Effect, Families, Ledger, Quotas, Relay, RelayedId, Selection, ToPeer, Transport,
    framing,
    stun::{Class, Family, IntegrityKey, Message, Method, Writer, attribute},
};

const STEPS: usize = 1_000;
const OWN: [u8; 4] = [192, 0, 2, 10];
const METHODS: [Method; 8] = [
    Method::Allocate,
    Method::CreatePermission,
    Method::ChannelBind,
    Method::Refresh,
    Method::Binding,
    Method::Send,
    Method::Data,
    Method::Other(0x0fe),
];

/// How far the bytes came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reached {
    /// Allocations that began.
    pub allocations: u32,
    /// Datagrams that were relayed.
    pub relayed: u32,
}

/// Lets clients and peers send what the bytes say. `now` is any time.
///
/// # Panics
/// When turn-core is wrong.
pub fn relay(bytes: &[u8], now: Instant) -> Reached {
    let mut world = World::new(now);
    let mut bytes = Bytes(bytes);
    for _ in 0..STEPS {
        if bytes.0.is_empty() {
            break;
        }
        world.step(&mut bytes);
        world.assert_sound();
    }
    world.pass(Duration::from_secs(3_601));
    world.assert_sound();
    assert!(world.bound.is_empty() && world.ledger.allocations() == 0, "something outlived its lifetime");
    world.reached
}

/// Reads a stream of frames as a shell does.
///
/// # Panics
/// When framing is wrong.
pub fn frames(mut stream: &[u8]) {
    while let Ok(Some(frame)) = framing::first_frame(stream) {
        assert!(frame.length <= frame.padded && frame.padded <= framing::MAX_FRAME_BYTES && frame.padded > 0);
        let Some(rest) = stream.get(frame.padded..) else { break };
        let _ = Message::read(&stream[..frame.length]);
        stream = rest;
    }
}

struct World {
    relay: Relay,
    ledger: Arc<Ledger>,
    config: Config,
    now: Instant,
    wall: UnixTime,
    bound: BTreeMap<RelayedId, SocketAddr>,
    nonces: [String; 4],
    next_port: u16,
    reached: Reached,
}

impl World {
    fn new(now: Instant) -> Self {
        let config = Config {
            own_addresses: vec![OWN.into()],
            families: Families { v4: true, v6: true },
            max_permissions: 3,
            max_channels: 3,
            stranger_rate: 1_000_000,
            stranger_burst: 1_000_000,
            ..Config::default()
        };
        let secrets = Secrets::parse("a secret for the fuzzer").expect("long enough");
        let ledger = Arc::new(Ledger::new(Quotas { per_user: Some(2), per_tenant: Some(3), total: Some(3) }));
        let relay = Relay::new(config.clone(), RotatingSecrets::new(secrets), Arc::clone(&ledger), &[9; 32]);
        Self {
            relay,
            ledger,
            config,
            now,
            wall: UnixTime(1_800_000_000),
            bound: BTreeMap::new(),
            nonces: Default::default(),
            next_port: 49_152,
            reached: Reached::default(),
        }
    }

    fn step(&mut self, bytes: &mut Bytes<'_>) {
        match bytes.byte() % 7 {
            0 => {
                let (client, length) = (client(bytes.byte()), usize::from(bytes.byte()));
                let datagram = bytes.take(length).to_vec();
                self.send(client, &datagram);
            }
            1 | 2 => self.request(bytes),
            3 => {
                let (client, channel, length) = (client(bytes.byte()), bytes.byte() % 4, usize::from(bytes.byte()));
                let payload = bytes.take(length);
                let number = (0x4000 + u16::from(channel)).to_be_bytes();
                let datagram = [&number[..], &[0, payload.len() as u8], payload].concat();
                self.send(client, &datagram);
            }
            4 => self.receive(bytes),
            5 => self.pass(Duration::from_secs(u64::from(bytes.byte()) * 3)),
            _ => match bytes.byte() % 4 {
                0 => {
                    let selection = Selection { tenant: "acme".parse().ok(), ..Selection::default() };
                    self.relay.kill(&selection);
                }
                1 => self.relay.handle_disconnect(client(bytes.byte())),
                2 => self.relay.drain(),
                _ => {}
            },
        }
        self.drive();
    }

    /// A request that is signed rightly as often as the bytes want it.
    fn request(&mut self, bytes: &mut Bytes<'_>) {
        let who = bytes.byte();
        let from = client(who);
        let method = METHODS[usize::from(bytes.byte()) % METHODS.len()];
        let class = if method == Method::Send { Class::Indication } else { Class::Request };
        let id = [bytes.byte(); 12];
        let mut writer = Writer::new(method, class, &id);
        for _ in 0..bytes.byte() % 6 {
            writer = bytes.attribute(writer);
        }
        let expires = UnixTime(1_800_003_600);
        let user = ["acme/ada", "acme/bob", "other/cyd", "other/dan"][usize::from(who % 4)];
        let secrets = Secrets::parse("a secret for the fuzzer").expect("long enough");
        let credential = mint(&secrets, user, expires);
        let key = LongTermKey::new(&credential.username, &self.config.realm, &credential.password);
        let key = IntegrityKey::from(&key);
        let nonce = self.nonces[usize::from(who % 4)].clone();
        let signed = writer
            .attribute(attribute::USERNAME, credential.username.as_bytes())
            .attribute(attribute::REALM, self.config.realm.as_bytes())
            .attribute(attribute::NONCE, nonce.as_bytes())
            .integrity(&key);
        let message = if who & 0x80 == 0 { signed.finish() } else { signed.fingerprint().finish() };
        self.send(from, &message);
    }

    fn send(&mut self, from: Client, datagram: &[u8]) {
        if let Some(ToPeer { from: relayed, peer, payload }) =
            self.relay.handle_client(self.now, self.wall, from, datagram)
        {
            let own = self.bound.get(&relayed).expect("it is bound");
            assert_eq!(own.is_ipv4(), peer.is_ipv4(), "sent from an address of the other family");
            let is_open = self.config.policy.judge(peer.ip()).is_ok() || self.bound.values().any(|live| *live == peer);
            assert!(is_open, "{peer} was reached");
            assert!(payload.len() <= datagram.len());
            self.reached.relayed += 1;
        }
    }

    fn receive(&mut self, bytes: &mut Bytes<'_>) {
        let Some(id) = self.bound.keys().nth(usize::from(bytes.byte() % 4)).copied() else { return };
        let (peer, length) = (peer(bytes.byte()), usize::from(bytes.byte()) * 5);
        if let Some(to) = self.relay.handle_peer(self.now, id, peer, length) {
            self.reached.relayed += 1;
            let whole = [&to.header[..], &vec![0; length + to.padding]].concat();
            if whole[0] >> 6 == 1 {
                assert!(framing::read_channel_data(&whole).is_some_and(|(_, data)| data.len() == length));
            } else {
                assert!(Message::read(&whole).is_ok_and(|message| message.method() == Method::Data));
            }
        }
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
        self.wall = self.wall.plus(time);
        self.relay.handle_timeout(self.now);
        self.drive();
    }

    fn drive(&mut self) {
        while let Some(effect) = self.relay.poll_output() {
            match effect {
                Effect::Send { client, message } => self.read_answer(client, &message),
                Effect::BindRelayed(id, _) => {
                    self.next_port = self.next_port.wrapping_add(1).max(1_024);
                    let ip =
                        if id.family == Family::V4 { OWN.into() } else { [0x2001, 0xdb8, 0, 0, 0, 0, 0, 1].into() };
                    let bound = SocketAddr::new(ip, self.next_port);
                    let bound = Bound { address: bound, reserved: self.next_port.is_multiple_of(3).then_some([7; 8]) };
                    let bound = if self.next_port.is_multiple_of(5) { Err(BindError) } else { Ok(bound) };
                    if let Ok(Bound { address, .. }) = bound {
                        assert!(self.bound.insert(id, address).is_none());
                    }
                    self.relay.handle_bound(self.now, id, bound);
                }
                Effect::CloseRelayed(id) => assert!(self.bound.remove(&id).is_some(), "closed twice"),
                Effect::CloseClient(client) => assert!(client.transport.is_stream()),
                Effect::Began(_) => self.reached.allocations += 1,
                Effect::Ended(..) => {}
            }
        }
    }

    fn read_answer(&mut self, client: Client, message: &[u8]) {
        let message = Message::read(message).expect("an answer is a message");
        assert!(matches!(message.class(), Class::Success | Class::Error));
        if let Some(nonce) = message.text(attribute::NONCE) {
            self.nonces[usize::from(client.remote.port() % 4)] = nonce.to_owned();
        }
    }

    fn assert_sound(&self) {
        let live: Vec<_> = self.relay.allocations(&Selection::default()).collect();
        assert_eq!(live.iter().map(|view| view.relayed.len()).sum::<usize>(), self.bound.len());
        assert_eq!(live.len(), self.ledger.allocations() as usize);
        assert!(live.len() <= 3, "above the quota");
        for view in live {
            assert!(view.permissions <= 3 && view.channels <= 3 && view.expires_at > self.now);
        }
    }
}

fn client(byte: u8) -> Client {
    let transport = if byte & 0x40 == 0 { Transport::Udp } else { Transport::Tcp };
    Client { transport, socket: 0, remote: SocketAddr::from(([203, 0, 113, 1], 1_000 + u16::from(byte % 4))) }
}

fn peer(byte: u8) -> SocketAddr {
    const PEERS: [&str; 8] = [
        "8.8.8.8:5",
        "8.8.4.4:6",
        "[2600::1]:7",
        "10.0.0.1:8",
        "[::ffff:8.8.8.8]:5",
        "192.0.2.10:49153",
        "192.0.2.10:22",
        "[64:ff9b::a00:1]:9",
    ];
    PEERS[usize::from(byte) % PEERS.len()].parse().expect("an address")
}

/// Reads values off the bytes; zeros when they have run out.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or_default()
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }

    fn attribute(&mut self, writer: Writer) -> Writer {
        match self.byte() % 9 {
            0 => writer.attribute(attribute::REQUESTED_TRANSPORT, &[17, 0, 0, 0]),
            1 => writer.number(attribute::LIFETIME, u32::from(self.byte()) * 16),
            2 => writer.xor_address(attribute::XOR_PEER_ADDRESS, peer(self.byte())),
            3 => writer.number(attribute::CHANNEL_NUMBER, 0x4000_0000 | u32::from(self.byte() % 4) << 16),
            4 => writer.attribute(attribute::REQUESTED_ADDRESS_FAMILY, &[self.byte() % 4, 0, 0, 0]),
            5 => writer.attribute(attribute::ADDITIONAL_ADDRESS_FAMILY, &[self.byte() % 3, 0, 0, 0]),
            6 => {
                let length = usize::from(self.byte() % 32);
                writer.attribute(attribute::DATA, self.take(length))
            }
            7 => match self.byte() {
                bits @ 0..0xc0 => writer.attribute(attribute::EVEN_PORT, &[bits]),
                _ => writer.attribute(attribute::RESERVATION_TOKEN, &[7; 8]),
            },
            _ => {
                let kind = u16::from_be_bytes([self.byte() & 0x81, self.byte()]);
                let length = usize::from(self.byte() % 24);
                writer.attribute(kind, self.take(length))
            }
        }
    }
}
