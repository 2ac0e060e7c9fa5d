//! `consort train`.

mod emotion;
mod likeness;
mod plot;
mod ratings;
mod table;

use std::process::ExitCode;

use anyhow::Result;

use crate::config::Config;

#[derive(clap::Subcommand)]
pub(crate) enum Model {
    /// Train a model of valence, arousal and tension on ratings of your own.
    Emotion(emotion::Arguments),
    /// Measure how alike unrelated recordings are to a model that you bring, so that it takes part in matching.
    Likeness(likeness::Arguments),
}

pub(crate) async fn run(config: Config, model: Model) -> Result<ExitCode> {
    match model {
        Model::Emotion(arguments) => emotion::run(config, arguments).await,
        Model::Likeness(arguments) => likeness::run(&arguments),
    }
}
