//! Antiphon in one process: `antiphon` is a development server, `antiphon --config FILE` a real single machine.

mod admin_token_endpoint;
mod app;
mod development;
mod ice;
mod openapi;
mod page;
mod run;
mod settings;
mod startup_text;
mod terminal;
mod token;
mod token_endpoint;

use std::process::ExitCode;

use antiphon_service_kit::{
    config::{self, ConfigError},
    telemetry,
};
use clap::CommandFactory as _;
use mimalloc::MiMalloc;

use settings::{Cli, Command};

/// A message is a few short-lived allocations on whichever thread has the connection: `make bench` says what it saves.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// As `clap` and most programs answer wrong usage.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let cli: Cli = match config::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(ConfigError::Help(text)) => {
            terminal::print(&text);
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            terminal::complain(&error.to_string());
            return ExitCode::from(USAGE);
        }
    };
    let done = match cli.command {
        Some(Command::Token(request)) => token::print_token(&request),
        Some(Command::Config(_)) => {
            terminal::print(&config::example(&Cli::command()));
            Ok(())
        }
        Some(Command::Openapi) => {
            terminal::print(&openapi::text());
            Ok(())
        }
        None => telemetry::init(&cli.settings.log)
            .map_err(anyhow::Error::from)
            // What is logged is written before the complaint.
            .and_then(|_log| run::run(cli.settings, cli.file, cli.webhook)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
