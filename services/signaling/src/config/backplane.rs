//! Where rooms are kept.

use std::{num::NonZeroU16, path::PathBuf, str::FromStr};

use antiphon_backplane::{
    Backplane, memory,
    redis::{Credentials, RedisConfig, RedisUrl, Status, connect},
};
use antiphon_service_kit::config::{HumanDuration, duration_at_least};
use anyhow::{Context as _, bail};
use tokio::sync::watch;

/// Where the rooms are, and how to get there.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Backplane")]
pub struct BackplaneConfig {
    /// Where the rooms are kept: "memory", which ends with the process; or a Redis (7.0 or newer, or Valkey) that several servers share:
    /// "redis://host:6379", "redis-sentinel://host:26379,host2:26379/mymaster", "redis-cluster://host:6379,host2:6379"; over TLS
    /// "rediss://" and so on. docs/operations.md tells how to set it up.
    #[arg(long, env = "ANTIPHON_BACKPLANE", value_name = "ADDRESS", default_value = "memory")]
    pub backplane: BackplaneArgument,
    /// Who vouches for the certificates of a Redis over TLS (PEM). None: whom the machine trusts.
    #[arg(long, env = "ANTIPHON_BACKPLANE_CA_FILE", value_name = "FILE")]
    pub backplane_ca_file: Option<PathBuf>,
    /// The user of Redis. None: its default user.
    #[arg(long, env = "ANTIPHON_BACKPLANE_USERNAME", value_name = "NAME")]
    pub backplane_username: Option<String>,
    /// A file with the user's password; read again for each connection.
    #[arg(long, env = "ANTIPHON_BACKPLANE_PASSWORD_FILE", value_name = "FILE")]
    pub backplane_password_file: Option<PathBuf>,
    /// The user of the sentinels, where they have a password. None: their default user.
    #[arg(long, env = "ANTIPHON_BACKPLANE_SENTINEL_USERNAME", value_name = "NAME")]
    pub backplane_sentinel_username: Option<String>,
    /// A file with the password of the sentinels. None: they ask for none.
    #[arg(long, env = "ANTIPHON_BACKPLANE_SENTINEL_PASSWORD_FILE", value_name = "FILE")]
    pub backplane_sentinel_password_file: Option<PathBuf>,
    /// What every key and channel in Redis begins with. Servers with other prefixes share nothing.
    #[arg(long, env = "ANTIPHON_BACKPLANE_PREFIX", value_name = "TEXT", default_value = "antiphon", value_parser = prefix)]
    pub backplane_prefix: String,
    /// Parts that the rooms are spread over in Redis. It is part of the data: a server with another number than the others does not start.
    #[arg(long, env = "ANTIPHON_BACKPLANE_PARTITIONS", value_name = "COUNT", default_value = "64")]
    pub backplane_partitions: NonZeroU16,
    /// How long connecting to Redis may take, 10ms at least.
    #[arg(long, env = "ANTIPHON_BACKPLANE_CONNECT_TIMEOUT", value_name = "DURATION", default_value = "1s",
          value_parser = duration_at_least(HumanDuration::from_millis(10)))]
    pub backplane_connect_timeout: HumanDuration,
    /// How long an answer of Redis may take, 10ms at least. What is not answered in time is refused with "unavailable".
    #[arg(long, env = "ANTIPHON_BACKPLANE_RESPONSE_TIMEOUT", value_name = "DURATION", default_value = "1s",
          value_parser = duration_at_least(HumanDuration::from_millis(10)))]
    pub backplane_response_timeout: HumanDuration,
}

/// Which backplane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BackplaneArgument {
    /// In this process.
    Memory,
    /// In Redis.
    Redis(RedisUrl),
}

impl FromStr for BackplaneArgument {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "memory" {
            return Ok(Self::Memory);
        }
        text.parse().map(Self::Redis).map_err(|error| format!("expected \"memory\" or an address of Redis: {error}"))
    }
}

fn prefix(text: &str) -> Result<String, String> {
    let fits = !text.is_empty() && !text.contains(['{', '}']) && !text.contains(char::is_whitespace);
    if fits { Ok(text.to_owned()) } else { Err("expected a text without spaces and braces".to_owned()) }
}

/// A backplane that is set up, not necessarily in reach.
#[derive(Debug)]
pub struct ChosenBackplane {
    /// What replicas share.
    pub backplane: Backplane,
    /// How it stands with Redis; `None` where there is none.
    pub status: Option<watch::Receiver<Status>>,
}

impl BackplaneConfig {
    /// Sets it up. Connections are made in the background of this tokio runtime.
    ///
    /// # Errors
    /// Where it can never work; not where Redis is out of reach.
    pub fn build(&self) -> anyhow::Result<ChosenBackplane> {
        let BackplaneArgument::Redis(url) = &self.backplane else {
            return Ok(ChosenBackplane { backplane: memory::backplane(memory::MemoryConfig::default()), status: None });
        };
        let config = RedisConfig {
            ca_file: self.backplane_ca_file.clone(),
            credentials: credentials("backplane", &self.backplane_username, &self.backplane_password_file)?,
            sentinel_credentials: credentials(
                "backplane-sentinel",
                &self.backplane_sentinel_username,
                &self.backplane_sentinel_password_file,
            )?,
            prefix: self.backplane_prefix.clone(),
            partitions: self.backplane_partitions.get(),
            connect_timeout: self.backplane_connect_timeout.0,
            response_timeout: self.backplane_response_timeout.0,
            ..RedisConfig::new(url.clone())
        };
        let redis = connect(config).context("backplane")?;
        Ok(ChosenBackplane { backplane: redis.backplane, status: Some(redis.status) })
    }
}

fn credentials(
    key: &str,
    username: &Option<String>,
    password_file: &Option<PathBuf>,
) -> anyhow::Result<Option<Credentials>> {
    match (username, password_file) {
        (_, Some(password_file)) => {
            std::fs::metadata(password_file)
                .with_context(|| format!("{key}-password-file {}", password_file.display()))?;
            Ok(Some(Credentials { username: username.clone(), password_file: password_file.clone() }))
        }
        (Some(_), None) => bail!("{key}-username is set, but {key}-password-file is not"),
        (None, None) => Ok(None),
    }
}
