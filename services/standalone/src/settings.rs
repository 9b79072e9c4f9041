//! Everything that can be set, and the commands.

use std::{net::SocketAddr, path::PathBuf};

use antiphon_protocol::{Identity, RoomName};
use antiphon_service_kit::{
    auth::AuthConfig,
    client_address::ProxyConfig,
    config::{ConfigFile, HumanDuration, ShowConfig},
    serve::ServeConfig,
    telemetry::LogConfig,
    tls::TlsConfig,
};
use antiphon_signaling::{BackplaneConfig, QuotasConfig, RoomsConfig, SignalingConfig};
use antiphon_turn_credentials::IceConfig;
use antiphon_turn_relay::TurnConfig;

use crate::ice::EmbeddedRelayConfig;

/// Real-time rooms on one machine.
///
/// Without arguments: a development server for this machine, with an API key that is made up at each start. With --config FILE: a real
/// server. A flag wins over its environment variable, that one over the file.
#[derive(Debug, clap::Parser)]
#[command(name = "antiphon", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) file: ConfigFile,
    /// For the development server: tell this URL by webhooks what happens in the rooms. The secret that signs them is made up at each
    /// start, and printed. A file has tables for this: [[signaling.webhooks]].
    #[arg(long, value_name = "URL", conflicts_with = "config")]
    pub(crate) webhook: Option<String>,
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
    pub(crate) page: PageConfig,
    #[command(flatten)]
    pub(crate) backplane: BackplaneConfig,
    #[command(flatten)]
    pub(crate) rooms: RoomsConfig,
    #[command(flatten)]
    pub(crate) signaling: SignalingConfig,
    #[command(flatten)]
    pub(crate) quotas: QuotasConfig,
    #[command(flatten)]
    pub(crate) ice: IceConfig,
    #[command(flatten)]
    pub(crate) embedded_relay: EmbeddedRelayConfig,
    #[command(flatten)]
    pub(crate) turn: TurnConfig,
    #[command(flatten)]
    pub(crate) http: ServeConfig,
    #[command(flatten)]
    pub(crate) proxy: ProxyConfig,
    #[command(flatten)]
    pub(crate) log: LogConfig,
}

/// Where the process listens and how it ends.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Server")]
pub(crate) struct ServerConfig {
    /// Address and port of the page and the signaling socket. "0.0.0.0" as address: every address of the machine.
    #[arg(long, env = "ANTIPHON_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:7880", value_parser = parse_listen)]
    pub(crate) listen: SocketAddr,
    /// Address and port for /metrics, in plain http. None: on "listen", for everyone who reaches it.
    #[arg(long, env = "ANTIPHON_METRICS_LISTEN", value_name = "ADDRESS", value_parser = parse_listen)]
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// How long clients have to leave when the server stops.
    #[arg(long, env = "ANTIPHON_DRAIN_TIMEOUT", value_name = "DURATION", default_value = "10s")]
    pub(crate) drain_timeout: HumanDuration,
}

/// The call page.
#[derive(Debug, Clone, clap::Args)]
#[command(next_help_heading = "Page")]
pub(crate) struct PageConfig {
    /// Serve the call page at "/".
    #[arg(long, env = "ANTIPHON_PAGE", value_name = "BOOL", default_value = "true", action = clap::ArgAction::Set,
          num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub(crate) page: bool,
    /// DANGEROUS beyond a demonstration: POST /dev/token gives everyone who reaches this server a token for any room and any identity,
    /// a moderator's if it asks for that. The development server always does.
    #[arg(long, env = "ANTIPHON_ANYONE_MAY_JOIN", value_name = "BOOL", default_value = "false", action = clap::ArgAction::Set,
          num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    pub(crate) anyone_may_join: bool,
}

/// What else the binary does.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Sign an access token and print it.
    Token(TokenRequest),
    /// Show what can be set.
    Config(ShowConfig),
    /// Print the description of the REST API (OpenAPI 3.1).
    Openapi,
}

/// `antiphon token`.
#[derive(Debug, clap::Args)]
pub(crate) struct TokenRequest {
    /// The room that it opens.
    #[arg(long, value_name = "ROOM", required_unless_present = "admin")]
    pub(crate) room: Option<RoomName>,
    /// Who its owner is in the room.
    #[arg(
        long,
        value_name = "IDENTITY",
        required = false,
        required_unless_present = "admin",
        default_value_if("admin", "true", "admin")
    )]
    pub(crate) identity: Identity,
    /// The owner's display name.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// The owner is a moderator.
    #[arg(long)]
    pub(crate) moderate: bool,
    /// For the REST API and the admin view: everything, in every room of the key's tenant. It joins no room.
    #[arg(long, conflicts_with_all = ["room", "moderate"])]
    pub(crate) admin: bool,
    /// How long it lives.
    #[arg(long, value_name = "DURATION", default_value = "1h")]
    pub(crate) ttl: HumanDuration,
    /// The id of the API key that signs, where there are several.
    #[arg(long, value_name = "ID")]
    pub(crate) key: Option<String>,
    /// The server's file. None: ANTIPHON_KEYS, ANTIPHON_KEYS_FILE, or the development server that runs on this machine.
    #[arg(long, env = "ANTIPHON_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

fn parse_listen(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "expected an address and a port such as \"127.0.0.1:7880\" or \"[::]:7880\"")
}

#[cfg(test)]
mod tests {
    use antiphon_service_kit::config::{self, example};
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_committed_example_is_what_the_binary_prints() {
        let committed = include_str!("../antiphon.example.toml");
        let printed = example(&Cli::command());
        assert!(committed == printed, "run: make generate");
    }

    #[test]
    fn every_default_in_the_example_is_a_valid_setting() {
        let text = example(&Cli::command());
        // Comments have a space behind the mark; settings without a default have a word for what they want.
        let is_default =
            |line: &&str| !line.starts_with(' ') && !line.ends_with("FILE\"") && !line.ends_with("ADDRESS\"");
        let uncommented: Vec<_> =
            text.lines().map(|line| line.strip_prefix('#').filter(is_default).unwrap_or(line)).collect();
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("all.toml");
        std::fs::write(&path, uncommented.join("\n")).expect("written");
        let arguments = ["antiphon".into(), "--config".into(), path.into_os_string()];
        let cli: Cli = config::parse(arguments).expect("valid");
        assert_eq!(cli.settings.server.listen.port(), 7880);
        assert!(!cli.settings.rooms.lobby && cli.settings.page.page);
    }

    #[test]
    fn the_arguments_are_sound() {
        Cli::command().debug_assert();
    }
}
