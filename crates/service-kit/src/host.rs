//! What the machine is called and where it is reached.

use std::net::IpAddr;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

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

/// Lets this process open as many files, sockets among them, as the machine allows it (`ulimit -Hn`); the usual default is 1,024.
pub fn raise_open_file_limit() {
    let maximum = getrlimit(Resource::Nofile).maximum;
    // Refused, the limit stays as it is; `open_file_limit` tells.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
}

/// How many files, sockets among them, this process may open; `None`: no limit.
#[must_use]
pub fn open_file_limit() -> Option<u64> {
    getrlimit(Resource::Nofile).current
}
