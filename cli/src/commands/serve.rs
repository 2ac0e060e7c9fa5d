//! `consort serve`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use secrecy::ExposeSecret;
use tokio::net::TcpListener;

use super::admin;
use crate::config::Config;
use crate::{output, service, shutdown};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Answer HTTP only; `consort work` does the analysing elsewhere.
    #[arg(long)]
    no_worker: bool,
}

pub(crate) async fn run(config: Config, arguments: Arguments) -> Result<ExitCode> {
    // Before the signal is caught: until there is work to end in good order, it may end the program.
    let config = if arguments.no_worker { config } else { service::with_models(config).await? };
    let shutdown = shutdown::on_signal()?;
    let listener = TcpListener::bind(&config.api.listen)
        .await
        .with_context(|| format!("cannot listen on {} (api.listen)", config.api.listen))?;
    let store = service::open_store(&config).await?;
    if let Some(password) = admin::first_admin(&store).await? {
        // To standard output, and not where the log goes: it is told once and kept nowhere.
        output::line(&format!(
            "log in as admin with the one-time password {} and choose another",
            password.expose_secret()
        ))?;
    }
    output::note(&format!("consort answers on http://{}", listener.local_addr()?));
    output::note("a token for it: consort admin token");
    service::serve(store, config, listener, !arguments.no_worker, shutdown).await?;
    Ok(ExitCode::SUCCESS)
}
