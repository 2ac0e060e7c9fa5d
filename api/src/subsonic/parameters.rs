//! Parameters of the query and of the form: names and values as they came.

use std::ops::RangeInclusive;
use std::time::Duration;

use axum::Form;
use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use store::TrackId;

use super::failure::Failure;
use crate::body::Paced;
use crate::error::{Error, Result};
use crate::extract::Query;

/// Longest form.
const MAX_FORM_BYTES: u64 = 64 << 10;
const FORM_TYPE: &str = "application/x-www-form-urlencoded";

/// Parameters in the order in which they came. What no method asks for is passed over: clients send more than they must.
#[derive(Debug, Default)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Those of the query.
    pub(super) fn of(uri: &Uri) -> Self {
        // Pairs of texts fit every query.
        Self(Query::of(uri).map(|Query(pairs)| pairs).unwrap_or_default())
    }

    /// Adds those of the form. Another body than a form is not looked at.
    pub(super) async fn read(&mut self, request: Request, pace: Duration) -> Result<()> {
        if request.method() != Method::POST || !is_form(request.headers()) {
            return Ok(());
        }
        let (mut parts, body) = request.into_parts();
        let bytes = Paced::new(body, MAX_FORM_BYTES, pace).collect().await?;
        // The extractor knows the type in small letters only.
        parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(FORM_TYPE));
        let request = Request::from_parts(parts, Body::from(bytes));
        let Ok(Form(form)) = Form::<Vec<(String, String)>>::from_request(request, &()).await else {
            return Err(Error::MalformedQuery("the form is not understood".to_owned()));
        };
        self.0.extend(form);
        Ok(())
    }

    /// All values of a parameter.
    pub(super) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter; of several the first.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// The track that a parameter names. What cannot be an id names nothing.
    pub(super) fn id(&self, name: &str) -> Result<TrackId, Failure> {
        let value = self.get(name).ok_or_else(|| Failure::missing(name))?;
        value.parse().map_err(|_| Failure::from(Error::NotFound))
    }

    /// How many at most. More than we ever give is no error: it is a bound.
    pub(super) fn count(
        &self,
        unless_told: usize,
        range: RangeInclusive<usize>,
    ) -> Result<usize, Failure> {
        let Some(value) = self.get("count") else { return Ok(unless_told) };
        let invalid =
            || Failure::invalid("count", &format!("must be a whole number from {}", range.start()));
        let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number {
            return Err(invalid());
        }
        // Digits that are too many for the type are certainly above the range.
        let count = value.parse().unwrap_or(usize::MAX);
        if count < *range.start() { Err(invalid()) } else { Ok(count.min(*range.end())) }
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    essence.eq_ignore_ascii_case(FORM_TYPE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(query: &str) -> Parameters {
        Parameters::of(&format!("/rest/ping?{query}").parse().unwrap())
    }

    #[test]
    fn the_first_of_several_counts() {
        let parameters = of("f=json&f=xml&c=a+b%26c&empty=");
        assert_eq!(parameters.get("f"), Some("json"));
        assert_eq!(parameters.all("f").count(), 2);
        assert_eq!(parameters.get("c"), Some("a b&c"));
        assert_eq!(parameters.get("empty"), Some(""));
        assert_eq!(parameters.get("none"), None);
    }

    #[test]
    fn counts_are_bounded() {
        let check = |query: &str, expected: Option<usize>| {
            assert_eq!(of(query).count(10, 2..=64).ok(), expected, "{query}");
        };
        check("", Some(10));
        check("count=2", Some(2));
        check("count=64", Some(64));
        check("count=65", Some(64));
        check("count=99999999999999999999999999", Some(64));
        for query in
            ["count=", "count=1", "count=0", "count=-3", "count=%2B3", "count=x", "count=2.5"]
        {
            check(query, None);
        }
    }
}
