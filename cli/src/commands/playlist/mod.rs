//! `consort playlist`: lists of files, without a database.

mod files;
mod more_like;
mod path;

use std::process::ExitCode;

use anyhow::Result;

use crate::config::Config;

/// What list.
#[derive(clap::Subcommand)]
pub(crate) enum Playlist {
    /// From one recording to another in small steps.
    Path(path::Arguments),
    /// More like these, less like those.
    MoreLike(more_like::Arguments),
}

pub(crate) async fn run(config: Config, playlist: Playlist) -> Result<ExitCode> {
    match playlist {
        Playlist::Path(arguments) => path::run(config, arguments).await,
        Playlist::MoreLike(arguments) => more_like::run(config, arguments).await,
    }
}
