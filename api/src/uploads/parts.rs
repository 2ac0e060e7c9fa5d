//! `POST /v1/uploads/{id}/parts`.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use store::UploadId;
use store::uploads::{Protocol, UploadState};
use utoipa::ToSchema;

use super::body::PartUrlBody;
use super::get::upload_by;
use super::urls::{self, MAX_URLS};
use crate::error::{Error, Result};
use crate::extract::{Json, Path};
use crate::identity::{Caller, TracksWrite};
use crate::problem::Problem;
use crate::state;

/// Of which parts URLs are asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PartNumbers)]
pub(crate) struct NumbersBody {
    /// Their numbers, at most 100; the first 100 that are missing unless told.
    #[schema(max_items = 100, example = json!([1, 2]))]
    numbers: Option<Vec<u32>>,
}

/// Where parts go.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PartUrls)]
pub(crate) struct UrlsBody {
    /// One for each part; none if none is missing.
    urls: Vec<PartUrlBody>,
}

/// Ask where parts go, for the first time or again.
#[utoipa::path(
    post,
    path = "/v1/uploads/{id}/parts",
    tag = "uploads",
    operation_id = "uploads.parts",
    params(("id" = String, Path, description = "Id of the upload")),
    request_body = NumbersBody,
    security(("token" = ["tracks:write"])),
    responses(
        (status = 200, description = "Where the parts go", body = UrlsBody),
        (status = 400, description = "`malformed_json`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "`request_timeout`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`upload_busy`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported_media_type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.uploads.parts", skip_all, fields(upload.id = %id))]
pub(crate) async fn parts(
    caller: Caller<TracksWrite>,
    Path(id): Path<UploadId>,
    State(state): State<state::State>,
    Json(body): Json<NumbersBody>,
) -> Result<Json<UrlsBody>> {
    let upload = upload_by(&state.store, caller.user_id, id, Protocol::Parts).await?;
    if upload.state == UploadState::Done {
        return Err(store::Error::UploadBusy.into());
    }
    let numbers = match body.numbers {
        Some(numbers) if numbers.len() > MAX_URLS => {
            return Err(Error::invalid("numbers", format!("must be at most {MAX_URLS}")));
        }
        Some(numbers) => numbers,
        None => urls::missing(&state, &upload).await?,
    };
    urls::urls(&state, &upload, numbers).await.map(|urls| Json(UrlsBody { urls }))
}
