use std::net::IpAddr;

use antiphon_ice_core::UnixTime;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::Client;

/// Makes nonces that need not be remembered: the time, and a MAC over it and the client's transport address. So one that was captured
/// is of no use from elsewhere, and a flood of strangers leaves nothing behind.
#[derive(Clone)]
pub(crate) struct NonceKey(Hmac<Sha256>);

const MAC_BYTES: usize = 8;
const NONCE_BYTES: usize = 4 + MAC_BYTES;

/// A nonce on the wire. It does not begin with "obMatJos2": none of RFC 8489's security features is offered (§9.2).
pub(crate) type Nonce = String;

impl NonceKey {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self(Hmac::new_from_slice(key).expect("HMAC takes keys of every length"))
    }

    pub(crate) fn mint(&self, client: &Client, now: UnixTime) -> Nonce {
        let mut nonce = [0; NONCE_BYTES];
        let (time, mac) = nonce.split_at_mut(4);
        // Seconds modulo 2^32: what is compared is how long ago it was.
        time.copy_from_slice(&(now.0 as u32).to_be_bytes());
        mac.copy_from_slice(&self.mac(client, time));
        URL_SAFE_NO_PAD.encode(nonce)
    }

    /// Is it this client's, and not older than this many seconds?
    pub(crate) fn accepts(&self, nonce: &str, client: &Client, now: UnixTime, lifetime_s: u64) -> bool {
        let mut bytes = [0; NONCE_BYTES];
        if URL_SAFE_NO_PAD.decode_slice(nonce, &mut bytes) != Ok(NONCE_BYTES) {
            return false;
        }
        let (time, mac) = bytes.split_at(4);
        let age = (now.0 as u32).wrapping_sub(u32::from_be_bytes([time[0], time[1], time[2], time[3]]));
        u64::from(age) < lifetime_s && self.keyed(client, time).verify_truncated_left(mac).is_ok()
    }

    fn mac(&self, client: &Client, time: &[u8]) -> [u8; MAC_BYTES] {
        let whole = self.keyed(client, time).finalize().into_bytes();
        *whole.first_chunk().expect("32 bytes")
    }

    fn keyed(&self, client: &Client, time: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(time);
        mac.update(&[client.transport as u8]);
        mac.update(&client.remote.port().to_be_bytes());
        match client.remote.ip() {
            IpAddr::V4(ip) => mac.update(&ip.octets()),
            IpAddr::V6(ip) => mac.update(&ip.octets()),
        }
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Transport;

    fn client(remote: &str) -> Client {
        Client { transport: Transport::Udp, socket: 0, remote: remote.parse().expect(remote) }
    }

    #[test]
    fn a_nonce_is_good_for_its_client_and_its_time() {
        let key = NonceKey::new(&[1; 32]);
        let (one, now) = (client("192.0.2.1:5000"), UnixTime(u64::from(u32::MAX) - 5));
        let nonce = key.mint(&one, now);
        assert_eq!(nonce.len(), 16);
        for (age, is_good) in [(0, true), (9, true), (10, false), (100, false)] {
            assert_eq!(key.accepts(&nonce, &one, UnixTime(now.0 + age), 10), is_good, "{age}");
        }
        assert!(!key.accepts(&nonce, &one, UnixTime(now.0 - 1), 10), "from the future");
        for other in ["192.0.2.1:5001", "192.0.2.2:5000", "[2001:db8::1]:5000"] {
            assert!(!key.accepts(&nonce, &client(other), now, 10), "{other}");
        }
        assert!(!key.accepts(&nonce, &Client { transport: Transport::Tcp, ..one }, now, 10));
        assert!(!NonceKey::new(&[2; 32]).accepts(&nonce, &one, now, 10));
    }

    #[test]
    fn what_is_no_nonce_is_refused() {
        let (key, one) = (NonceKey::new(&[1; 32]), client("192.0.2.1:5000"));
        for text in ["", "obMatJos2", "AAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAA", "é"] {
            assert!(!key.accepts(text, &one, UnixTime(0), 10), "{text}");
        }
    }
}
