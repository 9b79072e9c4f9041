//! Answers that need no allocation.

use std::time::Instant;

use super::{Now, Relay, finish, unknown_attributes};
use crate::{
    Client, Discard, Effect, ErrorCode,
    stun::{Class, IntegrityKey, Message, Writer, attribute},
};

impl Relay {
    /// RFC 8489 §6.3.1: tells the client its address. 32 bytes for 20, 44 by IPv6, within the rate for strangers.
    pub(super) fn answer_binding(&mut self, now: Instant, from: Client, request: &Message<'_>) {
        if let Some(unknown) = unknown_attributes(request) {
            if self.may_answer_stranger(now, from) {
                self.refuse_unknown(from, request, None, &unknown);
            }
            return;
        }
        if self.may_answer_stranger(now, from) {
            self.counters.bindings += 1;
            let writer =
                Writer::answer(request, Class::Success).xor_address(attribute::XOR_MAPPED_ADDRESS, from.remote);
            self.send(from, finish(request, writer, None));
        }
    }

    /// Answers with an error that the client can believe: it is signed.
    pub(super) fn refuse(&mut self, to: Client, request: &Message<'_>, key: &IntegrityKey, code: ErrorCode) {
        self.counters.answer(code);
        let writer = Writer::answer(request, Class::Error).error_code(code);
        self.send(to, finish(request, writer, Some(key)));
    }

    /// Answers 420 (RFC 8489 §6.3.1).
    pub(super) fn refuse_unknown(
        &mut self,
        to: Client,
        request: &Message<'_>,
        key: Option<&IntegrityKey>,
        unknown: &[u16],
    ) {
        self.counters.answer(ErrorCode::UnknownAttribute);
        let listed: Vec<u8> = unknown.iter().take(16).flat_map(|kind| kind.to_be_bytes()).collect();
        let writer = Writer::answer(request, Class::Error)
            .error_code(ErrorCode::UnknownAttribute)
            .attribute(attribute::UNKNOWN_ATTRIBUTES, &listed);
        self.send(to, finish(request, writer, key));
    }

    /// Answers someone who has not authenticated: unsigned, within the rate for strangers.
    pub(super) fn refuse_stranger(&mut self, now: Now, to: Client, request: &Message<'_>, code: ErrorCode) {
        if !self.may_answer_stranger(now.instant, to) {
            return;
        }
        self.counters.answer(code);
        let mut writer = Writer::answer(request, Class::Error).error_code(code);
        if matches!(code, ErrorCode::Unauthenticated | ErrorCode::StaleNonce) {
            let nonce = self.nonces.mint(&to, now.wall);
            writer = writer
                .attribute(attribute::REALM, self.config.realm.as_bytes())
                .attribute(attribute::NONCE, nonce.as_bytes());
        }
        self.send(to, finish(request, writer, None));
    }

    pub(super) fn send(&mut self, client: Client, message: Vec<u8>) {
        self.effects.push_back(Effect::Send { client, message });
    }

    fn may_answer_stranger(&mut self, now: Instant, from: Client) -> bool {
        // These sources are not forged: a stream's client has answered a handshake, and the system lets no such datagram in from outside.
        let is_genuine = from.transport.is_stream() || from.remote.ip().is_loopback();
        let may = is_genuine || self.strangers.take(from.remote.ip(), now);
        if !may {
            self.counters.discard(Discard::RateLimited);
        }
        may
    }
}
