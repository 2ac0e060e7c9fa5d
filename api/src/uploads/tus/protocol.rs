//! What every request and every answer of tus says.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::Error;

/// The version that is spoken, and the only one.
pub(super) const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");

const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const VERSIONS: HeaderName = HeaderName::from_static("tus-version");

/// Refuses other versions, and names the version in the answer.
pub(super) async fn speak(request: Request, next: Next) -> Response {
    let is_spoken = request.method() == Method::OPTIONS
        || request.headers().get(RESUMABLE).is_some_and(|version| *version == VERSION);
    let mut response =
        if is_spoken { next.run(request).await } else { Error::TusVersion.into_response() };
    if response.status() == StatusCode::PRECONDITION_FAILED {
        response.headers_mut().insert(VERSIONS, VERSION);
    }
    let headers = response.headers_mut();
    headers.insert(RESUMABLE, VERSION);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
