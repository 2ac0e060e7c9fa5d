//! What happens around every request: ids, span, log line, metrics, and the body of an error.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use serde::Serialize;
use tokio::time::Instant;
use tracing::Instrument;
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
    /// Names everything that the request sets off, jobs included; `traceparent` may carry it in.
    pub(crate) trace_id: String,
}

impl Ids {
    fn new(headers: &HeaderMap) -> Self {
        let fresh = Uuid::now_v7().simple().to_string();
        let request_id = headers
            .get(REQUEST_ID)
            .and_then(|value| value.to_str().ok())
            .filter(|id| is_request_id(id))
            .map_or_else(|| fresh.clone(), str::to_owned);
        let trace_id = headers
            .get(TRACEPARENT)
            .and_then(|value| value.to_str().ok())
            .and_then(trace_id)
            .map_or(fresh, str::to_owned);
        Self { request_id, trace_id }
    }
}

/// A foreign id ends up in logs and answers, so only harmless ones are taken.
fn is_request_id(id: &str) -> bool {
    (1..=64).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// The trace id of a W3C `traceparent`, version 00.
fn trace_id(traceparent: &str) -> Option<&str> {
    let mut fields = traceparent.strip_prefix("00-")?.split('-');
    let id = fields.next()?;
    let is_valid = id.len() == 32
        && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        && id.bytes().any(|byte| byte != b'0')
        && fields.count() == 2;
    is_valid.then_some(id)
}

/// The outermost layer.
pub(crate) async fn observe(mut request: Request, next: Next) -> Response {
    let begin = Instant::now();
    let ids = Ids::new(request.headers());
    let method = method_name(request.method());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!(
        "api.request",
        request.id = %ids.request_id,
        trace.id = %ids.trace_id,
        http.method = method,
        http.route = %route,
    );
    request.extensions_mut().insert(ids.clone());
    let speaks_spotify = spotify::speaks_at(request.uri().path());

    let mut response = next.run(request).instrument(span.clone()).await;

    let _entered = span.entered();
    response = match failure(&mut response) {
        None => response,
        Some(error) if speaks_spotify => as_spotify(response, &error),
        Some(error) => as_problem(response, &error, &ids.request_id),
    };
    let status = response.status().as_u16();
    let duration_ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
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
    fn reads_the_trace_id_of_the_standard() {
        // The example of W3C Trace Context, section 3.2.
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(trace_id(&format!("00-{id}-00f067aa0ba902b7-01")), Some(id));
        for broken in [
            "",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f35-00f067aa0ba902b7-01",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(trace_id(broken), None, "{broken}");
        }
    }

    #[test]
    fn a_request_without_ids_gets_one_for_both() {
        let ids = Ids::new(&HeaderMap::new());
        assert_eq!(ids.request_id, ids.trace_id);
        assert!(is_request_id(&ids.request_id));
    }
}
