//! What runs inside Redis: one script for each operation.

use std::sync::LazyLock;

use sha1::{Digest as _, Sha1};

/// A script and its name in the script cache of Redis.
pub(super) struct Script {
    pub(super) source: &'static str,
    pub(super) digest: String,
}

impl Script {
    fn new(source: &'static str) -> Self {
        use std::fmt::Write as _;
        let mut digest = String::with_capacity(40);
        for byte in Sha1::digest(source.as_bytes()) {
            write!(digest, "{byte:02x}").expect("a String takes all");
        }
        Self { source, digest }
    }
}

macro_rules! scripts {
    ($($name:ident = [$($file:literal),+];)*) => {
        $(
            pub(super) static $name: LazyLock<Script> =
                LazyLock::new(|| Script::new(concat!($(include_str!(concat!("scripts/", $file, ".lua")), "\n"),+)));
        )*
    };
}

scripts! {
    APPEND = ["epoch", "trim", "append"];
    LOAD = ["epoch", "load"];
    READ = ["epoch", "read"];
    SINCE = ["epoch", "trim", "since"];
    HEADS = ["epoch", "heads"];
    LASTS = ["lasts"];
    SNAPSHOT = ["epoch", "trim", "snapshot"];
    POST = ["post"];
    SETTLE = ["settle"];
    READ_MAIL = ["read_mail"];
    TAKE_MAIL = ["take_mail"];
    READ_OUTBOX = ["read_outbox"];
    SETTLE_OUTBOX = ["settle_outbox"];
    BURY = ["epoch", "bury"];
    FIND_LETTER = ["find_letter"];
    EXHUME = ["exhume"];
    RENEW = ["epoch", "renew"];
    REPLICAS = ["epoch", "replicas"];
    FORGET = ["epoch", "forget"];
}
