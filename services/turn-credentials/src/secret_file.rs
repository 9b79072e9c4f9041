//! Secrets in files, read again when they change.

use std::{
    io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use antiphon_ice_core::credentials::{InvalidSecrets, RotatingSecrets, Secrets};
use antiphon_service_kit::watched::Watched;
use secrecy::SecretString;

/// How often a file is looked at.
const RELOAD_INTERVAL: Duration = Duration::from_secs(1);

/// Why there is no secret. Says nothing of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretFileError {
    #[error("{}: {error}", path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    #[error("{}: {error}", path.display())]
    Secrets { path: PathBuf, error: InvalidSecrets },
    #[error("{}: expected one line with a secret", path.display())]
    Text { path: PathBuf },
}

/// The secrets that a minter shares with its relays.
#[derive(Debug)]
pub(crate) struct SharedSecrets {
    path: PathBuf,
    secrets: RotatingSecrets,
}

impl SharedSecrets {
    pub(crate) fn load(path: PathBuf) -> Result<Self, SecretFileError> {
        let secrets = RotatingSecrets::new(read_secrets(&path)?);
        Ok(Self { path, secrets })
    }

    pub(crate) fn handle(&self) -> RotatingSecrets {
        self.secrets.clone()
    }

    /// Reads the file again when it changes, for ever.
    pub(crate) async fn follow(self) {
        follow(&self.path, || read_secrets(&self.path).map(|secrets| self.secrets.replace(secrets))).await;
    }
}

/// One secret text, such as an API's token. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct SecretText {
    path: PathBuf,
    text: Arc<RwLock<SecretString>>,
}

impl SecretText {
    pub(crate) fn load(path: PathBuf) -> Result<Self, SecretFileError> {
        let text = Arc::new(RwLock::new(read_text(&path)?));
        Ok(Self { path, text })
    }

    pub(crate) fn current(&self) -> SecretString {
        self.text.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the file again when it changes, for ever.
    pub(crate) async fn follow(self) {
        let replace = |text| *self.text.write().unwrap_or_else(PoisonError::into_inner) = text;
        follow(&self.path, || read_text(&self.path).map(replace)).await;
    }
}

/// Where the file is broken, what was before stays.
async fn follow(path: &Path, mut reload: impl FnMut() -> Result<(), SecretFileError>) {
    let mut watched = Watched::new(vec![path.to_owned()]);
    let mut due = tokio::time::interval(RELOAD_INTERVAL);
    // What changed between loading and here would otherwise never be seen.
    let mut is_unread = true;
    loop {
        due.tick().await;
        let changed = watched.changed();
        if !(changed || is_unread) {
            continue;
        }
        match reload() {
            Ok(()) if !is_unread => tracing::info!(file = %path.display(), "the secrets of a provider were read again"),
            Ok(()) => {}
            Err(error) => {
                tracing::error!(%error, "the secrets of a provider changed and cannot be used: the ones before stay");
            }
        }
        is_unread = false;
    }
}

fn read(path: &Path) -> Result<String, SecretFileError> {
    std::fs::read_to_string(path).map_err(|error| SecretFileError::Unreadable { path: path.to_owned(), error })
}

fn read_secrets(path: &Path) -> Result<Secrets, SecretFileError> {
    Secrets::parse(&read(path)?).map_err(|error| SecretFileError::Secrets { path: path.to_owned(), error })
}

fn read_text(path: &Path) -> Result<SecretString, SecretFileError> {
    let text = read(path)?;
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(SecretFileError::Text { path: path.to_owned() });
    }
    Ok(text.to_owned().into())
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("secret");
        std::fs::write(&path, text).expect("written");
        (directory, path)
    }

    #[test]
    fn a_token_is_one_line() {
        let (_directory, path) = file("  token-1\n");
        assert_eq!(SecretText::load(path.clone()).expect("one").current().expose_secret(), "token-1");
        for text in ["", "\n", "one\ntwo", "é"] {
            std::fs::write(&path, text).expect("written");
            let error = SecretText::load(path.clone()).expect_err(text).to_string();
            assert!(error.ends_with("secret: expected one line with a secret"), "{error}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_changed_file_takes_force_and_a_broken_one_does_not() {
        let (_directory, path) = file("the-old-secret-of-the-relay");
        let shared = SharedSecrets::load(path.clone()).expect("a secret");
        let secrets = shared.handle();
        let minted = |secrets: &RotatingSecrets| secrets.current().first().password("u").expose_secret().to_owned();
        let old = minted(&secrets);
        let following = tokio::spawn(shared.follow());
        std::fs::write(&path, "the-new-secret-of-the-relay\nthe-old-secret-of-the-relay").expect("written");
        let changed = async {
            while minted(&secrets) == old {
                tokio::time::sleep(RELOAD_INTERVAL).await;
            }
        };
        tokio::time::timeout(RELOAD_INTERVAL * 60, changed).await.expect("it takes force");
        let new = minted(&secrets);
        std::fs::write(&path, "short").expect("written");
        tokio::time::sleep(RELOAD_INTERVAL * 3).await;
        assert_eq!(minted(&secrets), new);
        following.abort();
    }
}
