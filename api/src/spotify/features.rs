//! `GET /v1/audio-features/{id}`.

use axum::extract::State;
use report::formats::{Recording, spotify};
use report::{Report, Tags};
use serde::{Deserialize, Serialize};
use store::reports::StoredReport;
use store::{TrackId, reports, tracks};
use utoipa::ToSchema;

use super::RefusalBody;
use crate::compute::compute;
use crate::error::{Error, Result};
use crate::extract::{Json, Path};
use crate::identity::{Caller, TracksRead};
use crate::state;
use crate::tracks::no_report;

/// Spotify's audio features. What is not known is `null`.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = AudioFeatures)]
pub(crate) struct FeaturesBody {
    /// A hint, not Spotify's measure, 0 to 1.
    acousticness: Option<f64>,
    /// Path of the analysis.
    #[schema(example = "/v1/audio-analysis/000Xh3fYk0lqkD1vW8tB2m")]
    analysis_url: Option<String>,
    /// Our danceability from 0 to 1.
    danceability: Option<f64>,
    /// Length in milliseconds.
    #[schema(example = 237_040)]
    duration_ms: Option<i64>,
    /// Our index of energy, 0 to 1.
    energy: Option<f64>,
    /// Id of the track.
    #[schema(min_length = 22, max_length = 22, example = "000Xh3fYk0lqkD1vW8tB2m")]
    id: String,
    /// A hint, not Spotify's measure, 0 to 1.
    instrumentalness: Option<f64>,
    /// Pitch class of the key, C = 0; -1 when unknown.
    #[schema(minimum = -1, maximum = 11, example = 9)]
    key: i32,
    /// A hint, not Spotify's measure, 0 to 1.
    liveness: Option<f64>,
    /// Integrated loudness, LUFS.
    #[schema(example = -5.88)]
    loudness: Option<f64>,
    /// 1 is major, 0 minor.
    mode: Option<u8>,
    /// A hint, not Spotify's measure, 0 to 1.
    speechiness: Option<f64>,
    /// Beats per minute.
    #[schema(example = 118.21)]
    tempo: Option<f64>,
    /// Beats per bar.
    #[schema(example = 4)]
    time_signature: Option<u8>,
    /// Path of the track.
    #[schema(example = "/v1/tracks/000Xh3fYk0lqkD1vW8tB2m")]
    track_href: Option<String>,
    /// `audio_features`.
    #[serde(rename = "type")]
    #[schema(example = "audio_features")]
    kind: String,
    /// The id in the form of a URI, from which clients cut it.
    #[schema(example = "spotify:track:000Xh3fYk0lqkD1vW8tB2m")]
    uri: Option<String>,
    /// Our valence from 0 to 1.
    valence: Option<f64>,
}

impl FeaturesBody {
    /// The features of a report, under the id of its track.
    pub(super) fn new(id: TrackId, stored: &StoredReport) -> Result<Self> {
        let report = Report::from_json(&stored.json)?;
        let recording = Recording { report: &report, details: None, tags: &Tags::default() };
        let features = spotify::features(&recording);
        let features: Self = serde_json::from_value(features).map_err(report::Error::from)?;
        Ok(Self {
            id: id.to_string(),
            uri: Some(format!("spotify:track:{id}")),
            track_href: Some(format!("/v1/tracks/{id}")),
            analysis_url: Some(format!("/v1/audio-analysis/{id}")),
            ..features
        })
    }
}

/// Read the audio features of a track in Spotify's shape.
#[utoipa::path(
    get,
    path = "/v1/audio-features/{id}",
    tag = "spotify",
    operation_id = "spotify.features",
    params(("id" = String, Path, description = "Id of the track")),
    security(("token" = ["tracks:read"])),
    responses(
        (status = 200, description = "The features", body = FeaturesBody),
        (status = 404, description = "No such track, or it is not analysed", body = RefusalBody),
    )
)]
#[tracing::instrument(name = "api.spotify.features", skip_all, fields(track.id = %id))]
pub(crate) async fn features(
    caller: Caller<TracksRead>,
    Path(id): Path<TrackId>,
    State(state): State<state::State>,
) -> Result<Json<FeaturesBody>> {
    let track = tracks::get(&state.store, caller.user_id, id).await?.ok_or(Error::NotFound)?;
    let stored = reports::get(&state.store, caller.user_id, id).await?;
    let Some(stored) = stored else { return Err(no_report(track)) };
    Ok(Json(compute(move || FeaturesBody::new(id, &stored)).await??))
}
