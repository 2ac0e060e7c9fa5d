//! Traces: the spans of requests, jobs and children, sent to an OpenTelemetry collector (OTLP over HTTP).

use std::time::Duration;

use anyhow::{Context, Result};
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use serde::Deserialize;
use serde::de::Error as _;
use tracing::{Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

/// How long a collector may take for a batch, and for the last of them when the program ends.
const PATIENCE: Duration = Duration::from_secs(5);
/// Whose spans are sent. Those of libraries would name what users bring.
const OURS: [&str; 5] = ["api", "consort", "fetch", "store", "worker"];

/// What is traced, and who gets it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Where the collector takes traces; empty for none.
    #[serde(deserialize_with = "endpoint")]
    endpoint: String,
    /// Share of the traces that begin here, 0 to 1. Those that a client began are kept if the client says so.
    #[serde(deserialize_with = "share")]
    sample_ratio: f64,
}

fn endpoint<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() || reqwest::Url::parse(&text).is_ok_and(|url| url.scheme() == "http") {
        return Ok(text);
    }
    Err(D::Error::custom("must be an http URL such as http://127.0.0.1:4318/v1/traces, or empty"))
}

fn share<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let share = f64::deserialize(deserializer)?;
    if (0.0..=1.0).contains(&share) {
        return Ok(share);
    }
    Err(D::Error::custom("must be 0 to 1"))
}

/// What makes traces, if they are wanted. Outside of any runtime: it sends from a thread of its own.
pub(crate) fn start(config: &Config) -> Result<Option<SdkTracerProvider>> {
    if config.endpoint.is_empty() {
        return Ok(None);
    }
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(&config.endpoint)
        .with_timeout(PATIENCE)
        .build()
        .context("cannot send traces (log.traces)")?;
    let resource = Resource::builder_empty()
        .with_service_name("consort")
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attribute(KeyValue::new("process.pid", i64::from(std::process::id())))
        .build();
    let sampler = Sampler::TraceIdRatioBased(config.sample_ratio);
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_sampler(Sampler::ParentBased(Box::new(sampler)))
        .with_resource(resource)
        .build();
    Ok(Some(provider))
}

/// The part of the log that becomes traces, whatever is written of it.
pub(crate) fn layer<S>(provider: &SdkTracerProvider) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("consort"))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_filter(Targets::new().with_targets(OURS.map(|ours| (ours, Level::INFO))))
}

/// Sends what was not sent yet.
pub(crate) fn finish(provider: &SdkTracerProvider) {
    if let Err(error) = provider.shutdown_with_timeout(PATIENCE) {
        tracing::warn!("the last traces were not taken: {error}");
    }
}
