//! What the machine is called and where it is reached.

use std::net::IpAddr;

/// The machine's own addresses that others can reach, without loopback and link-local ones. Empty where the system does not tell.
#[must_use]
pub fn addresses() -> Vec<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let mut addresses: Vec<IpAddr> = interfaces
        .iter()
        .filter(|interface| !interface.is_loopback() && !interface.is_link_local())
        .map(if_addrs::Interface::ip)
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

/// The machine's name, where it has one that fits into a certificate.
#[must_use]
pub fn name() -> Option<String> {
    let name = gethostname::gethostname().into_string().ok()?;
    let fits = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    fits.then_some(name)
}

/// Lets this process open as many sockets as the machine allows it (`ulimit -Hn`); the usual default is 1,024. Tells the limit.
#[must_use]
pub fn raise_open_file_limit() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        Ok(()) => maximum,
        Err(_) => current,
    }
}
