//! A relay, its clients, and a shell that does what it says to sockets that are numbers.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use antiphon_ice_core::{
    UnixTime,
    credentials::{Credential, LongTermKey, RotatingSecrets, Secrets, mint},
    user_id::UserId,
};
use antiphon_turn_core::{
    AllocationView, BindError, Bound, Client, Config, Effect, EndReason, ErrorCode, Families, Ledger, PortWish, Quotas,
    Relay, RelayedId, Selection, ToClient, Transport,
    stun::{Class, Family, IntegrityKey, Message, Method, Writer, attribute, read_xor_address},
};

pub(crate) const REALM: &str = "antiphon";
pub(crate) const SECRET: &str = "a secret that is long enough for the test";
/// The relay's own addresses.
pub(crate) const RELAY_V4: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 10));
pub(crate) const RELAY_V6: IpAddr = IpAddr::V6(std::net::Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0x10));
/// What a kept port is asked for with.
pub(crate) const TOKEN: [u8; 8] = *b"reserved";
/// A peer that the policy has nothing against.
pub(crate) const PEER: &str = "8.8.8.8:5000";
pub(crate) const PEER_V6: &str = "[2600::1]:5000";

/// What was sent to a client.
#[derive(Debug, Clone)]
pub(crate) struct Answer(pub(crate) Vec<u8>);

impl Answer {
    pub(crate) fn message(&self) -> Message<'_> {
        Message::read(&self.0).expect("the relay writes messages")
    }

    pub(crate) fn is_success(&self) -> bool {
        self.message().class() == Class::Success
    }

    /// The number of an error.
    pub(crate) fn code(&self) -> Option<u16> {
        let value = self.message().attribute(attribute::ERROR_CODE)?;
        Some(u16::from(value[2]) * 100 + u16::from(value[3]))
    }

    pub(crate) fn addresses(&self, kind: u16) -> Vec<SocketAddr> {
        let message = self.message();
        let values = message.attributes().filter(|(found, _)| *found == kind);
        values.map(|(_, value)| read_xor_address(value, message.transaction_id()).expect("an address")).collect()
    }

    pub(crate) fn lifetime(&self) -> Option<u32> {
        self.message().attribute(attribute::LIFETIME).and_then(|value| value.try_into().ok()).map(u32::from_be_bytes)
    }
}

/// The relay and its world.
pub(crate) struct Bed {
    pub(crate) relay: Relay,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) secrets: RotatingSecrets,
    pub(crate) now: Instant,
    pub(crate) wall: UnixTime,
    pub(crate) bound: BTreeMap<RelayedId, SocketAddr>,
    pub(crate) answers: Vec<(Client, Answer)>,
    pub(crate) began: Vec<AllocationView>,
    pub(crate) ended: Vec<(AllocationView, EndReason)>,
    pub(crate) closed_clients: Vec<Client>,
    /// No port is free.
    pub(crate) is_full: bool,
    /// No IPv6 port is free.
    pub(crate) is_full_v6: bool,
    /// The port that is kept for [`TOKEN`].
    reserved: Option<u16>,
    next_port: u16,
    next_transaction: u64,
}

/// A user agent.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) client: Client,
    pub(crate) username: String,
    pub(crate) key: IntegrityKey,
    pub(crate) nonce: String,
}

pub(crate) fn config() -> Config {
    Config {
        realm: REALM.to_owned(),
        own_addresses: vec![RELAY_V4, RELAY_V6],
        families: Families { v4: true, v6: true },
        ..Config::default()
    }
}

pub(crate) fn udp(remote: &str) -> Client {
    Client { transport: Transport::Udp, socket: 0, remote: remote.parse().expect(remote) }
}

pub(crate) fn user_id(text: &str) -> UserId {
    text.parse().expect(text)
}

pub(crate) fn secrets(text: &str) -> Secrets {
    Secrets::parse(text).expect("long enough")
}

impl Bed {
    pub(crate) fn new() -> Self {
        Self::with(config(), Quotas::default())
    }

    pub(crate) fn with(config: Config, quotas: Quotas) -> Self {
        let secrets = RotatingSecrets::new(secrets(SECRET));
        let ledger = Arc::new(Ledger::new(quotas));
        Self {
            relay: Relay::new(config, secrets.clone(), Arc::clone(&ledger), &[3; 32]),
            ledger,
            secrets,
            now: any_time(),
            wall: UnixTime(1_800_000_000),
            bound: BTreeMap::new(),
            answers: Vec::new(),
            began: Vec::new(),
            ended: Vec::new(),
            closed_clients: Vec::new(),
            is_full: false,
            is_full_v6: false,
            reserved: None,
            next_port: 49_152,
            next_transaction: 1,
        }
    }

    pub(crate) fn pass(&mut self, time: Duration) {
        self.now += time;
        self.wall = self.wall.plus(time);
        self.relay.handle_timeout(self.now);
        self.drive();
    }

    pub(crate) fn drive(&mut self) {
        while let Some(effect) = self.relay.poll_output() {
            match effect {
                Effect::Send { client, message } => self.answers.push((client, Answer(message))),
                Effect::BindRelayed(id, wish) => {
                    let bound = self.bind(id, wish);
                    self.relay.handle_bound(self.now, id, bound);
                }
                Effect::CloseRelayed(id) => assert!(self.bound.remove(&id).is_some(), "{id:?} was not bound"),
                Effect::CloseClient(client) => self.closed_clients.push(client),
                Effect::Began(view) => self.began.push(view),
                Effect::Ended(view, reason) => self.ended.push((view, reason)),
            }
        }
    }

    fn bind(&mut self, id: RelayedId, wish: PortWish) -> Result<Bound, BindError> {
        if self.is_full || (self.is_full_v6 && id.family == Family::V6) {
            return Err(BindError);
        }
        let ip = if id.family == Family::V4 { RELAY_V4 } else { RELAY_V6 };
        let port = match wish {
            PortWish::Any => self.next_port,
            PortWish::Even | PortWish::EvenAndNext => self.next_port.next_multiple_of(2),
            PortWish::Reserved(TOKEN) => self.reserved.take().ok_or(BindError)?,
            PortWish::Reserved(_) => return Err(BindError),
        };
        let address = SocketAddr::new(ip, port);
        self.next_port = self.next_port.max(port + 1);
        let is_reserving = wish == PortWish::EvenAndNext;
        if is_reserving {
            self.reserved = Some(port + 1);
            self.next_port = port + 2;
        }
        assert!(self.bound.insert(id, address).is_none(), "{id:?} is bound twice");
        Ok(Bound { address, reserved: is_reserving.then_some(TOKEN) })
    }

    pub(crate) fn transaction(&mut self) -> [u8; 12] {
        self.next_transaction += 1;
        let mut id = [0; 12];
        id[4..].copy_from_slice(&self.next_transaction.to_be_bytes());
        id
    }

    /// Sends bytes; gives what is to go to a peer.
    pub(crate) fn send(&mut self, client: Client, bytes: &[u8]) -> Option<(RelayedId, SocketAddr, Vec<u8>)> {
        let relayed = self.relay.handle_client(self.now, self.wall, client, bytes);
        let relayed = relayed.map(|to| (to.from, to.peer, to.payload.to_vec()));
        self.drive();
        relayed
    }

    /// Sends a request; gives the answer, if there is exactly one.
    pub(crate) fn ask(&mut self, client: Client, request: &[u8]) -> Option<Answer> {
        let before = self.answers.len();
        assert_eq!(self.send(client, request), None, "a request is not relayed");
        assert!(self.answers.len() <= before + 1, "one answer to a request");
        let (to, answer) = self.answers.get(before).cloned()?;
        assert_eq!(to, client);
        assert_eq!(answer.message().transaction_id()[..], request[8..20]);
        Some(answer)
    }

    pub(crate) fn request(&mut self, method: Method) -> Writer {
        let id = self.transaction();
        Writer::new(method, Class::Request, &id)
    }

    /// A user with a credential of an hour and a nonce.
    pub(crate) fn user(&mut self, id: &str, client: Client) -> User {
        let expires = self.wall.plus(Duration::from_secs(3_600));
        let credential = mint(&self.secrets.current(), user_id(id).as_str(), expires);
        self.user_with(&credential, client)
    }

    pub(crate) fn user_with(&mut self, credential: &Credential, client: Client) -> User {
        let key = LongTermKey::new(&credential.username, REALM, &credential.password);
        let mut user = User { client, username: credential.username.clone(), key: (&key).into(), nonce: String::new() };
        user.nonce = self.nonce(client);
        user
    }

    /// What a challenge gives.
    pub(crate) fn nonce(&mut self, client: Client) -> String {
        let request = self.request(Method::Allocate).finish();
        let answer = self.ask(client, &request).expect("a challenge");
        assert_eq!(answer.code(), Some(401));
        answer.message().text(attribute::NONCE).expect("a nonce").to_owned()
    }

    /// Signs and sends a request.
    pub(crate) fn ask_as(&mut self, user: &User, method: Method, add: impl FnOnce(Writer) -> Writer) -> Answer {
        let request = user.sign(add(self.request(method)));
        self.ask(user.client, &request).expect("an answer")
    }

    pub(crate) fn allocate(&mut self, user: &User) -> Answer {
        self.ask_as(user, Method::Allocate, over_udp)
    }

    /// A user with an allocation, and its relayed address.
    pub(crate) fn allocated(&mut self, id: &str, client: Client) -> (User, SocketAddr) {
        let user = self.user(id, client);
        let answer = self.allocate(&user);
        assert!(answer.is_success(), "{:?}", answer.code());
        let relayed = answer.addresses(attribute::XOR_RELAYED_ADDRESS);
        (user, relayed[0])
    }

    pub(crate) fn permit(&mut self, user: &User, peer: &str) -> Answer {
        let peer = peer.parse().expect(peer);
        self.ask_as(user, Method::CreatePermission, |request| request.xor_address(attribute::XOR_PEER_ADDRESS, peer))
    }

    pub(crate) fn bind_channel(&mut self, user: &User, number: u16, peer: &str) -> Answer {
        let peer = peer.parse().expect(peer);
        self.ask_as(user, Method::ChannelBind, |request| {
            request
                .number(attribute::CHANNEL_NUMBER, u32::from(number) << 16)
                .xor_address(attribute::XOR_PEER_ADDRESS, peer)
        })
    }

    pub(crate) fn refresh(&mut self, user: &User, lifetime: u32) -> Answer {
        self.ask_as(user, Method::Refresh, |request| request.number(attribute::LIFETIME, lifetime))
    }

    /// Sends a Send indication; gives what is to go to the peer.
    pub(crate) fn send_indication(&mut self, user: &User, peer: &str, payload: &[u8]) -> Option<(SocketAddr, Vec<u8>)> {
        let id = self.transaction();
        let indication = Writer::new(Method::Send, Class::Indication, &id)
            .xor_address(attribute::XOR_PEER_ADDRESS, peer.parse().expect(peer))
            .attribute(attribute::DATA, payload)
            .finish();
        let relayed = self.send(user.client, &indication);
        relayed.map(|(_, peer, payload)| (peer, payload))
    }

    pub(crate) fn send_on(&mut self, user: &User, channel: u16, payload: &[u8]) -> Option<(SocketAddr, Vec<u8>)> {
        let relayed = self.send(user.client, &channel_data(channel, payload));
        relayed.map(|(_, peer, payload)| (peer, payload))
    }

    /// A peer sends to a relayed address; gives whom it reaches, and the bytes.
    pub(crate) fn peer_sends(&mut self, to: SocketAddr, peer: &str, payload: &[u8]) -> Option<(Client, Vec<u8>)> {
        let id = *self.bound.iter().find(|(_, address)| **address == to).map(|(id, _)| id)?;
        let relayed = self.relay.handle_peer(self.now, id, peer.parse().expect(peer), payload.len());
        relayed.map(|to: ToClient| (to.client, [&to.header[..], payload, &vec![0; to.padding]].concat()))
    }

    pub(crate) fn count(&self) -> usize {
        self.relay.allocations(&Selection::default()).count()
    }

    pub(crate) fn answered(&self, code: ErrorCode) -> u64 {
        self.relay.counters().answered(code)
    }
}

fn any_time() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "there is no other way to an Instant")]
    Instant::now()
}

impl User {
    pub(crate) fn sign(&self, request: Writer) -> Vec<u8> {
        request
            .attribute(attribute::USERNAME, self.username.as_bytes())
            .attribute(attribute::REALM, REALM.as_bytes())
            .attribute(attribute::NONCE, self.nonce.as_bytes())
            .integrity(&self.key)
            .finish()
    }
}

pub(crate) fn over_udp(request: Writer) -> Writer {
    request.attribute(attribute::REQUESTED_TRANSPORT, &[17, 0, 0, 0])
}

pub(crate) fn channel_data(channel: u16, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).expect("short");
    [&channel.to_be_bytes()[..], &length.to_be_bytes(), payload].concat()
}
