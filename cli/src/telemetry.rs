//! Logs: to standard error, as text or as JSON Lines. Traces: to a collector, if one is named.

use std::io;

use anyhow::Result;
use opentelemetry_sdk::trace::SdkTracerProvider;
use serde::Deserialize;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt, registry};

use crate::traces;

/// How to log.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// What to log: a level, or directives such as `info,store=debug`.
    #[serde(deserialize_with = "filter")]
    filter: String,
    format: Format,
    traces: traces::Config,
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

/// What tells of this process, until it is dropped.
#[derive(Debug)]
pub(crate) struct Telemetry(Option<SdkTracerProvider>);

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(traces) = &self.0 {
            traces::finish(traces);
        }
    }
}

/// Sends the log of this process to standard error, and its traces to the collector.
pub(crate) fn install(config: &Config) -> Result<Telemetry> {
    let traces = traces::start(&config.traces)?;
    let log = fmt::layer().with_writer(io::stderr);
    let log = match config.format {
        Format::Text => log.boxed(),
        Format::Json => log.json().boxed(),
    };
    registry()
        .with(log.with_filter(EnvFilter::try_new(&config.filter)?))
        .with(traces.as_ref().map(traces::layer))
        .init();
    Ok(Telemetry(traces))
}
