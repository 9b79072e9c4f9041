//! `antiphon-turn-credentials`: ICE servers by HTTP, as a service of its own.

mod run;
mod settings;

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use antiphon_service_kit::{
    config::{self, ConfigError},
    telemetry,
};
use clap::CommandFactory as _;

use settings::{Cli, Command};

/// As `clap` and most programs answer wrong usage.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let cli: Cli = match config::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(ConfigError::Help(text)) => {
            print(&text);
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            complain(&error.to_string());
            return ExitCode::from(USAGE);
        }
    };
    let done = match cli.command {
        Some(Command::Config(_)) => {
            print(&config::example(&Cli::command()));
            Ok(())
        }
        // What is logged is written before the complaint.
        None => telemetry::init(&cli.settings.log).map_err(anyhow::Error::from).and_then(|_log| run::run(cli.settings)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn print(text: &str) {
    // Whoever closed it does not want it.
    let _ = io::stdout().write_all(text.as_bytes());
}

fn complain(message: &str) {
    let _ = writeln!(io::stderr(), "antiphon-turn-credentials: {message}");
}
