//! How much a tenant may have.

use std::{
    collections::BTreeMap,
    io,
    num::NonZeroU32,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use antiphon_protocol::TenantId;
use antiphon_service_kit::watched::Watched;
use serde::Deserialize;

const RELOAD_INTERVAL: Duration = Duration::from_secs(5);

/// How much each tenant may have at once.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Quotas")]
pub struct QuotasConfig {
    /// Rooms of one tenant at a time; 0: no limit. A join or request that would begin another one is refused: quota_exceeded.
    #[arg(long, env = "ANTIPHON_TENANT_ROOMS", value_name = "COUNT", default_value_t = 0)]
    pub tenant_rooms: u32,
    /// Sessions of one tenant at a time, in all its rooms together; 0: no limit. One more is refused: quota_exceeded.
    #[arg(long, env = "ANTIPHON_TENANT_PARTICIPANTS", value_name = "COUNT", default_value_t = 0)]
    pub tenant_participants: u32,
    /// A file of tenants that have other quotas: a table for each, such as [acme], with rooms, participants and message-rate, which
    /// stand for tenant-rooms, tenant-participants and tenant-message-rate.
    /// It is read again when it changes; nobody is sent away by a quota that is lowered.
    #[arg(long, env = "ANTIPHON_QUOTAS_FILE", value_name = "FILE")]
    pub quotas_file: Option<PathBuf>,
}

/// How much one tenant may have. `None`: no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quota {
    pub(crate) rooms: Option<u32>,
    pub(crate) participants: Option<u32>,
    /// Messages a second; `None`: as the server's configuration has it.
    pub(crate) message_rate: Option<NonZeroU32>,
}

/// What the file says of a tenant; what it leaves out is as for everyone.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Entry {
    rooms: Option<u32>,
    participants: Option<u32>,
    message_rate: Option<NonZeroU32>,
}

/// Why the file of quotas cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum QuotasFileError {
    /// Not there, or not ours to read.
    #[error("quotas-file {}: {error}", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Something in it cannot be.
    #[error("quotas-file {}:{line}: {message}", path.display())]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What, and what was expected.
        message: String,
    },
}

/// The quotas of every tenant.
#[derive(Debug)]
pub(crate) struct Quotas {
    config: QuotasConfig,
    tenants: RwLock<Arc<BTreeMap<TenantId, Quota>>>,
}

impl QuotasConfig {
    fn of_everyone(&self) -> Quota {
        Quota { rooms: limit(self.tenant_rooms), participants: limit(self.tenant_participants), message_rate: None }
    }

    fn read(&self) -> Result<BTreeMap<TenantId, Quota>, QuotasFileError> {
        let Some(path) = &self.quotas_file else { return Ok(BTreeMap::new()) };
        let text =
            std::fs::read_to_string(path).map_err(|error| QuotasFileError::Unreadable { path: path.clone(), error })?;
        let invalid = |offset: usize, message: String| {
            let line = text[..offset.min(text.len())].matches('\n').count() + 1;
            QuotasFileError::Invalid { path: path.clone(), line, message }
        };
        let entries: BTreeMap<toml::Spanned<String>, Entry> = toml::from_str(&text)
            .map_err(|error| invalid(error.span().map_or(0, |span| span.start), error.message().to_owned()))?;
        let everyone = self.of_everyone();
        let read = |(name, entry): (toml::Spanned<String>, Entry)| {
            let tenant = name.get_ref().parse();
            let tenant =
                tenant.map_err(|error| invalid(name.span().start, format!("expected a tenant's name: {error}")))?;
            let quota = Quota {
                rooms: entry.rooms.map_or(everyone.rooms, limit),
                participants: entry.participants.map_or(everyone.participants, limit),
                message_rate: entry.message_rate,
            };
            Ok((tenant, quota))
        };
        entries.into_iter().map(read).collect()
    }
}

fn limit(count: u32) -> Option<u32> {
    (count > 0).then_some(count)
}

impl Quotas {
    /// # Errors
    /// When the file cannot be read or says something that cannot be.
    pub(crate) fn load(config: QuotasConfig) -> Result<Self, QuotasFileError> {
        let tenants = config.read()?;
        Ok(Self { config, tenants: RwLock::new(Arc::new(tenants)) })
    }

    /// How much this tenant may have now.
    pub(crate) fn of(&self, tenant: &TenantId) -> Quota {
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        tenants.get(tenant).copied().unwrap_or_else(|| self.config.of_everyone())
    }

    /// Reads the file again when it changes, for ever, and says so. A broken one is logged and the quotas before stay.
    pub(crate) async fn follow_file(self: Arc<Self>, changed: impl Fn()) {
        let Some(path) = self.config.quotas_file.clone() else { return };
        let mut watched = Watched::new(vec![path]);
        let mut due = tokio::time::interval(RELOAD_INTERVAL);
        let mut is_unread = true;
        loop {
            due.tick().await;
            if watched.changed() || std::mem::take(&mut is_unread) {
                match self.reload() {
                    Ok(true) => {
                        tracing::info!("the quotas were reloaded");
                        changed();
                    }
                    Ok(false) => {}
                    Err(error) => {
                        tracing::error!(%error, "the quotas changed and cannot be used: the ones before stay")
                    }
                }
            }
        }
    }

    /// Tells whether they are other ones.
    fn reload(&self) -> Result<bool, QuotasFileError> {
        let read = Arc::new(self.config.read()?);
        let before =
            std::mem::replace(&mut *self.tenants.write().unwrap_or_else(PoisonError::into_inner), Arc::clone(&read));
        Ok(before != read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> (tempfile::TempDir, QuotasConfig) {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("quotas.toml");
        std::fs::write(&path, text).expect("written");
        let defaults = antiphon_service_kit::config::defaults();
        (directory, QuotasConfig { tenant_rooms: 5, quotas_file: Some(path), ..defaults })
    }

    fn rooms(quotas: &Quotas, tenant: &str) -> Option<u32> {
        quotas.of(&tenant.parse().expect("a name")).rooms
    }

    #[test]
    fn a_tenant_of_the_file_has_what_it_says_and_else_what_everyone_has() {
        let (_directory, config) = config("[acme]\nrooms = 7\nmessage-rate = 10\n\n[globex]\nrooms = 0\n");
        let quotas = Quotas::load(config).expect("valid");
        let acme = quotas.of(&"acme".parse().expect("a name"));
        assert_eq!((acme.rooms, acme.participants, acme.message_rate.map(NonZeroU32::get)), (Some(7), None, Some(10)));
        assert_eq!((rooms(&quotas, "globex"), rooms(&quotas, "other")), (None, Some(5)));
    }

    #[test]
    fn a_changed_file_takes_force_and_a_broken_one_does_not() {
        let (_directory, config) = config("[acme]\nrooms = 7\n");
        let path = config.quotas_file.clone().expect("set");
        let quotas = Quotas::load(config).expect("valid");
        assert!(!quotas.reload().expect("valid"));
        std::fs::write(&path, "[acme]\nrooms = 8\n").expect("written");
        assert!(quotas.reload().expect("valid"));
        std::fs::write(&path, "[acme").expect("written");
        quotas.reload().expect_err("broken");
        assert_eq!(rooms(&quotas, "acme"), Some(8));
    }

    #[test]
    fn mistakes_are_one_line_with_their_place() {
        let cases = [
            ("[acme]\nroms = 7", "quotas.toml:2: unknown field `roms`"),
            ("[acme]\nrooms = -1", "quotas.toml:2: invalid value"),
            ("\n[acme]\nmessage-rate = 0", "quotas.toml:3: invalid value"),
            ("\n[\"\"]\nrooms = 1", "quotas.toml:2: expected a tenant's name"),
            ("rooms = 1", "quotas.toml:1: invalid type"),
        ];
        for (text, expected) in cases {
            let (_directory, config) = config(text);
            let complaint = Quotas::load(config).expect_err(text).to_string();
            assert!(complaint.contains(expected) && complaint.lines().count() == 1, "{text}: {complaint}");
        }
    }
}
