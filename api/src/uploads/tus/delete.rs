//! `DELETE /v1/uploads/tus/{id}`.

use axum::extract::State;
use axum::http::StatusCode;
use store::uploads::{self, Protocol};
use store::{UploadId, UserId};

use super::TUS_UPLOAD_PATH;
use crate::error::{Error, Result};
use crate::extract::Path;
use crate::identity::{Caller, TracksWrite};
use crate::problem::Problem;
use crate::state;
use crate::uploads::get::upload_by;

/// Give an upload up. A track that was made of it stays.
#[utoipa::path(
    delete,
    path = TUS_UPLOAD_PATH,
    tag = "uploads",
    operation_id = "uploads.tus.delete",
    params(
        ("id" = String, Path, description = "Id of the upload"),
        ("Tus-Resumable" = String, Header, description = "`1.0.0`"),
    ),
    security(("token" = ["tracks:write"])),
    responses(
        (status = 204, description = "The upload is gone"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "`tus_version`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.uploads.tus.delete", skip_all, fields(upload.id = %id))]
pub(crate) async fn delete(
    caller: Caller<TracksWrite>,
    Path(id): Path<UploadId>,
    State(state): State<state::State>,
) -> Result<StatusCode> {
    deleted(&state, caller.user_id, id).await
}

/// Gives the upload up.
pub(super) async fn deleted(
    state: &state::State,
    owner: UserId,
    id: UploadId,
) -> Result<StatusCode> {
    upload_by(&state.store, owner, id, Protocol::Tus).await?;
    let is_gone = uploads::delete(&state.store, owner, id).await?;
    if is_gone { Ok(StatusCode::NO_CONTENT) } else { Err(Error::NotFound) }
}
