//! Which pages of browsers may call.

/// Pages of this machine, on any port: where an application is while it is developed.
pub const LOOPBACK: [&str; 3] = ["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"];

/// Whether `origin` (RFC 6454, section 6.2) is on a list. An entry is an origin, an origin with `:*` for any port, or `*` for all.
#[must_use]
pub fn allows<Entry: AsRef<str>>(list: &[Entry], origin: &str) -> bool {
    list.iter().map(AsRef::as_ref).any(|entry| match entry.strip_suffix(":*") {
        Some(host) => origin.strip_prefix(host).is_some_and(is_port),
        None => entry == "*" || entry == origin,
    })
}

/// `:8080`, or nothing: the scheme's own port is left out.
fn is_port(rest: &str) -> bool {
    rest.is_empty()
        || rest.strip_prefix(':').is_some_and(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::{LOOPBACK, allows};

    #[test]
    fn an_origin_is_on_the_list_or_not() {
        let list = ["https://app.example"];
        assert!(allows(&list, "https://app.example"));
        for origin in ["http://app.example", "https://app.example:8443", "https://app.example.evil", "null", ""] {
            assert!(!allows(&list, origin), "{origin}");
        }
        assert!(!allows::<&str>(&[], "https://app.example"));
        assert!(allows(&["*"], "null"));
    }

    #[test]
    fn a_star_for_the_port_is_any_port_and_nothing_else() {
        for origin in ["http://localhost", "http://localhost:5173", "http://127.0.0.1:1", "http://[::1]:8080"] {
            assert!(allows(&LOOPBACK, origin), "{origin}");
        }
        for origin in [
            "http://localhost.evil.example",
            "http://localhost:",
            "http://localhost:80.evil.example",
            "http://localhost:80@evil.example",
            "https://localhost:8443",
            "http://127.0.0.10:80",
            "null",
        ] {
            assert!(!allows(&LOOPBACK, origin), "{origin}");
        }
    }
}
