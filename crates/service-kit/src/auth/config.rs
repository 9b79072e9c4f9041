use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    ApiKey, DuplicateKey, InvalidApiKey, InvalidIssuer, KeyRing, TokenRules, issuer::Issuer, issuers_file, remote::Pace,
};
use crate::{config::HumanDuration, drain::Shutdown, watched::Watched};

const RELOAD_INTERVAL: Duration = Duration::from_secs(5);

/// Who may sign tokens, and what tokens must keep to.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Auth")]
pub struct AuthConfig {
    /// API keys: "id:secret", or "tenant/id:secret" where several keys share a tenant's rooms. Not taken as a flag, because every
    /// user of the machine sees a process's arguments.
    #[arg(long, env = "ANTIPHON_KEYS", value_name = "KEYS", value_delimiter = ',', hide_env_values = true)]
    pub keys: Vec<ApiKey>,
    /// A file with more API keys, one a line, "#" begins a comment. It is read again when it changes: to rotate a key, add the new one,
    /// move the applications, remove the old one.
    #[arg(long, env = "ANTIPHON_KEYS_FILE", value_name = "FILE")]
    pub keys_file: Option<PathBuf>,
    /// A file of issuers: whoever signs tokens with a private key of its own (EdDSA, ES256 or RS256). It says for each where the public
    /// keys are: in PEM files, in a JWK set, or at a URL. docs/tokens.md describes it. It is read again when it changes.
    #[arg(long, env = "ANTIPHON_ISSUERS_FILE", value_name = "FILE")]
    pub issuers_file: Option<PathBuf>,
    /// What the claim "aud" of a token must name.
    #[arg(long, env = "ANTIPHON_AUDIENCE", value_name = "NAME", default_value = "antiphon")]
    pub audience: String,
    /// The longest lifetime of a token.
    #[arg(long, env = "ANTIPHON_MAX_TOKEN_LIFETIME", value_name = "DURATION", default_value = "1d")]
    pub max_token_lifetime: HumanDuration,
}

/// Why the keys cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum KeysFileError {
    /// Not there, or not ours to read.
    #[error("{key} {}: {error}", path.display())]
    Unreadable {
        /// Which setting names it.
        key: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A line that is no key.
    #[error("keys-file {}:{line}: {error}", path.display())]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// Why.
        error: InvalidApiKey,
    },
    /// Two of the keys have one id.
    #[error(transparent)]
    Duplicate(#[from] DuplicateKey),
    /// Not a file of issuers.
    #[error("issuers-file {}:{line}: {message}", path.display())]
    NotIssuers {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What, and what was expected.
        message: String,
    },
    /// An issuer that cannot be.
    #[error("issuers-file {}:{line}: {error}", path.display())]
    Issuer {
        /// Which file.
        path: PathBuf,
        /// Where it begins, from 1.
        line: usize,
        /// Why.
        error: InvalidIssuer,
    },
    /// Nothing is left, as while a file is being written.
    #[error("there is no API key and no issuer in it, and none is configured elsewhere")]
    Empty,
}

/// API keys and issuers, as they were configured.
#[derive(Default)]
pub struct LoadedKeys {
    pub(super) api: Vec<ApiKey>,
    pub(super) issuers: Vec<Issuer>,
}

impl LoadedKeys {
    /// Nobody can sign a token.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.api.is_empty() && self.issuers.is_empty()
    }
}

impl AuthConfig {
    /// Every key and issuer that is configured, with the files'.
    ///
    /// # Errors
    /// When a file cannot be read or says something that cannot be.
    pub fn load_keys(&self) -> Result<LoadedKeys, KeysFileError> {
        self.load_from(&mut Vec::new())
    }

    /// Adds the files that it reads to `files`, also where it fails.
    fn load_from(&self, files: &mut Vec<PathBuf>) -> Result<LoadedKeys, KeysFileError> {
        files.extend(self.keys_file.clone());
        let issuers = self.issuers_file.as_ref().map(|path| issuers_file::read(path, Pace::default(), files));
        let mut api = self.keys.clone();
        if let Some(path) = &self.keys_file {
            let text = std::fs::read_to_string(path).map_err(|error| KeysFileError::Unreadable {
                key: "keys-file",
                path: path.clone(),
                error,
            })?;
            api.extend(parse_keys(path, &text)?);
        }
        Ok(LoadedKeys { api, issuers: issuers.transpose()?.unwrap_or_default() })
    }

    /// The rules for tokens.
    #[must_use]
    pub fn rules(&self) -> TokenRules {
        TokenRules { audience: self.audience.clone(), max_lifetime_s: self.max_token_lifetime.as_secs() }
    }

    /// The keys and the rules together.
    ///
    /// # Errors
    /// As [`AuthConfig::load_keys`], and when two keys have one id.
    pub fn key_ring(&self) -> Result<KeyRing, KeysFileError> {
        Ok(KeyRing::of(self.load_keys()?, self.rules())?)
    }
}

impl AuthConfig {
    /// Reads `keys-file` and `issuers-file` again when they or a file of an issuer's change, and fetches the keys of issuers that have
    /// a URL, until the process stops. A broken file is logged and the keys before stay.
    pub async fn follow_keys(self, ring: KeyRing, shutdown: Shutdown) {
        let fetching = async {
            let mut due = tokio::time::interval(RELOAD_INTERVAL);
            loop {
                due.tick().await;
                ring.refresh_issuers().await;
            }
        };
        tokio::select! {
            () = self.follow_files(&ring) => {}
            () = fetching => {}
            () = shutdown.stopped() => {}
        }
    }

    async fn follow_files(&self, ring: &KeyRing) {
        if self.keys_file.is_none() && self.issuers_file.is_none() {
            return std::future::pending().await;
        }
        let mut due = tokio::time::interval(RELOAD_INTERVAL);
        let mut watched = Watched::new(Vec::new());
        let mut is_unread = true;
        loop {
            due.tick().await;
            while is_unread || watched.changed() {
                let mut files = Vec::new();
                tell(ring, self.reload(ring, &mut files));
                // A file may come to name others. What changed between reading and watching them would never be seen.
                is_unread = watched.paths() != files;
                if is_unread {
                    watched = Watched::new(files);
                }
            }
        }
    }

    /// Puts the keys of now into the ring; tells whether they are other ones. None at all are refused: a file is empty for a moment
    /// while it is written.
    fn reload(&self, ring: &KeyRing, files: &mut Vec<PathBuf>) -> Result<bool, KeysFileError> {
        let loaded = self.load_from(files)?;
        if loaded.is_empty() { Err(KeysFileError::Empty) } else { Ok(ring.replace_all(loaded)?) }
    }
}

fn tell(ring: &KeyRing, reloaded: Result<bool, KeysFileError>) {
    match reloaded {
        Ok(true) => {
            tracing::info!(keys = ?ring.key_ids(), issuers = ?ring.issuers(), "the API keys and issuers were reloaded");
        }
        Ok(false) => {}
        Err(error) => {
            tracing::error!(%error, "the API keys or issuers changed and cannot be used: the ones before stay")
        }
    }
}

fn parse_keys(path: &Path, text: &str) -> Result<Vec<ApiKey>, KeysFileError> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    lines
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(line, text)| text.parse().map_err(|error| KeysFileError::Invalid { path: path.to_owned(), line, error }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    fn config(text: &str) -> (tempfile::TempDir, AuthConfig) {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("keys");
        std::fs::write(&path, text).expect("written");
        (directory, AuthConfig { keys_file: Some(path), ..crate::config::defaults() })
    }

    #[test]
    fn a_keys_file_has_one_key_a_line_and_comments() {
        let (_directory, config) = config(&format!("# ours\n\napp:{SECRET}\n  t/b:{SECRET}  \r\n"));
        assert_eq!(config.key_ring().expect("valid").key_ids(), ["app", "b"]);
    }

    #[test]
    fn a_bad_line_is_named_and_not_repeated() {
        let (_directory, config) = config(&format!("app:{SECRET}\nb:0123456789\n"));
        let complaint = config.key_ring().expect_err("refused").to_string();
        assert!(complaint.contains("keys:2: a key's secret has at least 32 bytes"), "{complaint}");
        assert!(!complaint.contains("0123"), "{complaint}");
    }

    #[test]
    fn a_changed_file_takes_force_and_a_broken_one_does_not() {
        let (_directory, config) = config(&format!("app:{SECRET}\n"));
        let path = config.keys_file.clone().expect("set");
        let ring = config.key_ring().expect("valid");
        std::fs::write(&path, format!("app:{SECRET}\nnew:{SECRET}\n")).expect("written");
        assert!(config.reload(&ring, &mut Vec::new()).expect("valid"));
        assert_eq!(ring.key_ids(), ["app", "new"]);
        std::fs::write(&path, "nonsense\n").expect("written");
        config.reload(&ring, &mut Vec::new()).expect_err("no key");
        assert_eq!(ring.key_ids(), ["app", "new"]);
    }

    #[test]
    fn a_file_that_is_being_rewritten_leaves_the_keys_before() {
        let (_directory, config) = config(&format!("app:{SECRET}\n"));
        let path = config.keys_file.clone().expect("set");
        let ring = config.key_ring().expect("valid");
        for text in ["", "# ours\n"] {
            std::fs::write(&path, text).expect("written");
            let error = config.reload(&ring, &mut Vec::new()).expect_err("empty");
            assert!(matches!(error, KeysFileError::Empty), "{error}");
            assert_eq!(ring.key_ids(), ["app"]);
        }
    }

    #[test]
    fn another_secret_or_tenant_is_a_change_and_another_order_is_none() {
        let (_directory, config) = config(&format!("app:{SECRET}\nb:{SECRET}\n"));
        let path = config.keys_file.clone().expect("set");
        let ring = config.key_ring().expect("valid");
        let reloaded = |text: String| {
            std::fs::write(&path, text).expect("written");
            config.reload(&ring, &mut Vec::new()).expect("valid")
        };
        assert!(!reloaded(format!("b:{SECRET}\napp:{SECRET}\n")));
        assert!(reloaded(format!("app:{SECRET}!\nb:{SECRET}\n")), "a secret");
        assert!(!reloaded(format!("app:{SECRET}!\nb:{SECRET}\n")));
        assert!(reloaded(format!("app:{SECRET}!\nt/b:{SECRET}\n")), "a tenant");
    }
}
