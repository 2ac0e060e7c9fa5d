//! `GET /v1/tracks/{id}/report`.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use store::tracks::{self, Track, TrackState};
use store::{TrackId, reports};

use crate::error::{Error, Result};
use crate::etag;
use crate::extract::Path;
use crate::identity::{Caller, TracksRead};
use crate::problem::Problem;
use crate::state;

/// Read the report of a track.
///
/// The body is the report as it was written; its schema is `consort.report/1`. A report never changes.
#[utoipa::path(
    get,
    path = "/v1/tracks/{id}/report",
    tag = "tracks",
    operation_id = "tracks.report",
    params(
        ("id" = String, Path, description = "Id of the track"),
        ("If-None-Match" = Option<String>, Header, description = "`ETag` of the report that the client has"),
    ),
    security(("token" = ["tracks:read"])),
    responses(
        (status = 200, description = "The report", body = ref("#/components/schemas/Report"),
            headers(("ETag" = String, description = "Version of the analysis"))),
        (status = 304, description = "The client has it already"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`track_not_analyzed`, `track_failed`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.tracks.report", skip_all, fields(track.id = %id))]
pub(crate) async fn report(
    caller: Caller<TracksRead>,
    Path(id): Path<TrackId>,
    State(state): State<state::State>,
    headers: HeaderMap,
) -> Result<Response> {
    let track = tracks::get(&state.store, caller.user_id, id).await?.ok_or(Error::NotFound)?;
    let stored = reports::get(&state.store, caller.user_id, id).await?;
    let stored = stored.ok_or_else(|| no_report(track))?;

    let tag = format!("a{}", stored.analysis_version);
    let validator = [(header::ETAG, etag::quoted(&tag))];
    if etag::is_known(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, validator).into_response());
    }
    let kind = [(header::CONTENT_TYPE, "application/json")];
    Ok((validator, kind, stored.json).into_response())
}

/// Why a track has no report, or nothing to compare.
pub(crate) fn no_report(track: Track) -> Error {
    match (track.state, track.error_code) {
        (TrackState::Failed, Some(code)) => Error::TrackFailed { code },
        (TrackState::Failed, None) => Error::TrackFailed { code: "unknown".to_owned() },
        _ => Error::TrackNotAnalyzed,
    }
}
