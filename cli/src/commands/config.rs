//! `consort config`.

use std::process::ExitCode;

use anyhow::Result;

use crate::config::Settings;
use crate::output;

#[derive(clap::Subcommand)]
pub(crate) enum Action {
    /// Check the settings and print them merged, without secrets.
    Check,
}

pub(crate) fn run(settings: &Settings, action: &Action) -> Result<ExitCode> {
    match action {
        Action::Check => output::line(settings.to_toml()?.trim_end())?,
    }
    Ok(ExitCode::SUCCESS)
}
