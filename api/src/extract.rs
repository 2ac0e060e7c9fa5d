//! Extractors that answer with our error body.

#![expect(clippy::disallowed_types, reason = "this file wraps the types that are banned elsewhere")]

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::body::Paced;
use crate::error::Error;
use crate::state::State;

/// Largest JSON body.
pub(crate) const MAX_JSON_BYTES: u64 = 64 << 10;

/// A JSON body, in either direction.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<State> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &State) -> Result<Self, Error> {
        JsonText::from_request(request, state).await.map(|body| Self(body.value))
    }
}

/// A JSON body and its text, for those who must know whether another body is the same.
#[derive(Debug)]
pub(crate) struct JsonText<T> {
    /// What it says.
    pub(crate) value: T,
    /// As it came.
    pub(crate) text: Bytes,
}

impl<T: DeserializeOwned> FromRequest<State> for JsonText<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &State) -> Result<Self, Error> {
        if !is_json(request.headers()) {
            return Err(Error::UnsupportedMediaType { expected: "application/json" });
        }
        let body = Paced::new(request.into_body(), MAX_JSON_BYTES, state.config.body_timeout());
        let text = body.collect().await?;
        match serde_json::from_slice(&text) {
            Ok(value) => Ok(Self { value, text }),
            Err(error) if error.is_data() => {
                Err(Error::invalid("the body", format!("does not fit: {error}")))
            }
            Err(error) => Err(Error::MalformedJson(error.to_string())),
        }
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// `application/json` or a type that ends in `+json`.
fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// Parameters of the path. What cannot be an id names nothing, hence 404.
#[derive(Debug)]
pub(crate) struct Path<T>(pub(crate) T);

impl<T: DeserializeOwned + Send + 'static, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|path| Self(path.0)).map_err(|_| Error::NotFound)
    }
}

/// Parameters of the query.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> Query<T> {
    /// The parameters of an address.
    pub(crate) fn of(uri: &Uri) -> Result<Self, Error> {
        let query = axum::extract::Query::<T>::try_from_uri(uri);
        query.map(|query| Self(query.0)).map_err(|error| Error::MalformedQuery(error.body_text()))
    }
}

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Self::of(&parts.uri)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn knows_json_by_its_type() {
        let check = |value: &'static str, expected: bool| {
            let headers =
                HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(value))]);
            assert_eq!(is_json(&headers), expected, "{value}");
        };
        check("application/json", true);
        check("Application/JSON; charset=utf-8", true);
        check("application/merge-patch+json", true);
        check("text/json", false);
        check("text/plain", false);
        check("", false);
        assert!(!is_json(&HeaderMap::new()));
    }
}
