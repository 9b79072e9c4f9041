//! Ports that are kept for a while for whoever has their token (RFC 8656 §7.2).

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use antiphon_turn_core::ReservationToken;
use mio::net::UdpSocket;

/// How long a port is kept.
const KEPT: Duration = Duration::from_secs(30);

/// Ports that are kept at once; beyond it none is.
const MAX_KEPT: usize = 1_024;

/// All workers' kept ports: who asks with a token may come to another worker than who got it.
#[derive(Debug, Default)]
pub(crate) struct Reservations(Mutex<BTreeMap<ReservationToken, Kept>>);

#[derive(Debug)]
struct Kept {
    until: Instant,
    socket: UdpSocket,
}

impl Reservations {
    /// Keeps a port, under a token that is told to its client; gives it back where too many are kept.
    pub(crate) fn keep(&self, socket: UdpSocket, now: Instant) -> Result<ReservationToken, UdpSocket> {
        let mut kept = self.lock();
        if kept.len() >= MAX_KEPT {
            return Err(socket);
        }
        let token: ReservationToken = rand::random();
        kept.insert(token, Kept { until: now + KEPT, socket });
        Ok(token)
    }

    /// Hands over the port of a token, if it is of this address and its time is not over.
    pub(crate) fn redeem(&self, token: &ReservationToken, ip: IpAddr, now: Instant) -> Option<UdpSocket> {
        let mut kept = self.lock();
        let is_due = |kept: &Kept| now < kept.until && kept.socket.local_addr().is_ok_and(|local| local.ip() == ip);
        if kept.get(token).is_some_and(is_due) { kept.remove(token).map(|kept| kept.socket) } else { None }
    }

    /// Lets go of those whose time is over; gives their sockets.
    pub(crate) fn expire(&self, now: Instant) -> Vec<UdpSocket> {
        let mut kept = self.lock();
        if kept.values().all(|kept| now < kept.until) {
            return Vec::new();
        }
        kept.extract_if(.., |_, kept| kept.until <= now).map(|(_, kept)| kept.socket).collect()
    }

    /// When the next one is to be let go.
    pub(crate) fn next_expiry(&self) -> Option<Instant> {
        self.lock().values().map(|kept| kept.until).min()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ReservationToken, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_kept_for_its_token_and_thirty_seconds() {
        let (reservations, now) = (Reservations::default(), Instant::now());
        let open = || UdpSocket::bind("127.0.0.1:0".parse().expect("an address")).expect("free");
        let (one, other) = (open(), open());
        let ip = IpAddr::from([127, 0, 0, 1]);
        let (one_at, other_at) = (one.local_addr().expect("bound"), other.local_addr().expect("bound"));
        let (one, other) = (reservations.keep(one, now).expect("room"), reservations.keep(other, now).expect("room"));
        assert!(reservations.redeem(&[0; 8], ip, now).is_none());
        assert!(reservations.redeem(&one, [127, 0, 0, 2].into(), now).is_none(), "of another address");
        let redeemed = reservations.redeem(&one, ip, now + Duration::from_secs(29)).expect("it is kept");
        assert_eq!(redeemed.local_addr().expect("bound"), one_at);
        assert!(reservations.redeem(&one, ip, now).is_none(), "once");
        assert_eq!(reservations.next_expiry(), Some(now + KEPT));
        assert!(reservations.redeem(&other, ip, now + KEPT).is_none());
        assert!(reservations.expire(now + KEPT - Duration::from_nanos(1)).is_empty());
        let expired = reservations.expire(now + KEPT);
        assert_eq!(expired.iter().filter_map(|socket| socket.local_addr().ok()).collect::<Vec<_>>(), [other_at]);
        assert_eq!(reservations.next_expiry(), None);
    }
}
