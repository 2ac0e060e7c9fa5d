//! `consort admin`.

mod audit;
mod job;
mod maintenance;
mod quota;
mod token;
mod user;

use std::process::ExitCode;

use anyhow::Result;
use store::Actor;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::config::Config;
use crate::service;

pub(crate) use user::first_admin;

#[derive(clap::Subcommand)]
pub(crate) enum Action {
    /// Tokens of programs; without more, make one and print it, once.
    Token(token::Arguments),
    /// Users and how they come in.
    #[command(subcommand, visible_alias = "users")]
    User(user::Action),
    /// The jobs of all users.
    #[command(subcommand, visible_alias = "jobs")]
    Job(job::Action),
    /// Who did what.
    #[command(subcommand)]
    Audit(audit::Action),
    /// A time in which nothing is changed.
    #[command(subcommand)]
    Maintenance(maintenance::Action),
}

pub(crate) async fn run(config: Config, action: Action) -> Result<ExitCode> {
    let store = service::open_store(&config).await?.by(Actor::command_line());
    let done = match action {
        Action::Token(arguments) => token::run(&store, arguments).await,
        Action::User(action) => user::run(&store, config.api.quota.into(), action).await,
        Action::Job(action) => job::run(&store, action).await,
        Action::Audit(action) => audit::run(&store, action).await,
        Action::Maintenance(action) => maintenance::run(&store, action).await,
    };
    store.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

/// A time as people see it.
fn minute(time: OffsetDateTime) -> String {
    format!("{} {:02}:{:02}Z", time.date(), time.hour(), time.minute())
}

/// A time as people give it.
fn time(text: &str) -> Result<OffsetDateTime, &'static str> {
    OffsetDateTime::parse(text, &Rfc3339).map_err(|_| "a time such as 2026-01-02T03:04:05Z")
}
