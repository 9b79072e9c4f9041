//! What a probe and a relay say to each other: Allocate, the challenge, Allocate again, and Refresh to give it back.

use antiphon_ice_core::{credentials::LongTermKey, health::Probed};
use antiphon_turn_core::stun::{Class, IntegrityKey, Message, Method, TransactionId, Writer, attribute};
use secrecy::SecretString;

/// REQUESTED-TRANSPORT for UDP (RFC 8656 §18.8): the protocol's number in the first of four bytes.
const UDP: u32 = 17 << 24;

const UNAUTHORIZED: u16 = 401;
const STALE_NONCE: u16 = 438;

/// Challenges that are answered: the first, and one for a nonce that grew old on the way.
const MAX_CHALLENGES: u32 = 2;

/// One probe, without sockets.
pub(super) struct Exchange {
    credential: (String, SecretString),
    random: fn() -> TransactionId,
    state: State,
    outcome: Probed,
}

enum State {
    /// Nothing is known of the relay.
    Asking {
        transaction: TransactionId,
    },
    /// The relay's challenge was answered, so many times.
    Authenticating {
        transaction: TransactionId,
        challenge: Challenge,
        answered: u32,
    },
    /// The allocation is being given back.
    Releasing {
        transaction: TransactionId,
    },
    Done,
}

/// What a relay wants requests to be signed by.
#[derive(Clone)]
struct Challenge {
    realm: String,
    nonce: Vec<u8>,
    key: IntegrityKey,
}

/// What to do with what came.
pub(super) enum Step {
    /// Send this, and wait for its answer.
    Send(Vec<u8>),
    /// Wait on: it was not the answer.
    Wait,
    /// There is nothing more to say.
    End,
}

impl Exchange {
    pub(super) fn new(credential: (String, SecretString), random: fn() -> TransactionId) -> Self {
        Self { credential, random, state: State::Done, outcome: Probed::Dead }
    }

    /// What is known so far: dead until the relay has said something else.
    pub(super) fn outcome(&self) -> Probed {
        self.outcome
    }

    /// The first request.
    pub(super) fn begin(&mut self) -> Vec<u8> {
        let transaction = (self.random)();
        self.state = State::Asking { transaction };
        allocate(&transaction).fingerprint().finish()
    }

    /// Takes one message of the relay.
    pub(super) fn handle(&mut self, bytes: &[u8]) -> Step {
        let Ok(message) = Message::read(bytes) else { return Step::Wait };
        let is_answer = |method, transaction| message.method() == method && message.transaction_id() == transaction;
        match &self.state {
            State::Asking { transaction } if is_answer(Method::Allocate, transaction) => match message.class() {
                Class::Error => self.take_error(&message, UNAUTHORIZED, 0),
                // One that gives allocations to strangers works, and is no relay of ours.
                Class::Request | Class::Indication | Class::Success => Step::Wait,
            },
            State::Authenticating { transaction, challenge, answered } if is_answer(Method::Allocate, transaction) => {
                match message.class() {
                    // Anyone on the way could say so without the key.
                    Class::Success if challenge.key.verifies(&message) => {
                        let challenge = challenge.clone();
                        self.release(&challenge)
                    }
                    Class::Error => {
                        let answered = *answered;
                        self.take_error(&message, STALE_NONCE, answered)
                    }
                    Class::Request | Class::Indication | Class::Success => Step::Wait,
                }
            }
            State::Releasing { transaction } if is_answer(Method::Refresh, transaction) => self.end(),
            State::Asking { .. } | State::Authenticating { .. } | State::Releasing { .. } => Step::Wait,
            State::Done => Step::End,
        }
    }

    /// `challenging` is the code with which a relay wants the request again.
    fn take_error(&mut self, message: &Message<'_>, challenging: u16, answered: u32) -> Step {
        let Some(code) = error_code(message) else { return Step::Wait };
        let challenge = message.text(attribute::REALM).zip(message.attribute(attribute::NONCE));
        if let Some((realm, nonce)) = challenge.filter(|_| code == challenging && answered < MAX_CHALLENGES) {
            return self.authenticate(realm, nonce, answered + 1);
        }
        self.outcome = Probed::Refused(code);
        self.end()
    }

    fn authenticate(&mut self, realm: &str, nonce: &[u8], answered: u32) -> Step {
        let (username, password) = &self.credential;
        let key = IntegrityKey::from(&LongTermKey::new(username, realm, password));
        let challenge = Challenge { realm: realm.to_owned(), nonce: nonce.to_vec(), key };
        let transaction = (self.random)();
        let request = self.sign(allocate(&transaction), &challenge);
        self.state = State::Authenticating { transaction, challenge, answered };
        Step::Send(request)
    }

    fn release(&mut self, challenge: &Challenge) -> Step {
        self.outcome = Probed::Good;
        let transaction = (self.random)();
        let refresh = Writer::new(Method::Refresh, Class::Request, &transaction).number(attribute::LIFETIME, 0);
        self.state = State::Releasing { transaction };
        Step::Send(self.sign(refresh, challenge))
    }

    fn sign(&self, request: Writer, challenge: &Challenge) -> Vec<u8> {
        request
            .attribute(attribute::USERNAME, self.credential.0.as_bytes())
            .attribute(attribute::REALM, challenge.realm.as_bytes())
            .attribute(attribute::NONCE, &challenge.nonce)
            .integrity(&challenge.key)
            .fingerprint()
            .finish()
    }

    fn end(&mut self) -> Step {
        self.state = State::Done;
        Step::End
    }
}

fn allocate(transaction: &TransactionId) -> Writer {
    Writer::new(Method::Allocate, Class::Request, transaction).number(attribute::REQUESTED_TRANSPORT, UDP)
}

/// ERROR-CODE: the hundreds in the third byte, the rest in the fourth (RFC 8489 §14.8).
fn error_code(message: &Message<'_>) -> Option<u16> {
    let value = message.attribute(attribute::ERROR_CODE)?;
    let (class, number) = (*value.get(2)? & 0x7, *value.get(3)?);
    ((3..=6).contains(&class) && number < 100).then(|| u16::from(class) * 100 + u16::from(number))
}

#[cfg(test)]
mod tests;
