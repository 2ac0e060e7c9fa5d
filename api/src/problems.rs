//! `GET /problems` and `GET /problems/{code}`: what the error codes mean, where the `type` of an error points.

use std::fmt::Write;

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::{Error, Result};
use crate::extract::{Json, Path};
use crate::problem::{CODES, Code, Problem};

/// An error code.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ErrorCode)]
pub(crate) struct CodeBody {
    /// What programs compare.
    #[schema(value_type = String, example = "not_found")]
    code: &'static str,
    /// HTTP status that it comes with.
    #[schema(minimum = 400, maximum = 599, example = 404)]
    status: u16,
    /// Short text, the same for every occurrence.
    #[schema(value_type = String, example = "There is nothing here")]
    title: &'static str,
    /// When it is answered, and what to do.
    #[schema(value_type = String, example = "No such path, or no such object among yours. Objects of others look the same.")]
    meaning: &'static str,
    /// Path that explains it, as in the `type` of an error.
    #[serde(rename = "type")]
    #[schema(example = "/problems/not_found")]
    kind: String,
}

/// All error codes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ErrorCodes)]
pub(crate) struct CodesBody {
    /// By status.
    items: Vec<CodeBody>,
}

impl From<&Code> for CodeBody {
    fn from(code: &Code) -> Self {
        let &Code { code, status, title, meaning } = code;
        Self { code, status, title, meaning, kind: Problem::path(code) }
    }
}

/// List all error codes.
///
/// As a page for people if `Accept` asks for `text/html`.
#[utoipa::path(
    get,
    path = "/problems",
    tag = "service",
    operation_id = "problems.list",
    params(("Accept" = Option<String>, Header, description = "`text/html` for a page")),
    security(()),
    responses((status = 200, description = "Every code with its status and meaning", content(
        (CodesBody = "application/json"),
        (String = "text/html"),
    )))
)]
pub(crate) async fn list(headers: HeaderMap) -> Response {
    let mut response = if wants_page(&headers) {
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        ([(header::CONTENT_TYPE, html)], page()).into_response()
    } else {
        Json(CodesBody { items: CODES.iter().map(CodeBody::from).collect() }).into_response()
    };
    response.headers_mut().append(header::VARY, HeaderValue::from_static("accept"));
    response
}

/// Whether a browser asks; programs that take anything get JSON.
fn wants_page(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT).iter();
    values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let is_html = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("text/html"));
        // `q=0` is "not this" (RFC 9110, section 12.4.2).
        let is_refused = |parameter: &str| {
            parameter.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok()) == Some(0.0)
        };
        is_html && !parts.any(is_refused)
    })
}

fn page() -> String {
    let mut page = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Error codes</title>\n<h1>Error codes</h1>\n\
        <table>\n<tr><th>code<th>status<th>title<th>meaning\n"
        .to_owned();
    for Code { code, status, title, meaning } in CODES {
        let (title, meaning) = (marked_up(title), marked_up(meaning));
        writeln!(page, "<tr id=\"{code}\"><td><a href=\"/problems/{code}\">{code}</a><td>{status}<td>{title}<td>{meaning}")
            .expect("a string takes everything");
    }
    page + "</table>\n"
}

/// A text of the table as HTML: words between backticks are code.
fn marked_up(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut html = String::new();
    for (place, part) in escaped.split('`').enumerate() {
        if place > 0 {
            html.push_str(if place % 2 == 1 { "<code>" } else { "</code>" });
        }
        html.push_str(part);
    }
    html
}

/// Explain an error code.
#[utoipa::path(
    get,
    path = "/problems/{code}",
    tag = "service",
    operation_id = "problems.get",
    params(("code" = String, Path, description = "`code` of an error", example = "not_found")),
    security(()),
    responses(
        (status = 200, description = "Its meaning, as text", body = String, content_type = "text/plain"),
        (status = 404, description = "`not_found`", body = crate::problem::Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get(Path(code): Path<String>) -> Result<impl IntoResponse> {
    let Code { code, status, title, meaning } = Code::find(&code).ok_or(Error::NotFound)?;
    let text = format!("{code} ({status})\n\n{title}. {meaning}\n");
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_for_who_asks_for_one() {
        let check = |accept: &'static str, expected: bool| {
            let value = HeaderValue::from_static(accept);
            let headers = HeaderMap::from_iter([(header::ACCEPT, value)]);
            assert_eq!(wants_page(&headers), expected, "{accept}");
        };
        check("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true);
        check("application/json, Text/HTML; q=0.5", true);
        check("*/*", false);
        check("application/json", false);
        check("text/html;q=0, */*", false);
        assert!(!wants_page(&HeaderMap::new()));
    }

    #[test]
    fn words_between_backticks_are_code() {
        assert_eq!(marked_up("`a` & <b>"), "<code>a</code> &amp; &lt;b&gt;");
    }
}
