//! Logs: to standard error, as text or as JSON Lines.

use std::io;

use anyhow::Result;
use serde::Deserialize;
use tracing_subscriber::EnvFilter;

/// How to log.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// What to log: a level, or directives such as `info,store=debug`.
    #[serde(deserialize_with = "filter")]
    filter: String,
    format: Format,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    Text,
    Json,
}

/// Refuses a filter that cannot be read, at start.
fn filter<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    EnvFilter::try_new(&text).map_err(serde::de::Error::custom)?;
    Ok(text)
}

/// Sends the log of this process to standard error.
pub(crate) fn install(config: &Config) -> Result<()> {
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_new(&config.filter)?)
        .with_writer(io::stderr);
    match config.format {
        Format::Text => subscriber.with_target(true).init(),
        Format::Json => subscriber.json().init(),
    }
    Ok(())
}
