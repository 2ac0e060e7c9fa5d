//! The envelope of answers, and the two ways to write it.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::failure::{self, Failure};
use super::parameters::Parameters;
use super::xml;

/// Name of the envelope.
const ROOT: &str = "subsonic-response";
/// Version of the Subsonic API that this is.
pub(super) const VERSION: &str = "1.16.1";

/// How a client wants its answer. JSON as a script (JSONP) is not given: it would be for pages of others, which no answer of ours is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// What the protocol gives unless told.
    Xml,
    /// JSON.
    Json,
}

impl Form {
    /// The form that is asked for.
    pub(super) fn of(parameters: &Parameters) -> Self {
        if parameters.get("f") == Some("json") { Self::Json } else { Self::Xml }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Xml => "application/xml; charset=utf-8",
            Self::Json => "application/json",
        }
    }

    fn write(self, fields: &Map<String, Value>) -> String {
        match self {
            Self::Xml => xml::document(ROOT, fields),
            Self::Json => json!({ ROOT: fields }).to_string(),
        }
    }
}

/// An answer: what a method gave, or the code of why it did not.
pub(super) fn answer(form: Form, result: Result<Map<String, Value>, Failure>) -> Response {
    let (status, body) = match result {
        Ok(body) => ("ok", body),
        Err(Failure::Refused { code, message }) => {
            ("failed", Map::from_iter([("error".to_owned(), failure::error(code, &message))]))
        }
        Err(Failure::Fault(error)) => return error.into_response(),
    };
    let mut fields = body;
    let envelope = [
        ("status", json!(status)),
        ("version", json!(VERSION)),
        ("type", json!("consort")),
        ("serverVersion", json!(env!("CARGO_PKG_VERSION"))),
        ("openSubsonic", json!(true)),
    ];
    fields.extend(envelope.map(|(name, value)| (name.to_owned(), value)));
    ([(header::CONTENT_TYPE, form.media_type())], form.write(&fields)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_xml_unless_told() {
        let check = |query: &str, expected: Form| {
            let parameters = Parameters::of(&format!("/rest/ping?{query}").parse().unwrap());
            assert_eq!(Form::of(&parameters), expected, "{query}");
        };
        check("", Form::Xml);
        check("f=xml", Form::Xml);
        check("f=jsonp&callback=alert(1)", Form::Xml);
        check("f=json&callback=x", Form::Json);
    }
}
