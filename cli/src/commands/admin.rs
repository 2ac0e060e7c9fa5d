//! `consort admin`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use secrecy::ExposeSecret;
use store::Scope;
use store::tokens::NewToken;
use time::Duration;

use crate::config::Config;
use crate::{output, service};

#[derive(clap::Subcommand)]
pub(crate) enum Action {
    /// Make a bearer token for the HTTP API and print it, once.
    Token(TokenArguments),
}

#[derive(clap::Args)]
pub(crate) struct TokenArguments {
    /// What the token is for, as lists show it.
    #[arg(long, default_value = "command line")]
    name: String,
    /// What the token may do; repeat it for more. `admin` may do everything.
    #[arg(long = "scope", value_name = "SCOPE", default_value = "admin")]
    scopes: Vec<Scope>,
    /// Days until it ends.
    #[arg(long, value_name = "DAYS", default_value_t = 365, value_parser = clap::value_parser!(i64).range(1..=3650))]
    days: i64,
}

pub(crate) async fn run(config: Config, action: Action) -> Result<ExitCode> {
    let store = service::open_store(&config).await?;
    match action {
        Action::Token(arguments) => {
            let operator = store::users::operator(&store).await?;
            let new = NewToken {
                owner_id: operator.id,
                name: arguments.name,
                scopes: arguments.scopes,
                expires_at: Some(store.now() + Duration::days(arguments.days)),
            };
            let (_, secret) =
                store::tokens::issue(&store, new).await.context("cannot make the token")?;
            output::line(secret.expose_secret())?;
        }
    }
    store.close().await;
    Ok(ExitCode::SUCCESS)
}
