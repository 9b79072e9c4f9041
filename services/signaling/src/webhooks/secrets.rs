//! What an endpoint's webhooks are signed with, while it changes.

use std::{
    env, io,
    path::Path,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use antiphon_service_kit::watched::Watched;
use antiphon_webhook_core::{InvalidSecret, SigningSecret};

use super::WebhookConfig;

/// How often a file of secrets is looked at.
const RELOAD_INTERVAL: Duration = Duration::from_secs(1);

/// Why there are no secrets. Says nothing of them.
#[derive(Debug, thiserror::Error)]
pub(super) enum SecretsError {
    #[error("secrets-file {path}: {error}")]
    File { path: String, error: io::Error },
    #[error("secrets-file {path}:{line}: {error}")]
    Line { path: String, line: usize, error: InvalidSecret },
    #[error("secrets-env: the environment variable {0} is not set")]
    NotSet(String),
    #[error("secrets-env: {variable}: {error}")]
    Variable { variable: String, error: InvalidSecret },
    #[error("expected at least one secret")]
    None,
}

/// The secrets that sign now.
#[derive(Debug)]
pub(super) struct Secrets(RwLock<Arc<[SigningSecret]>>);

impl Secrets {
    pub(super) fn load(config: &WebhookConfig) -> Result<Self, SecretsError> {
        Ok(Self(RwLock::new(load(config)?.into())))
    }

    pub(super) fn current(&self) -> Arc<[SigningSecret]> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the file again when it changes, for ever. Where it is broken, the secrets before stay.
    pub(super) async fn follow_file(&self, config: &WebhookConfig) {
        let Some(path) = config.secrets_file.clone() else { return };
        let mut watched = Watched::new(vec![path]);
        let mut due = tokio::time::interval(RELOAD_INTERVAL);
        // What changed between loading and here would otherwise never be seen.
        self.reload(config);
        loop {
            due.tick().await;
            if watched.changed() {
                self.reload(config);
                tracing::info!(tenant = %config.tenant, endpoint = %config.name, "the secrets of a webhook were read again");
            }
        }
    }

    fn reload(&self, config: &WebhookConfig) {
        match load(config) {
            Ok(secrets) => *self.0.write().unwrap_or_else(PoisonError::into_inner) = secrets.into(),
            Err(error) => tracing::error!(
                tenant = %config.tenant, endpoint = %config.name, %error,
                "the secrets of a webhook changed and cannot be used: the ones before stay"
            ),
        }
    }
}

/// Those of the file first: it is where a new one comes in.
fn load(config: &WebhookConfig) -> Result<Vec<SigningSecret>, SecretsError> {
    let mut secrets = Vec::new();
    if let Some(path) = &config.secrets_file {
        secrets.extend(of_file(path)?);
    }
    if let Some(variable) = &config.secrets_env {
        secrets.extend(of_variable(variable)?);
    }
    secrets.extend(config.secrets.iter().cloned());
    if secrets.is_empty() { Err(SecretsError::None) } else { Ok(secrets) }
}

fn of_file(path: &Path) -> Result<Vec<SigningSecret>, SecretsError> {
    let name = || path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| SecretsError::File { path: name(), error })?;
    let lines = text.lines().map(str::trim).zip(1..).filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
    lines.map(|(text, line)| text.parse().map_err(|error| SecretsError::Line { path: name(), line, error })).collect()
}

fn of_variable(variable: &str) -> Result<Vec<SigningSecret>, SecretsError> {
    let value = env::var(variable).map_err(|_| SecretsError::NotSet(variable.to_owned()))?;
    let secrets = value.split(',').map(str::trim).filter(|text| !text.is_empty());
    secrets
        .map(|text| text.parse().map_err(|error| SecretsError::Variable { variable: variable.to_owned(), error }))
        .collect()
}
