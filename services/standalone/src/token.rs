//! `antiphon token`: signs a token with the key of the server that runs here, or of the one whose file is given.

use std::ffi::OsString;

use antiphon_service_kit::{
    auth::{AuthConfig, KeyRing, NewToken, TokenGrants},
    clock::unix_now_s,
    config,
};
use anyhow::{Context as _, bail};

use crate::{
    development,
    settings::{Cli, TokenRequest},
    terminal,
};

pub(crate) fn print_token(request: &TokenRequest) -> anyhow::Result<()> {
    let auth = server_auth(request)?;
    let ring = auth.key_ring()?;
    let key_id = choose_key(&ring, request.key.as_deref())?;
    if request.ttl > auth.max_token_lifetime {
        bail!(
            "--ttl: expected {} at most, which is max-token-lifetime, found {:?}",
            auth.max_token_lifetime,
            request.ttl.to_string()
        );
    }
    let token = NewToken {
        identity: request.identity.clone(),
        name: request.name.clone(),
        metadata: None,
        attributes: std::collections::BTreeMap::new(),
        grants: TokenGrants {
            room: request.room.clone(),
            join: !request.admin,
            moderate: request.moderate,
            admin: request.admin,
            ..TokenGrants::default()
        },
        issued_at_s: unix_now_s(),
        lifetime_s: request.ttl.as_secs(),
    };
    let token = ring.sign(&key_id, &token).context("the key is gone")?;
    terminal::print(&format!("{token}\n"));
    Ok(())
}

/// What the server would read, and the development server's key where that has none.
fn server_auth(request: &TokenRequest) -> anyhow::Result<AuthConfig> {
    let mut arguments: Vec<OsString> = vec!["antiphon".into()];
    if let Some(path) = &request.config {
        arguments.extend(["--config".into(), path.clone().into()]);
    }
    let cli: Cli = config::parse(arguments)?;
    let mut auth = cli.settings.auth;
    if auth.keys.is_empty() && auth.keys_file.is_none() {
        if request.config.is_some() {
            bail!("the server's file has no keys: expected keys or keys-file in the table [auth]");
        }
        auth.keys_file = development::file().filter(|path| path.exists());
        if auth.keys_file.is_none() {
            bail!(
                "there is no API key: start `antiphon` for development, set ANTIPHON_KEYS, or name a server's file with --config"
            );
        }
    }
    Ok(auth)
}

fn choose_key(ring: &KeyRing, wanted: Option<&str>) -> anyhow::Result<String> {
    let ids = ring.key_ids();
    match (wanted, ids.as_slice()) {
        (Some(wanted), _) if ids.iter().any(|id| id == wanted) => Ok(wanted.to_owned()),
        (Some(wanted), _) if wanted.contains(':') => bail!(
            "--key: expected a key's id without its secret: every user of this machine sees the arguments of its processes; \
             give id and secret in ANTIPHON_KEYS or in a file"
        ),
        (Some(wanted), _) => bail!("--key: expected one of {}, found {wanted:?}", ids.join(", ")),
        (None, [only]) => Ok(only.clone()),
        (None, []) => bail!("keys-file: it has no keys"),
        (None, _) => bail!("there are several API keys: choose with --key one of {}", ids.join(", ")),
    }
}
