//! `consort config`.

use std::process::ExitCode;

use anyhow::Result;

use crate::config::Settings;
use crate::{output, service};

#[derive(clap::Subcommand)]
pub(crate) enum Action {
    /// Check the settings and the models, and print the settings merged, without secrets.
    Check,
}

pub(crate) async fn run(settings: &Settings, action: &Action) -> Result<ExitCode> {
    match action {
        Action::Check => {
            service::with_models(settings.config.clone()).await?;
            output::line(settings.to_toml()?.trim_end())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
