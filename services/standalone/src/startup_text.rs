//! What the server says when it is up.

use std::{
    borrow::Cow,
    fmt::Write as _,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
};

use antiphon_service_kit::{host, tls::TlsSource};
use antiphon_turn_relay::Listening;
use secrecy::ExposeSecret as _;

use crate::development::{DevelopmentKey, DevelopmentWebhook};

/// What there is to say.
pub(crate) struct StartupText<'a> {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// The certificate, on https.
    pub(crate) tls: Option<&'a TlsSource>,
    /// The key that was made up, if one was.
    pub(crate) development_key: Option<&'a DevelopmentKey>,
    /// Who is told of what happens, where `--webhook` says so.
    pub(crate) webhook: Option<&'a DevelopmentWebhook>,
    /// The file that it was started with; without one it is the development server.
    pub(crate) config: Option<&'a Path>,
    /// Is there a page?
    pub(crate) has_page: bool,
    /// Where the relay listens, if there is one.
    pub(crate) relay: &'a [Listening],
    /// How this program was called.
    pub(crate) program: &'a str,
}

impl StartupText<'_> {
    pub(crate) fn render(&self) -> String {
        let mut text = format!("\nAntiphon {}", env!("CARGO_PKG_VERSION"));
        let is_development = self.config.is_none();
        text.push_str(if is_development { ", development server\n\n" } else { "\n\n" });
        let (http, ws) = if self.tls.is_some() { ("https", "wss") } else { ("http", "ws") };
        let addresses = reachable(self.address);
        for address in addresses.iter().filter(|_| self.has_page) {
            row(&mut text, "page", &format!("{http}://{address}"));
        }
        for address in addresses.iter().take(1).filter(|_| self.has_page && is_development) {
            row(&mut text, "admin", &format!("{http}://{address}/admin"));
        }
        for address in addresses.iter().take(1) {
            row(&mut text, "socket", &format!("{ws}://{address}/v1/connect"));
        }
        for (index, listening) in self.relay.iter().enumerate() {
            row(&mut text, if index == 0 { "relay" } else { "" }, &listening.uri());
        }
        let config = self.config.map(|path| format!(" --config {}", shell_word(&path.to_string_lossy())));
        let program = shell_word(self.program);
        let config = config.unwrap_or_default();
        row(&mut text, "token", &format!("{program} token{config} --room rehearsal --identity ada"));
        if let Some(tls) = self.tls.filter(|tls| tls.is_generated()) {
            row(&mut text, "cert", &format!("generated, SHA-256 {}", tls.fingerprint()));
            row(&mut text, "", "browsers warn of it once: compare the fingerprint, then go on");
        }
        if let Some(DevelopmentKey { key, .. }) = self.development_key {
            row(&mut text, "API key", key.id());
            row(&mut text, "secret", key.secret().expose_secret());
            row(&mut text, "", "for development only: made up for this run, and this server gives anyone a token");
        } else if is_development {
            row(&mut text, "", "for development only: this server gives anyone a token (--config FILE for a real one)");
        }
        if let Some(DevelopmentWebhook { url, secret }) = self.webhook {
            row(&mut text, "webhook", url);
            row(&mut text, "", &format!("signed with {}", secret.expose_secret()));
        }
        if self.tls.is_none() && !self.address.ip().is_loopback() {
            row(&mut text, "note", "browsers give no camera to plain http off localhost: add --https");
        }
        row(&mut text, "stop", "Ctrl-C");
        text.push('\n');
        text
    }
}

/// The addresses that browsers can open, the nearest first.
fn reachable(listening: SocketAddr) -> Vec<SocketAddr> {
    let loopback: IpAddr = match listening.ip() {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        IpAddr::V4(_) | IpAddr::V6(_) => return vec![listening],
    };
    let others = host::addresses().into_iter().filter(|address| listening.is_ipv6() || address.is_ipv4());
    std::iter::once(loopback).chain(others).map(|address| SocketAddr::new(address, listening.port())).collect()
}

/// As a POSIX shell reads it back (XCU §2.2).
fn shell_word(text: &str) -> Cow<'_, str> {
    let plain = |character: char| character.is_ascii_alphanumeric() || "/._-+:@%,=".contains(character);
    if !text.is_empty() && text.chars().all(plain) {
        return text.into();
    }
    format!("'{}'", text.replace('\'', "'\\''")).into()
}

fn row(text: &mut String, name: &str, value: &str) {
    writeln!(text, "  {name:<9}{value}").expect("a String grows");
}
