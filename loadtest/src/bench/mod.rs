//! stub
use crate::cli::BenchArgs;
use std::process::ExitCode;
/// x
pub async fn run(_: &BenchArgs) -> anyhow::Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
