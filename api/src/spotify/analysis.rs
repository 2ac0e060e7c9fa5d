//! `GET /v1/audio-analysis/{id}`.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use report::formats::Format;
use store::{TrackId, reports, tracks};

use super::RefusalBody;
use super::schema::AnalysisBody;
use crate::compute::compute;
use crate::error::{Error, Result};
use crate::extract::Path;
use crate::identity::{Caller, TracksRead};
use crate::state;
use crate::tracks::{no_report, render};

/// Read the audio analysis of a track in Spotify's shape.
#[utoipa::path(
    get,
    path = "/v1/audio-analysis/{id}",
    tag = "spotify",
    operation_id = "spotify.analysis",
    params(("id" = String, Path, description = "Id of the track")),
    security(("token" = ["tracks:read"])),
    responses(
        (status = 200, description = "The analysis", body = AnalysisBody),
        (status = 404, description = "No such track, or it is not analysed, or without details", body = RefusalBody),
    )
)]
#[tracing::instrument(name = "api.spotify.analysis", skip_all, fields(track.id = %id))]
pub(crate) async fn analysis(
    caller: Caller<TracksRead>,
    Path(id): Path<TrackId>,
    State(state): State<state::State>,
) -> Result<Response> {
    let (store, owner) = (&state.store, caller.user_id);
    let track = tracks::get(store, owner, id).await?.ok_or(Error::NotFound)?;
    let stored = reports::get(store, owner, id).await?;
    let Some(stored) = stored else { return Err(no_report(track)) };
    let details = reports::details(store, owner, id, stored.analysis_version).await?;
    let shape = Format::SpotifyAnalysis;
    let bytes = compute(move || render(shape, &track, &stored, details.as_deref())).await??;
    Ok(([(header::CONTENT_TYPE, shape.media_type())], bytes).into_response())
}
