//! What happens around every request: ids, span, log line, metrics, and the body of an error.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use serde::Serialize;
use store::TraceParent;
use tokio::time::Instant;
use tracing::Instrument;
use tracing::field::Empty;
use uuid::Uuid;

use crate::error::Error;
use crate::metrics;
use crate::problem::Problem;
use crate::spotify;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The two names of a request.
#[derive(Debug, Clone)]
pub(crate) struct Ids {
    /// Names this request; the client may choose it with `x-request-id`.
    pub(crate) request_id: String,
    /// Names everything that the request sets off, jobs included: that of its trace, or of the client's.
    pub(crate) trace_id: String,
}

impl Ids {
    /// Those that the headers bring, with `trace_id` before theirs.
    fn new(headers: &HeaderMap, trace_id: Option<String>) -> Self {
        let fresh = Uuid::now_v7().simple().to_string();
        let request_id = headers
            .get(REQUEST_ID)
            .and_then(|value| value.to_str().ok())
            .filter(|id| is_request_id(id))
            .map_or_else(|| fresh.clone(), str::to_owned);
        Self { request_id, trace_id: trace_id.unwrap_or(fresh) }
    }
}

/// A foreign id ends up in logs and answers, so only harmless ones are taken.
fn is_request_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// The span of the client that the request comes from.
fn trace_parent(headers: &HeaderMap) -> Option<TraceParent> {
    headers.get(TRACEPARENT)?.to_str().ok()?.parse().ok()
}

/// The outermost layer.
pub(crate) async fn observe(mut request: Request, next: Next) -> Response {
    let begin = Instant::now();
    let method = method_name(request.method());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!(
        "api.request",
        otel.name = format!("{method} {route}"),
        otel.kind = "server",
        otel.status_code = Empty,
        request.id = Empty,
        trace.id = Empty,
        http.request.method = method,
        http.route = %route,
        http.response.status_code = Empty,
    );
    let client = trace_parent(request.headers());
    if let Some(client) = &client {
        client.lead(&span);
    }
    let trace = TraceParent::of(&span).or(client);
    let ids = Ids::new(request.headers(), trace.map(|trace| trace.trace_id()));
    span.record("request.id", &ids.request_id).record("trace.id", &ids.trace_id);
    request.extensions_mut().insert(ids.clone());
    let speaks_spotify = spotify::speaks_at(request.uri().path());

    let mut response = next.run(request).instrument(span.clone()).await;

    let _entered = span.enter();
    response = match failure(&mut response) {
        None => response,
        Some(error) if speaks_spotify => as_spotify(response, &error),
        Some(error) => as_problem(response, &error, &ids.request_id),
    };
    let status = response.status().as_u16();
    let duration_ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
    // OpenTelemetry has signed integers only.
    span.record("http.response.status_code", i64::from(status));
    if status >= 500 {
        span.record("otel.status_code", "ERROR");
    }
    tracing::info!(http.status = status, duration_ms, "{method} {route} {status}");
    metrics::answered(method, route, status, begin.elapsed());
    if let Ok(id) = HeaderValue::from_str(&ids.request_id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// Methods come from the client; a label may only take values of ours.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}

/// The error behind an answer, if it is one; a fault of ours gets its one line in the log.
fn failure(response: &mut Response) -> Option<Arc<Error>> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return None;
    }
    let error = response
        .extensions_mut()
        .remove::<Arc<Error>>()
        .unwrap_or_else(|| Arc::new(Error::from_status(status)));
    if status.is_server_error() {
        let code = error.code().code;
        let cause = std::error::Error::source(&*error).map(ToString::to_string);
        let cause = cause.unwrap_or_default();
        tracing::error!(error.code = code, error.cause = cause, "answered {status}: {error}");
    }
    Some(error)
}

fn as_problem(response: Response, error: &Error, request_id: &str) -> Response {
    let problem = Problem::new(error.code(), error.detail(), request_id);
    with_body(response, error.code().status(), "application/problem+json", &problem)
}

fn as_spotify(response: Response, error: &Error) -> Response {
    let (status, body) = spotify::refusal(error);
    with_body(response, status, "application/json", &body)
}

/// Gives an error its body; its headers stay.
fn with_body(
    response: Response,
    status: StatusCode,
    kind: &'static str,
    body: &impl Serialize,
) -> Response {
    let body = serde_json::to_vec(body).expect("an error holds only strings and numbers");
    let (mut parts, _) = response.into_parts();
    parts.status = status;
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    Response::from_parts(parts, Body::from(body))
}

/// The ids of the request at hand.
pub(crate) type RequestIds = Extension<Ids>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_only_harmless_request_ids() {
        for id in ["a", "0198f2c1-a5d3", "req_1.2"] {
            assert!(is_request_id(id), "{id}");
        }
        for id in ["", "a b", "a\"b", "ä", &"x".repeat(65)] {
            assert!(!is_request_id(id), "{id}");
        }
    }

    #[test]
    fn a_request_without_ids_gets_one_for_both() {
        let ids = Ids::new(&HeaderMap::new(), None);
        assert_eq!(ids.request_id, ids.trace_id);
        assert!(is_request_id(&ids.request_id));
    }
}
