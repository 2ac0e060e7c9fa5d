//! `DELETE /v1/tracks/{id}`.

use axum::http::StatusCode;
use store::{TrackId, tracks};

use crate::error::{Error, Result};
use crate::extract::Path;
use crate::identity::{Acting, Caller, TracksWrite};
use crate::problem::Problem;

/// Delete a track.
///
/// Its jobs are cancelled; its report, matches and bytes go. Bytes that another track holds stay.
#[utoipa::path(
    delete,
    path = "/v1/tracks/{id}",
    tag = "tracks",
    operation_id = "tracks.delete",
    params(("id" = String, Path, description = "Id of the track")),
    security(("token" = ["tracks:write"])),
    responses(
        (status = 204, description = "It is gone"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.tracks.delete", skip_all, fields(track.id = %id))]
pub(crate) async fn delete(
    caller: Caller<TracksWrite>,
    Path(id): Path<TrackId>,
    Acting(store): Acting,
) -> Result<StatusCode> {
    let existed = tracks::delete(&store, caller.user_id, id).await?;
    if !existed {
        return Err(Error::NotFound);
    }
    tracing::info!("deleted track {id}");
    Ok(StatusCode::NO_CONTENT)
}
