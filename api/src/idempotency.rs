//! `Idempotency-Key`: a request that comes again is answered as the first time, and done once.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use store::idempotency::{self, Answer, Begun, Held, LEASE};
use store::{Sha256, Store, UserId};
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

use crate::error::{Error, Result};
use crate::state::State;

const NAME: HeaderName = HeaderName::from_static("idempotency-key");
/// On an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Longest key.
const MAX_KEY_BYTES: usize = 255;
/// Largest answer that is kept; those of the operations that take keys are far below.
const MAX_ANSWER_BYTES: usize = 4 << 20;
/// The headers of an answer that are kept.
const KEPT: [HeaderName; 3] = [header::CONTENT_TYPE, header::LOCATION, header::ETAG];

/// The key of a request, if it has one.
pub(crate) struct IdempotencyKey(Option<String>);

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let malformed = || Error::MalformedHeader { name: "Idempotency-Key" };
        let mut values = parts.headers.get_all(NAME).iter();
        let key = match (values.next(), values.next()) {
            (None, _) => return Ok(Self(None)),
            (Some(value), None) => value.to_str().map_err(|_| malformed())?,
            (Some(_), Some(_)) => return Err(malformed()),
        };
        let is_key = (1..=MAX_KEY_BYTES).contains(&key.len())
            && key.bytes().all(|byte| byte.is_ascii_graphic());
        if is_key { Ok(Self(Some(key.to_owned()))) } else { Err(malformed()) }
    }
}

/// What tells requests apart: the route and what was asked of it.
pub(crate) fn fingerprint(route: &str, asked: &[u8]) -> Sha256 {
    Sha256::of(&[route.as_bytes(), b"\n", asked].concat())
}

/// Reads a request and acts on it, once for each key.
///
/// `read` ends with the [`fingerprint`] of the request and what `act` needs; it also runs when the request comes again, because only then it is known to be
/// the same. An error of either leaves the key free: nothing was done then.
///
/// # Errors
///
/// Those of `read` and `act`; [`Error::IdempotencyRunning`] and [`Error::IdempotencyReused`].
pub(crate) async fn once<T, Acting: Future<Output = Result<Response>>>(
    state: &State,
    user: UserId,
    key: IdempotencyKey,
    read: impl Future<Output = Result<(Sha256, T)>>,
    act: impl FnOnce(T) -> Acting,
) -> Result<Response> {
    let Some(key) = key.0 else {
        let (_, asked) = read.await?;
        return act(asked).await;
    };
    match idempotency::begin(&state.store, user, &key).await? {
        Begun::Running => Err(Error::IdempotencyRunning),
        Begun::Answered(answer) => {
            let (fingerprint, _) = read.await?;
            if fingerprint != answer.fingerprint {
                return Err(Error::IdempotencyReused);
            }
            again(answer)
        }
        Begun::First(held) => {
            let beating = beat(state.store.clone(), held.clone());
            let done = async {
                let (fingerprint, asked) = read.await?;
                Ok((fingerprint, act(asked).await?))
            };
            let done = done.await;
            drop(beating);
            match done {
                Ok((fingerprint, response)) => {
                    keep(&state.store, held, fingerprint, response).await
                }
                Err(error) => {
                    if let Err(error) = idempotency::release(&state.store, held).await {
                        tracing::debug!("a key stays taken for a while: {error}");
                    }
                    Err(error)
                }
            }
        }
    }
}

/// Keeps the lease while a long upload arrives.
fn beat(store: Store, held: Held) -> AbortOnDropHandle<()> {
    const INTERVAL: Duration = Duration::from_secs(LEASE.as_secs() / 3);
    let beating = async move {
        loop {
            sleep(INTERVAL).await;
            if let Err(error) = idempotency::renew(&store, &held).await {
                tracing::debug!("a key was not renewed: {error}");
            }
        }
    };
    AbortOnDropHandle::new(tokio::spawn(beating.in_current_span()))
}

/// Keeps a copy of the answer. What was done is done: if that fails, the answer is given all the same.
async fn keep(
    store: &Store,
    held: Held,
    fingerprint: Sha256,
    response: Response,
) -> Result<Response> {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, MAX_ANSWER_BYTES)
        .await
        .map_err(|error| Error::Internal(format!("an answer could not be kept: {error}")))?;
    let headers = KEPT.iter().filter_map(|name| {
        let value = parts.headers.get(name)?.to_str().ok()?;
        Some(format!("{name}: {value}\n"))
    });
    let answer = Answer {
        fingerprint,
        status: parts.status.as_u16(),
        headers: headers.collect(),
        body: body.to_vec(),
    };
    if let Err(error) = idempotency::keep(store, held, answer).await {
        tracing::warn!("an answer was not kept under its key: {error}");
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

/// The answer as it was given.
fn again(answer: Answer) -> Result<Response> {
    let broken = || Error::Internal("a kept answer cannot be read".to_owned());
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).map_err(|_| broken())?;
    *response.headers_mut() = headers(&answer.headers).ok_or_else(broken)?;
    Ok(response)
}

fn headers(text: &str) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for line in text.lines() {
        let (name, value) = line.split_once(": ")?;
        headers.insert(HeaderName::try_from(name).ok()?, HeaderValue::from_str(value).ok()?);
    }
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    Some(headers)
}
