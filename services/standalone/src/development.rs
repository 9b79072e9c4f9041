//! What the development server makes up at each start: an API key, left where `antiphon token` of the same user finds it, and what
//! signs the webhooks of `--webhook`.

use std::{
    env, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use antiphon_protocol::TenantId;
use antiphon_service_kit::auth::ApiKey;
use antiphon_signaling::WebhookArgument;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret as _, SecretString};

const KEY_ID: &str = "devkey";

/// A key for as long as the server runs.
pub(crate) struct DevelopmentKey {
    pub(crate) key: ApiKey,
    file: Option<PathBuf>,
}

impl DevelopmentKey {
    /// Makes up a key. Where there is no place for its file, `antiphon token` has to be told the key.
    pub(crate) fn make_up() -> Self {
        let bits: [u8; 32] = rand::random();
        let secret: String = bits.iter().map(|byte| format!("{byte:02x}")).collect();
        let key = ApiKey::new(KEY_ID, KEY_ID, SecretString::from(secret)).expect("64 hexadecimal digits");
        let file = file().filter(|path| match write(path, &line(&key)) {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(%error, path = %path.display(), "`antiphon token` will not find the development key");
                false
            }
        });
        Self { key, file }
    }
}

impl Drop for DevelopmentKey {
    /// Takes the file away, unless a server that began later has put its own there.
    fn drop(&mut self) {
        let Some(path) = &self.file else { return };
        if fs::read_to_string(path).is_ok_and(|text| text == line(&self.key)) {
            // Left behind it would only be a key that no server knows.
            let _ = fs::remove_file(path);
        }
    }
}

/// A URL that is told of the rooms as long as the server runs.
pub(crate) struct DevelopmentWebhook {
    pub(crate) url: String,
    /// As Standard Webhooks writes it.
    pub(crate) secret: SecretString,
}

impl DevelopmentWebhook {
    /// Makes up a secret.
    pub(crate) fn make_up(url: String) -> Self {
        let bits: [u8; 32] = rand::random();
        Self { url, secret: SecretString::from(format!("whsec_{}", STANDARD.encode(bits))) }
    }

    /// An endpoint for each tenant.
    ///
    /// # Errors
    /// When the URL is none that webhooks can be posted to.
    pub(crate) fn endpoints(&self, tenants: &[TenantId]) -> Result<Vec<WebhookArgument>, String> {
        tenants.iter().map(|tenant| WebhookArgument::of(tenant, &self.url, self.secret.expose_secret())).collect()
    }
}

/// Where the running development server leaves its key, in the format of `keys-file`.
pub(crate) fn file() -> Option<PathBuf> {
    let absolute = |variable: &str| env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute());
    let directory = absolute("XDG_RUNTIME_DIR")
        .or_else(|| absolute("XDG_STATE_HOME"))
        .or_else(|| Some(absolute("HOME")?.join(".local/state")))?;
    Some(directory.join("antiphon").join("dev-keys"))
}

fn line(key: &ApiKey) -> String {
    format!("{}:{}\n", key.id(), key.secret().expose_secret())
}

/// Readable by this user only, from its first moment.
fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_for_its_owner_alone_and_a_later_server_replaces_it() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("antiphon/dev-keys");
        write(&path, "first").expect("written");
        write(&path, "second").expect("written");
        assert_eq!(fs::read_to_string(&path).expect("there"), "second");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        }
    }
}
