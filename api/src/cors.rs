//! Which pages of other origins may talk to this service from a browser (Fetch Standard, section 3.3, "CORS protocol").
//!
//! None unless configured. Credentials of the browser (cookies) are never allowed: what opens something is a token that the page itself sends.

use std::fmt;

use axum::body::Body;
use axum::extract::{self, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use serde::{Deserialize, Deserializer, de};

use crate::state::State;

/// The methods that paths know; one of tus is `OPTIONS`.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
/// What requests may say beyond what any page may say.
const REQUEST_HEADERS: &str = "authorization, content-type, idempotency-key, if-match, if-none-match, if-range, last-event-id, range, traceparent, \
    tus-resumable, upload-checksum, upload-length, upload-metadata, upload-offset, x-http-method-override, x-request-id";
/// What pages may read of an answer beyond what any page may read.
const ANSWER_HEADERS: &str = "accept-ranges, allow, content-disposition, content-range, etag, idempotent-replayed, location, ratelimit, \
    ratelimit-policy, retry-after, track-location, tus-checksum-algorithm, tus-extension, tus-max-size, tus-resumable, tus-version, \
    upload-expires, upload-length, upload-metadata, upload-offset, www-authenticate, x-request-id";
/// How long a browser may remember that it may: what is taken away is away within the hour.
const MAX_AGE_S: u64 = 3600;

/// Pages of other origins.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The origins whose pages may talk to the service; none unless told.
    pub origins: Vec<Origin>,
}

/// An origin as browsers name it: scheme, host, and the port unless it is the usual one.
#[derive(Clone, PartialEq, Eq)]
pub struct Origin(HeaderValue);

/// A text that no browser sends as an origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no origin such as https://music.example.org or http://localhost:5173")]
pub struct InvalidOrigin(String);

impl std::str::FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let invalid = || InvalidOrigin(text.to_owned());
        let (scheme, host) = text.split_once("://").ok_or_else(invalid)?;
        let is_scheme = scheme.starts_with(|first: char| first.is_ascii_lowercase())
            && scheme.bytes().all(|it| {
                it.is_ascii_lowercase() || it.is_ascii_digit() || matches!(it, b'+' | b'-' | b'.')
            });
        // Brackets and colons are those of addresses and ports. A star would be everybody, and is not meant to be that easy.
        let is_host = !host.is_empty()
            && host.bytes().all(|it| {
                it.is_ascii_lowercase()
                    || it.is_ascii_digit()
                    || matches!(it, b'-' | b'.' | b'_' | b':' | b'[' | b']')
            });
        // Browsers leave the usual port out, so that one with it would never fit.
        let has_usual_port = (scheme == "https" && host.ends_with(":443"))
            || (scheme == "http" && host.ends_with(":80"));
        if !is_scheme || !is_host || has_usual_port {
            return Err(invalid());
        }
        HeaderValue::from_str(text).map(Self).map_err(|_| invalid())
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// Answers browsers that ask for leave, and tells them what pages may read.
///
/// An origin that is not allowed is answered as if it had not asked: the browser keeps the answer from the page.
pub(crate) async fn share(
    extract::State(state): extract::State<State>,
    request: Request,
    next: Next,
) -> Response {
    let origins = &state.config.cors.origins;
    if origins.is_empty() {
        return next.run(request).await;
    }
    let origin = request.headers().get(header::ORIGIN);
    let origin = origin.filter(|origin| origins.iter().any(|known| known.0 == **origin)).cloned();
    // `OPTIONS` by itself is a request like others.
    let asks_for_leave = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match &origin {
        Some(_) if asks_for_leave => leave(),
        _ => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        set(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, ANSWER_HEADERS);
    }
    response
}

fn leave() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    set(headers, header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    set(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from(MAX_AGE_S));
    response
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_a_browser_sends() {
        for good in [
            "https://music.example.org",
            "http://localhost:5173",
            "http://[::1]:8080",
            "https://192.0.2.1",
            "https://xn--mnchen-3ya.example",
            "tauri://localhost",
        ] {
            assert!(good.parse::<Origin>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "*",
            "null",
            "music.example.org",
            "https://*.example.org",
            "https://music.example.org/",
            "https://music.example.org/app",
            "https://Music.example.org",
            "https://music.example.org:443",
            "http://music.example.org:80",
            "https://ana@music.example.org",
            "https://münchen.example",
            "https://",
            "https://a b",
        ] {
            assert!(bad.parse::<Origin>().is_err(), "{bad}");
        }
    }
}
