//! Requests to a TURN server and its answers (RFC 8489, RFC 8656). The packets that are relayed are in `wire`.

use std::net::SocketAddr;

use stun_types::{
    attribute::{ErrorCode, Nonce, Realm, Username},
    message::{
        IntegrityAlgorithm, IntegrityKey, LongTermKeyCredentials, Message, MessageClass, MessageWriteVec, Method,
        TransactionId,
    },
    prelude::*,
};
use turn_types::{
    attribute::{ChannelNumber, Lifetime, RequestedTransport, XorPeerAddress, XorRelayedAddress},
    message as method,
};

use super::credential::Credential;
use crate::fault::Fault;

/// What a client presents with each request once it was challenged (RFC 8489 §9.2).
#[derive(Debug, Clone)]
pub(super) struct Access {
    username: String,
    realm: String,
    nonce: String,
    key: IntegrityKey,
}

/// A request that waits to be sent.
#[derive(Debug)]
pub(super) struct Request {
    /// Its name in faults.
    pub(super) name: &'static str,
    pub(super) client: u32,
    pub(super) id: TransactionId,
    pub(super) bytes: Vec<u8>,
}

/// What an answer says.
#[derive(Debug)]
pub(super) enum Answer<'a> {
    Success(Message<'a>),
    /// 401 and 438: with a realm and a nonce to use from now on.
    Challenge {
        code: u16,
        realm: String,
        nonce: String,
    },
}

impl Access {
    pub(super) fn new(credential: &Credential, realm: String, nonce: String) -> Self {
        let Credential { username, password } = credential.clone();
        let key = LongTermKeyCredentials::new(username.clone(), password, realm.clone());
        Self { username, realm, nonce, key: key.make_key(IntegrityAlgorithm::Sha1) }
    }

    pub(super) fn renew(&mut self, nonce: String) {
        self.nonce = nonce;
    }
}

/// Allocate (RFC 8656 §7); without access it is the question for a challenge.
pub(super) fn allocate(client: u32, access: Option<&Access>) -> Request {
    request("Allocate", method::ALLOCATE, client, access, |message| {
        add(message, &RequestedTransport::new(RequestedTransport::UDP));
    })
}

/// Refresh (§8); a lifetime of nothing ends the allocation.
pub(super) fn refresh(client: u32, access: &Access, lifetime_s: u32) -> Request {
    request("Refresh", method::REFRESH, client, Some(access), |message| add(message, &Lifetime::new(lifetime_s)))
}

/// CreatePermission (§10.1).
pub(super) fn create_permission(client: u32, access: &Access, peer: SocketAddr) -> Request {
    request("CreatePermission", method::CREATE_PERMISSION, client, Some(access), |message| {
        let peer = XorPeerAddress::new(peer, message.transaction_id());
        add(message, &peer);
    })
}

/// ChannelBind (§12.1).
pub(super) fn channel_bind(client: u32, access: &Access, channel: u16, peer: SocketAddr) -> Request {
    request("ChannelBind", method::CHANNEL_BIND, client, Some(access), |message| {
        let peer = XorPeerAddress::new(peer, message.transaction_id());
        add(message, &ChannelNumber::new(channel));
        add(message, &peer);
    })
}

fn request(
    name: &'static str,
    method: Method,
    client: u32,
    access: Option<&Access>,
    attributes: impl FnOnce(&mut MessageWriteVec),
) -> Request {
    let mut message = Message::builder_request(method, MessageWriteVec::with_capacity(256));
    attributes(&mut message);
    if let Some(Access { username, realm, nonce, key }) = access {
        add(&mut message, &Username::new(username).expect("our own, and short"));
        // They came from the server as these attributes, and so go back as such.
        add(&mut message, &Realm::new(realm).expect("a realm"));
        add(&mut message, &Nonce::new(nonce).expect("a nonce"));
        message.add_message_integrity_with_key(key, IntegrityAlgorithm::Sha1).expect("once, and before a fingerprint");
    }
    Request { name, client, id: message.transaction_id(), bytes: message.finish() }
}

fn add(message: &mut MessageWriteVec, attribute: &dyn AttributeWrite) {
    message.add_attribute(attribute).expect("a message of few attributes");
}

/// Reads an answer; a success has to prove that the server knows the password too.
///
/// # Errors
/// When it is a refusal that no nonce mends, or its integrity is not right.
pub(super) fn read<'a>(name: &'static str, bytes: &'a [u8], access: Option<&Access>) -> Result<Answer<'a>, Fault> {
    let wrong = |why: String| Fault::WrongAnswer { request: name, why };
    let message = Message::from_bytes(bytes).map_err(|error| wrong(error.to_string()))?;
    if message.class() == MessageClass::Success {
        let access = access.ok_or_else(|| wrong("success without credentials".to_owned()))?;
        message.validate_integrity_with_key(&access.key).map_err(|error| wrong(format!("integrity: {error:?}")))?;
        return Ok(Answer::Success(message));
    }
    let error = message.attribute::<ErrorCode>().map_err(|error| wrong(error.to_string()))?;
    let (realm, nonce) = (message.attribute::<Realm>(), message.attribute::<Nonce>());
    match (error.code(), realm, nonce) {
        (code @ (ErrorCode::UNAUTHORIZED | ErrorCode::STALE_NONCE), Ok(realm), Ok(nonce)) => {
            Ok(Answer::Challenge { code, realm: realm.realm().to_owned(), nonce: nonce.nonce().to_owned() })
        }
        (code, ..) => {
            Err(Fault::Refused { code: code.to_string(), message: format!("{name}: {}", error.reason()), seq: 0 })
        }
    }
}

/// The relayed transport address, of an Allocate's success.
///
/// # Errors
/// When there is none, or the allocation has no lifetime.
pub(super) fn relayed_address(allocated: &Message<'_>) -> Result<SocketAddr, Fault> {
    let wrong = |why: &str| Fault::WrongAnswer { request: "Allocate", why: why.to_owned() };
    let lifetime = allocated.attribute::<Lifetime>().map_err(|_| wrong("no LIFETIME"))?;
    if lifetime.seconds() == 0 {
        return Err(wrong("LIFETIME 0"));
    }
    let relayed = allocated.attribute::<XorRelayedAddress>().map_err(|_| wrong("no XOR-RELAYED-ADDRESS"))?;
    Ok(relayed.addr(allocated.transaction_id()))
}
