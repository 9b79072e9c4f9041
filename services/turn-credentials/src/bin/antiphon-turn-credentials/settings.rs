//! Everything that can be set.

use std::net::SocketAddr;

use antiphon_service_kit::{
    auth::AuthConfig,
    client_address::ProxyConfig,
    config::{ConfigFile, ShowConfig},
    serve::ServeConfig,
    telemetry::LogConfig,
    tls::TlsConfig,
};
use antiphon_turn_credentials::IceConfig;

/// ICE servers by HTTP: for Antiphon's signaling, and for any application.
///
/// A flag wins over its environment variable, that one over the file that --config names.
#[derive(Debug, clap::Parser)]
#[command(name = "antiphon-turn-credentials", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) file: ConfigFile,
    #[command(flatten)]
    pub(crate) settings: Settings,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// One struct per concern.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Settings {
    #[command(flatten)]
    pub(crate) server: ServerConfig,
    #[command(flatten)]
    pub(crate) tls: TlsConfig,
    #[command(flatten)]
    pub(crate) auth: AuthConfig,
    #[command(flatten)]
    pub(crate) ice: IceConfig,
    #[command(flatten)]
    pub(crate) http: ServeConfig,
    #[command(flatten)]
    pub(crate) proxy: ProxyConfig,
    #[command(flatten)]
    pub(crate) log: LogConfig,
}

/// Where the process listens.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Server")]
pub(crate) struct ServerConfig {
    /// Address and port. "0.0.0.0" as address: every address of the machine.
    #[arg(long, env = "ANTIPHON_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:7881")]
    pub(crate) listen: SocketAddr,
    /// Address and port for /metrics, in plain http. None: on "listen", for everyone who reaches it.
    #[arg(long, env = "ANTIPHON_METRICS_LISTEN", value_name = "ADDRESS")]
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// Origins whose pages may ask, such as "https://app.example"; "http://localhost:*" is any port, "*" all origins.
    #[arg(long, env = "ANTIPHON_ALLOWED_ORIGINS", value_name = "ORIGINS", value_delimiter = ',')]
    pub(crate) allowed_origins: Vec<String>,
}

/// What else the binary does.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Show what can be set.
    Config(ShowConfig),
}

#[cfg(test)]
mod tests {
    use antiphon_service_kit::config::example;
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_committed_example_is_what_the_binary_prints() {
        let committed = include_str!("../../../antiphon-turn-credentials.example.toml");
        assert!(committed == example(&Cli::command()), "run: make generate");
    }

    #[test]
    fn the_arguments_are_sound() {
        Cli::command().debug_assert();
    }
}
