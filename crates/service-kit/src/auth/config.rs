use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{ApiKey, DuplicateKey, InvalidApiKey, KeyRing, TokenRules};
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
    #[error("keys-file {}: {error}", path.display())]
    Unreadable {
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
}

impl AuthConfig {
    /// Every key that is configured, with the file's.
    ///
    /// # Errors
    /// When the file cannot be read or has a line that is no key.
    pub fn load_keys(&self) -> Result<Vec<ApiKey>, KeysFileError> {
        let mut keys = self.keys.clone();
        if let Some(path) = &self.keys_file {
            let text = std::fs::read_to_string(path)
                .map_err(|error| KeysFileError::Unreadable { path: path.clone(), error })?;
            keys.extend(parse_keys(path, &text)?);
        }
        Ok(keys)
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
        Ok(KeyRing::new(self.load_keys()?, self.rules())?)
    }
}

impl AuthConfig {
    /// Reads `keys-file` again when it changes, until the process stops. A broken file is logged and the keys before stay.
    pub async fn follow_keys_file(self, ring: KeyRing, shutdown: Shutdown) {
        let Some(path) = self.keys_file.clone() else { return };
        let mut watched = Watched::new(vec![path]);
        let mut due = tokio::time::interval(RELOAD_INTERVAL);
        // What changed between loading and here would otherwise never be seen.
        self.reload(&ring);
        loop {
            tokio::select! {
                _ = due.tick() => {}
                () = shutdown.stopped() => return,
            }
            if watched.changed() {
                self.reload(&ring);
            }
        }
    }

    fn reload(&self, ring: &KeyRing) {
        let before = ring.key_ids();
        match self.load_keys().and_then(|keys| Ok(ring.replace(keys)?)) {
            Ok(()) if ring.key_ids() == before => {}
            Ok(()) => tracing::info!(keys = ?ring.key_ids(), "the API keys were reloaded"),
            Err(error) => tracing::error!(%error, "the API keys changed and cannot be used: the ones before stay"),
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
        config.reload(&ring);
        assert_eq!(ring.key_ids(), ["app", "new"]);
        std::fs::write(&path, "nonsense\n").expect("written");
        config.reload(&ring);
        assert_eq!(ring.key_ids(), ["app", "new"]);
    }
}
