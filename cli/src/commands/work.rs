//! `consort work`.

use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::config::Config;
use crate::{service, shutdown};

pub(crate) async fn run(config: Config) -> Result<ExitCode> {
    // Before the signal is caught: until there is work to end in good order, it may end the program.
    let config = service::with_models(config).await?;
    let shutdown = shutdown::on_signal()?;
    let store = service::open_store(&config).await?;
    worker::run(store.clone(), config.worker, shutdown).await.context("the workers ended")?;
    store.close().await;
    Ok(ExitCode::SUCCESS)
}
