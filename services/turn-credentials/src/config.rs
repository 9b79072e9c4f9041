//! What can be set.

mod provider;

use std::{num::NonZeroU32, path::PathBuf};

use antiphon_service_kit::config::{HumanDuration, duration_at_least};
use antiphon_session_core::Rate;

pub use provider::{
    CloudflareConfig, CoturnConfig, InvalidProvider, ProviderArgument, ProviderConfig, ProviderKind, StaticConfig,
    StaticServer, TwilioConfig,
};

/// What can be set about providers. Lines that begin with spaces stand in the example as they stand here.
const PROVIDERS: &str = r#"Who gives ICE servers: a table for each provider; docs/turn.md tells all about them. Not taken as a flag, because it may have secrets.

  [[ice.providers]]
  type = "coturn"                           # or "static", "twilio", "cloudflare"
  name = "coturn"                           # for logs and metrics; the type unless it is set
  priority = 0                              # the lowest is asked first
  timeout = "1s"                            # how long it may take; then the next one is asked
  failures = 3                              # so many in a row, and it is left alone
  open-for = "10s"                          # for so long
  monthly-budget = 100000                   # credentials in a month of UTC; no limit unless it is set
  secrets-file = "/run/secrets/turn"        # coturn's static-auth-secret, one a line, the first one mints
  relays = [{ uris = ["turn:turn.example:3478?transport=udp", "turns:turn.example:443?transport=tcp"], region = "eu", priority = 0, weight = 1 }]

"#;

/// ICE servers: who gives them, and how long they are good.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Ice")]
pub struct IceConfig {
    /// Who gives ICE servers: a table for each provider.
    #[arg(long, env = "ANTIPHON_PROVIDERS", value_name = "TABLE", hide_env_values = true, long_help = PROVIDERS)]
    pub providers: Vec<ProviderArgument>,
    /// How long credentials are good, 1m at least, unless the client asks for less or more.
    #[arg(long, env = "ANTIPHON_CREDENTIAL_TTL", value_name = "DURATION", default_value = "1h",
          value_parser = duration_at_least(MIN_TTL))]
    pub credential_ttl: HumanDuration,
    /// The most that a client may ask for.
    #[arg(long, env = "ANTIPHON_MAX_CREDENTIAL_TTL", value_name = "DURATION", default_value = "12h",
          value_parser = duration_at_least(MIN_TTL))]
    pub max_credential_ttl: HumanDuration,
    /// The region of clients that name none: relays of that region come first.
    #[arg(long, env = "ANTIPHON_ICE_REGION", value_name = "REGION")]
    pub ice_region: Option<String>,
    /// How often each URI of a coturn provider is probed by a real Allocate request, 5s at least; 0: never. One that is dead, or refuses, is not handed
    /// out until two probes in a row are good.
    #[arg(long, env = "ANTIPHON_PROBE_INTERVAL", value_name = "DURATION", default_value = "10s",
          value_parser = probe_interval)]
    pub probe_interval: HumanDuration,
    /// A file of certificates (PEM) that the relays' are checked against. None: those that the machine trusts, as browsers do.
    #[arg(long, env = "ANTIPHON_PROBE_CA_FILE", value_name = "FILE")]
    pub probe_ca_file: Option<PathBuf>,
    /// A file that keeps what the providers with a budget have given this month, so that a restart does not give it again.
    #[arg(long, env = "ANTIPHON_BUDGET_FILE", value_name = "FILE")]
    pub budget_file: Option<PathBuf>,
    /// Requests a second of one tenant's clients, all together.
    #[arg(long, env = "ANTIPHON_TENANT_CREDENTIAL_RATE", value_name = "COUNT", default_value = "100")]
    pub tenant_credential_rate: NonZeroU32,
    /// Requests of one identity at once, after silence; then one a second.
    #[arg(long, env = "ANTIPHON_SUBJECT_CREDENTIAL_BURST", value_name = "COUNT", default_value = "10")]
    pub subject_credential_burst: NonZeroU32,
    /// A file of keys "id:secret", one a line, by which signaling asks for its participants' ICE servers. Read again when it changes.
    #[arg(long, env = "ANTIPHON_SERVICE_KEYS_FILE", value_name = "FILE")]
    pub service_keys_file: Option<PathBuf>,
}

/// Less, and a client would do nothing but ask.
pub(crate) const MIN_TTL: HumanDuration = HumanDuration::from_secs(60);

/// A coturn frees an allocation a second after it was given back: more often, and probes would fill its quotas.
const MIN_PROBE_INTERVAL: HumanDuration = HumanDuration::from_secs(5);

fn probe_interval(text: &str) -> Result<HumanDuration, String> {
    match text.parse::<HumanDuration>() {
        Ok(HumanDuration(interval)) if interval.is_zero() => Ok(HumanDuration(interval)),
        Ok(_) | Err(_) => duration_at_least(MIN_PROBE_INTERVAL)(text).map_err(|expected| format!("{expected}, or 0")),
    }
}

impl IceConfig {
    pub(crate) fn tenant_rate(&self) -> Rate {
        let per_second = self.tenant_credential_rate.get();
        Rate { per_second, burst: per_second.saturating_mul(2) }
    }

    pub(crate) fn subject_rate(&self) -> Rate {
        Rate { per_second: 1, burst: self.subject_credential_burst.get() }
    }

    pub(crate) fn provider_configs(&self) -> Vec<ProviderConfig> {
        self.providers.iter().flat_map(|argument| argument.0.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use antiphon_service_kit::config::defaults;

    use super::*;

    #[test]
    fn a_tenant_may_ask_for_two_seconds_worth_at_once() {
        let config: IceConfig = defaults();
        assert_eq!(config.tenant_rate(), Rate { per_second: 100, burst: 200 });
        assert_eq!(config.subject_rate(), Rate { per_second: 1, burst: 10 });
    }
}
