//! The clients' allocations: made, permitted, bound to channels, renewed and ended, each step for all of them together.

use std::{
    net::SocketAddr,
    ops::Range,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use super::{
    clients::Clients,
    credential::Minter,
    message::{self, Access, Answer, Request},
    wire::channel_of,
};
use crate::fault::Fault;

/// Well below a permission's five minutes (RFC 8656 §9), the shortest of what has to be renewed.
pub(super) const RENEW_AFTER: Duration = Duration::from_secs(120);
const LIFETIME_S: u32 = 600;
/// Longer than a run.
const CREDENTIAL_LIFETIME_S: u64 = 12 * 3_600;

/// One allocation.
#[derive(Debug)]
pub(super) struct Allocation {
    /// Whose it is.
    pub(super) client: u32,
    /// Where peers reach it.
    pub(super) relayed: SocketAddr,
    access: Access,
}

/// The peers that the allocations talk with: one of them over channels.
#[derive(Debug, Clone, Copy)]
pub(super) struct PeerAddresses {
    pub(super) by_channel: SocketAddr,
    pub(super) by_indication: SocketAddr,
}

/// All allocations of a run.
#[derive(Debug)]
pub(super) struct Allocations {
    pub(super) clients: Clients,
    minter: Minter,
    pub(super) list: Vec<Allocation>,
    next_client: u32,
    renewed_at: Option<Instant>,
}

impl Allocations {
    pub(super) fn new(clients: Clients, minter: Minter) -> Self {
        Self { clients, minter, list: Vec::new(), next_client: 0, renewed_at: None }
    }

    pub(super) fn list(&self) -> &[Allocation] {
        &self.list
    }

    /// Makes as many as are missing, each for a client that had none before.
    ///
    /// # Errors
    /// When one is refused or unanswered.
    pub(super) fn grow(&mut self, count: usize) -> Result<(), Fault> {
        let missing = count.saturating_sub(self.list.len()) as u32;
        let clients: Range<u32> = self.next_client..self.next_client + missing;
        self.next_client = clients.end;
        let expires_at_s = unix_now_s() + CREDENTIAL_LIFETIME_S;

        let questions: Vec<Request> = clients.clone().map(|client| message::allocate(client, None)).collect();
        let mut accesses = Vec::with_capacity(questions.len());
        for (request, answer) in questions.iter().zip(self.clients.transact(&questions)?) {
            let Answer::Challenge { realm, nonce, .. } = message::read(request.name, &answer, None)? else {
                unreachable!("a success without access is no answer")
            };
            let credential = self.minter.mint(&format!("load/client-{}", request.client), expires_at_s);
            accesses.push(Access::new(&credential, realm, nonce));
        }

        let requests: Vec<Request> =
            clients.zip(&accesses).map(|(client, access)| message::allocate(client, Some(access))).collect();
        let answers = self.clients.transact(&requests)?;
        for ((request, answer), access) in requests.iter().zip(answers).zip(accesses) {
            let relayed = match message::read(request.name, &answer, Some(&access))? {
                Answer::Success(allocated) => message::relayed_address(&allocated)?,
                Answer::Challenge { code, .. } => return Err(refused(request.name, code)),
            };
            self.list.push(Allocation { client: request.client, relayed, access });
        }
        self.renewed_at = None;
        Ok(())
    }

    /// Sees to it that all allocations, their permissions and channels last for [`RENEW_AFTER`] and more.
    ///
    /// # Errors
    /// When a request is refused or unanswered.
    pub(super) fn renew(&mut self, peers: PeerAddresses) -> Result<(), Fault> {
        if self.renewed_at.is_some_and(|renewed_at| renewed_at.elapsed() < RENEW_AFTER) {
            return Ok(());
        }
        self.ask_all(|_, allocation| message::refresh(allocation.client, &allocation.access, LIFETIME_S))?;
        // A permission is an address's, whatever the port: it holds for both peers.
        self.ask_all(|_, allocation| {
            message::create_permission(allocation.client, &allocation.access, peers.by_indication)
        })?;
        self.ask_all(|index, allocation| {
            message::channel_bind(allocation.client, &allocation.access, channel_of(index), peers.by_channel)
        })?;
        self.renewed_at = Some(Instant::now());
        Ok(())
    }

    /// Ends all.
    ///
    /// # Errors
    /// When a request is refused or unanswered.
    pub(super) fn release(&mut self) -> Result<(), Fault> {
        self.ask_all(|_, allocation| message::refresh(allocation.client, &allocation.access, 0))?;
        self.list.clear();
        Ok(())
    }

    /// Asks for each allocation, and again where its nonce was stale.
    fn ask_all(&mut self, request: impl Fn(u32, &Allocation) -> Request) -> Result<(), Fault> {
        let mut left: Vec<usize> = (0..self.list.len()).collect();
        for attempt in 1.. {
            let requests: Vec<Request> = left.iter().map(|index| request(*index as u32, &self.list[*index])).collect();
            let answers = self.clients.transact(&requests)?;
            let mut stale = Vec::new();
            for ((index, request), answer) in left.into_iter().zip(&requests).zip(answers) {
                let access = &mut self.list[index].access;
                match message::read(request.name, &answer, Some(access))? {
                    Answer::Success(_) => {}
                    Answer::Challenge { code: 438, nonce, .. } if attempt == 1 => {
                        access.renew(nonce);
                        stale.push(index);
                    }
                    Answer::Challenge { code, .. } => return Err(refused(request.name, code)),
                }
            }
            if stale.is_empty() {
                break;
            }
            left = stale;
        }
        Ok(())
    }
}

fn refused(request: &'static str, code: u16) -> Fault {
    Fault::Refused { code: code.to_string(), message: format!("{request}: the credential is not taken"), seq: 0 }
}

fn unix_now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
