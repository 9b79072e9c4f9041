//! Where the secrets of the credentials come from, for a relay that is a process of its own.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use antiphon_ice_core::credentials::{InvalidSecrets, RotatingSecrets, Secrets};
use antiphon_service_kit::{config::HumanDuration, drain::Shutdown, watched::Watched};

/// The file is not looked at more often.
const LEAST_INTERVAL: Duration = Duration::from_millis(10);

/// What relay and minter share.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Turn")]
pub struct RelaySecretsConfig {
    /// A file with the secrets of the credentials (coturn's "static-auth-secret"), one a line, "#" begins a comment. It is read again
    /// when it changes: to rotate, add the new one, give it to who mints, remove the old one when its last credential has expired.
    #[arg(long, env = "ANTIPHON_TURN_SECRETS_FILE", value_name = "FILE")]
    pub turn_secrets_file: Option<PathBuf>,
    /// How often the file is looked at.
    #[arg(long, env = "ANTIPHON_TURN_SECRETS_RELOAD_INTERVAL", value_name = "DURATION", default_value = "5s")]
    pub turn_secrets_reload_interval: HumanDuration,
}

/// Why there are no secrets.
#[derive(Debug, thiserror::Error)]
pub enum SecretsFileError {
    /// There is none.
    #[error("turn.turn-secrets-file: expected a file with the secrets of the credentials")]
    Missing,
    /// Not there, or not ours to read.
    #[error("turn-secrets-file {}: {error}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Not secrets.
    #[error("turn-secrets-file {}: {error}", path.display())]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// Why. It does not repeat what is there.
        error: InvalidSecrets,
    },
}

impl RelaySecretsConfig {
    /// Reads the secrets.
    ///
    /// # Errors
    /// When there is no file, or it cannot be read or holds no secrets.
    pub fn load(&self) -> Result<RotatingSecrets, SecretsFileError> {
        let path = self.turn_secrets_file.as_deref().ok_or(SecretsFileError::Missing)?;
        read(path).map(RotatingSecrets::new)
    }

    /// Reads them again when they change, until the process stops. A broken file is logged and the secrets before stay.
    pub async fn follow(self, secrets: RotatingSecrets, shutdown: Shutdown) {
        let Some(path) = self.turn_secrets_file else { return };
        let mut watched = Watched::new(vec![path.clone()]);
        let mut due = tokio::time::interval(self.turn_secrets_reload_interval.0.max(LEAST_INTERVAL));
        // What changed between loading and here would otherwise never be seen.
        reload(&path, &secrets);
        loop {
            tokio::select! {
                _ = due.tick() => {}
                () = shutdown.stopped() => return,
            }
            if watched.changed() && reload(&path, &secrets) {
                tracing::info!("the secrets of TURN credentials were read again");
            }
        }
    }
}

/// Whether they are in force.
fn reload(path: &Path, secrets: &RotatingSecrets) -> bool {
    match read(path) {
        Ok(read) => secrets.replace(read),
        Err(error) => {
            tracing::error!(%error, "the secrets changed and cannot be used: the ones before stay");
            return false;
        }
    }
    true
}

fn read(path: &Path) -> Result<Secrets, SecretsFileError> {
    let text =
        std::fs::read_to_string(path).map_err(|error| SecretsFileError::Unreadable { path: path.to_owned(), error })?;
    Secrets::parse(&text).map_err(|error| SecretsFileError::Invalid { path: path.to_owned(), error })
}
