//! `DELETE /v1/uploads/{id}`.

use axum::extract::State;
use axum::http::StatusCode;
use store::{UploadId, uploads};

use crate::error::{Error, Result};
use crate::extract::Path;
use crate::identity::{Caller, TracksWrite};
use crate::problem::Problem;
use crate::state;

/// Give an upload up.
///
/// What has arrived of it goes. A track that was made of it stays.
#[utoipa::path(
    delete,
    path = "/v1/uploads/{id}",
    tag = "uploads",
    operation_id = "uploads.delete",
    params(("id" = String, Path, description = "Id of the upload")),
    security(("token" = ["tracks:write"])),
    responses(
        (status = 204, description = "The upload is gone"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.uploads.delete", skip_all, fields(upload.id = %id))]
pub(crate) async fn delete(
    caller: Caller<TracksWrite>,
    Path(id): Path<UploadId>,
    State(state): State<state::State>,
) -> Result<StatusCode> {
    let is_gone = uploads::delete(&state.store, caller.user_id, id).await?;
    if is_gone { Ok(StatusCode::NO_CONTENT) } else { Err(Error::NotFound) }
}
