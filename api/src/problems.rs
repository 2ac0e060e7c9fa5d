//! `GET /problems/{code}`: what an error code means, where the `type` of an error points.

use axum::http::header;
use axum::response::IntoResponse;

use crate::error::{Error, Result};
use crate::extract::Path;
use crate::problem::Code;

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
