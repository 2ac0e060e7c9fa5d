//! `GET /v1/tracks/{id}`.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use store::{TrackId, tracks};

use super::body::TrackBody;
use crate::error::{Error, Result};
use crate::etag;
use crate::extract::{Json, Path};
use crate::identity::{Caller, TracksRead};
use crate::problem::Problem;
use crate::state;

/// Read a track.
#[utoipa::path(
    get,
    path = "/v1/tracks/{id}",
    tag = "tracks",
    operation_id = "tracks.get",
    params(("id" = String, Path, description = "Id of the track")),
    security(("token" = ["tracks:read"])),
    responses(
        (status = 200, description = "The track", body = TrackBody,
            headers(("ETag" = String, description = "Version of what a `PATCH` may change"))),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.tracks.get", skip_all, fields(track.id = %id))]
pub(crate) async fn get(
    caller: Caller<TracksRead>,
    Path(id): Path<TrackId>,
    State(state): State<state::State>,
) -> Result<impl IntoResponse> {
    let track = tracks::get(&state.store, caller.user_id, id).await?.ok_or(Error::NotFound)?;
    let tag = etag::version(track.version);
    Ok(([(header::ETAG, tag)], Json(TrackBody::from(track))))
}
