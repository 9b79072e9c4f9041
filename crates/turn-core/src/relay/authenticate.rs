//! Who asks: the long-term credential mechanism (RFC 8489 §9.2.4) with REST credentials.

use antiphon_ice_core::{
    credentials::{LongTermKey, RestUsername},
    user_id::UserId,
};

use super::{Now, Relay};
use crate::{
    Client, ErrorCode,
    stun::{IntegrityKey, Message, Method, attribute},
};

/// Someone whose request was signed with a key of ours.
pub(super) struct Asker {
    pub(super) username: Box<str>,
    pub(super) user: UserId,
    pub(super) key: IntegrityKey,
}

impl Relay {
    /// Whose request it is; `None`: it was refused.
    ///
    /// The order is that of RFC 8489 §9.2.4, but that the nonce is looked at before the key: what was captured elsewhere, or long ago,
    /// costs no HMAC for each secret. The credential's expiry counts for Allocate alone: what was allocated may be refreshed and used
    /// as long as its client does so, as with coturn, so that no call ends with its credential.
    pub(super) fn authenticate(&mut self, now: Now, from: Client, request: &Message<'_>) -> Option<Asker> {
        match self.judge(now, from, request) {
            Ok(asker) => Some(asker),
            Err(Refusal::Unsigned(code)) => {
                self.refuse_stranger(now, from, request, code);
                None
            }
            Err(Refusal::Signed(key, code)) => {
                self.refuse(from, request, &key, code);
                None
            }
        }
    }

    fn judge(&mut self, now: Now, from: Client, request: &Message<'_>) -> Result<Asker, Refusal> {
        if !request.has_integrity() {
            return Err(Refusal::Unsigned(ErrorCode::Unauthenticated));
        }
        let texts = (request.text(attribute::USERNAME), request.text(attribute::REALM), request.text(attribute::NONCE));
        let (Some(username), Some(_), Some(nonce)) = texts else {
            return Err(Refusal::Unsigned(ErrorCode::BadRequest));
        };
        if !self.nonces.accepts(nonce, &from, now.wall, self.config.nonce_lifetime.as_secs()) {
            return Err(Refusal::Unsigned(ErrorCode::StaleNonce));
        }
        let wrong = Refusal::Unsigned(ErrorCode::Unauthenticated);
        if let Some(allocation) = self.allocation_of(&from) {
            let is_owner = *allocation.username == *username;
            if is_owner {
                let key = allocation.key.clone();
                let user = allocation.reservation.user().clone();
                return if key.verifies(request) {
                    Ok(Asker { username: username.into(), user, key })
                } else {
                    Err(wrong)
                };
            }
            // Whoever is not even somebody else is told no more than that.
            let Some((_, key)) = self.key_of(username, request) else { return Err(wrong) };
            return Err(Refusal::Signed(Box::new(key), ErrorCode::WrongCredentials));
        }
        let parsed = RestUsername::parse(username).map_err(|_| wrong.clone())?;
        let expired = request.method() == Method::Allocate && parsed.valid_at(now.wall).is_err();
        let (user, key) = self.key_of(username, request).filter(|_| !expired).ok_or(wrong)?;
        Ok(Asker { username: username.into(), user, key })
    }

    /// The user, and the key with which the request was signed, if it is one that a secret of ours makes.
    fn key_of(&self, username: &str, request: &Message<'_>) -> Option<(UserId, IntegrityKey)> {
        let user: UserId = RestUsername::parse(username).ok()?.user_id.parse().ok()?;
        let secrets = self.secrets.current();
        let mut keys = secrets.long_term_keys(username, &self.config.realm).map(|key: LongTermKey| (&key).into());
        let key = keys.find(|key: &IntegrityKey| key.verifies(request))?;
        Some((user, key))
    }
}

#[derive(Clone)]
enum Refusal {
    Unsigned(ErrorCode),
    Signed(Box<IntegrityKey>, ErrorCode),
}
