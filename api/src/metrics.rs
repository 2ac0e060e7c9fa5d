//! `GET /metrics`: what Prometheus reads.

use std::sync::OnceLock;
use std::time::Duration;

use axum::extract;
use axum::http::header;
use axum::response::IntoResponse;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use store::{Store, analytics};
use tokio::time::timeout;

use crate::job_metrics;
use crate::state::State;

const REQUESTS: &str = "consort_http_requests_total";
const DURATION: &str = "consort_http_request_duration_seconds";
const STREAMS: &str = "consort_event_streams";
const RATE_LIMITED: &str = "consort_rate_limited_total";
const UPLOADED: &str = "consort_uploaded_bytes_total";
const DATABASE: &str = "consort_database_up";

/// How long the database may take; metrics of the process itself must not wait for it.
const LIMIT: Duration = Duration::from_secs(2);

/// Upper bounds of the buckets of [`DURATION`].
const BUCKETS_S: [f64; 9] = [0.002, 0.005, 0.02, 0.05, 0.2, 0.5, 2.0, 10.0, 60.0];

/// Installs the process's recorder of metrics once, and gives the handle that renders them.
///
/// Call it before anything is counted. If the process already has another recorder, what this
/// one renders stays empty.
pub fn install() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(build).clone()
}

fn build() -> PrometheusHandle {
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(DURATION.to_owned()), &BUCKETS_S)
        .expect("the list of buckets is not empty")
        .build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::warn!("another recorder of metrics is installed, /metrics stays empty");
        return handle;
    }
    metrics::describe_counter!(REQUESTS, "Requests answered, by method, route and status");
    metrics::describe_histogram!(DURATION, "Time until an answer began, by method and route");
    metrics::describe_gauge!(STREAMS, "Event streams open now");
    metrics::describe_counter!(
        RATE_LIMITED,
        "Requests refused because a caller sent too many, by limit"
    );
    metrics::describe_counter!(UPLOADED, "Bytes of recordings received");
    metrics::describe_gauge!(DATABASE, "1 if the database answered when metrics were read");
    handle
}

/// Counts an answer. `route` is the pattern, so that the number of series stays small.
pub(crate) fn answered(method: &'static str, route: String, status: u16, duration: Duration) {
    let duration_s = duration.as_secs_f64();
    metrics::histogram!(DURATION, "method" => method, "route" => route.clone()).record(duration_s);
    let status = status.to_string();
    metrics::counter!(REQUESTS, "method" => method, "route" => route, "status" => status)
        .increment(1);
}

/// Counts a request that was refused by a limit.
pub(crate) fn rate_limited(limit: &'static str) {
    metrics::counter!(RATE_LIMITED, "limit" => limit).increment(1);
}

/// Counts the bytes of an upload.
pub(crate) fn uploaded(n_bytes: u64) {
    metrics::counter!(UPLOADED).increment(n_bytes);
}

/// Counts an open event stream until it is dropped.
pub(crate) struct OpenStream;

impl OpenStream {
    pub(crate) fn new() -> Self {
        metrics::gauge!(STREAMS).increment(1.0);
        Self
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        metrics::gauge!(STREAMS).decrement(1.0);
    }
}

/// Metrics as Prometheus text.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "service",
    operation_id = "metrics",
    security(()),
    responses((status = 200, description = "Prometheus text, version 0.0.4", body = String, content_type = "text/plain"))
)]
pub(crate) async fn get(extract::State(state): extract::State<State>) -> impl IntoResponse {
    let known = timeout(LIMIT, of_jobs(&state.store)).await;
    let about_jobs = known.ok().and_then(Result::ok);
    metrics::gauge!(DATABASE).set(if about_jobs.is_some() { 1.0 } else { 0.0 });
    state.metrics.run_upkeep();
    // Left out while the database does not answer: old numbers would look like new ones.
    let text = state.metrics.render() + &about_jobs.unwrap_or_default();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}

/// What the database knows of jobs.
async fn of_jobs(store: &Store) -> store::Result<String> {
    let (ever, queue) = (analytics::ever(store).await?, analytics::queue(store, None).await?);
    Ok(job_metrics::text(&ever, &queue, store.now()))
}
