//! `GET /v1/uploads/{id}`.

use axum::extract::State;
use store::uploads::{self, Protocol, Upload};
use store::{Store, UploadId, UserId};

use super::body::UploadBody;
use crate::error::{Error, Result};
use crate::extract::{Json, Path};
use crate::identity::{Caller, TracksWrite};
use crate::problem::Problem;
use crate::state;

/// Show an upload: how far it is and which parts are there.
#[utoipa::path(
    get,
    path = "/v1/uploads/{id}",
    tag = "uploads",
    operation_id = "uploads.get",
    params(("id" = String, Path, description = "Id of the upload")),
    security(("token" = ["tracks:write"])),
    responses(
        (status = 200, description = "The upload", body = UploadBody),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.uploads.get", skip_all, fields(upload.id = %id))]
pub(crate) async fn get(
    caller: Caller<TracksWrite>,
    Path(id): Path<UploadId>,
    State(state): State<state::State>,
) -> Result<Json<UploadBody>> {
    let upload = uploads::get(&state.store, caller.user_id, id).await?.ok_or(Error::NotFound)?;
    UploadBody::of(&state.store, &upload).await.map(Json)
}

/// An upload of this owner whose bytes come this way.
pub(super) async fn upload_by(
    store: &Store,
    owner: UserId,
    id: UploadId,
    protocol: Protocol,
) -> Result<Upload> {
    let upload = uploads::get(store, owner, id).await?;
    upload.filter(|upload| upload.protocol == protocol).ok_or(Error::NotFound)
}
