//! `consort admin`.

mod quota;
mod token;
mod user;

use std::process::ExitCode;

use anyhow::Result;

use crate::config::Config;
use crate::service;

pub(crate) use user::first_admin;

#[derive(clap::Subcommand)]
pub(crate) enum Action {
    /// Tokens of programs; without more, make one and print it, once.
    Token(token::Arguments),
    /// Users and how they come in.
    #[command(subcommand)]
    User(user::Action),
}

pub(crate) async fn run(config: Config, action: Action) -> Result<ExitCode> {
    let store = service::open_store(&config).await?;
    let done = match action {
        Action::Token(arguments) => token::run(&store, arguments).await,
        Action::User(action) => user::run(&store, config.api.quota.into(), action).await,
    };
    store.close().await;
    done.map(|()| ExitCode::SUCCESS)
}
