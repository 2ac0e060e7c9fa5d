//! `GET /v1/audio-features?ids=`.

use std::collections::HashMap;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use store::TrackId;
use store::reports::{self, StoredReport};
use utoipa::{IntoParams, ToSchema};

use super::RefusalBody;
use super::features::FeaturesBody;
use crate::compute::compute;
use crate::error::{Error, Result};
use crate::extract::{Json, Query};
use crate::identity::{Caller, TracksRead};
use crate::state;

/// Ids of a request, as Spotify has it.
const MAX_IDS: usize = 100;
/// Reports in memory at a time: one of a recording of hours has megabytes.
const N_PER_PAGE: usize = 10;

/// Which tracks. Other parameters are passed over, as Spotify does.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// Ids of up to 100 tracks, separated by commas.
    #[param(example = "000Xh3fYk0lqkD1vW8tB2m,000Xh3fYk0lqkD1vW8tB2n")]
    ids: String,
}

/// Audio features in the order in which they were asked for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SeveralAudioFeatures)]
pub(crate) struct SeveralBody {
    /// `null` for what is no track of yours or not analysed.
    audio_features: Vec<Option<FeaturesBody>>,
}

/// Read the audio features of several tracks in Spotify's shape.
#[utoipa::path(
    get,
    path = "/v1/audio-features",
    tag = "spotify",
    operation_id = "spotify.several_features",
    params(Parameters),
    security(("token" = ["tracks:read"])),
    responses(
        (status = 200, description = "The features", body = SeveralBody),
        (status = 400, description = "No ids, or more than 100", body = RefusalBody),
    )
)]
#[tracing::instrument(name = "api.spotify.several_features", skip_all)]
pub(crate) async fn several(
    caller: Caller<TracksRead>,
    Query(Parameters { ids }): Query<Parameters>,
    State(state): State<state::State>,
) -> Result<Json<SeveralBody>> {
    let ids: Vec<&str> = ids.split(',').collect();
    if ids.len() > MAX_IDS || ids == [""] {
        return Err(Error::MalformedQuery(format!("ids must name 1 to {MAX_IDS} tracks")));
    }
    let ids: Vec<Option<TrackId>> = ids.into_iter().map(|id| id.trim().parse().ok()).collect();
    let mut audio_features = Vec::with_capacity(ids.len());
    for page in ids.chunks(N_PER_PAGE) {
        let known: Vec<TrackId> = page.iter().flatten().copied().collect();
        let stored = reports::of(&state.store, caller.user_id, &known).await?;
        let stored: HashMap<TrackId, StoredReport> = stored.into_iter().collect();
        let page = page.to_vec();
        let of_page = move || -> Vec<_> {
            page.into_iter().map(|id| readable(id?, stored.get(&id?)?)).collect()
        };
        audio_features.extend(compute(of_page).await?);
    }
    Ok(Json(SeveralBody { audio_features }))
}

/// One that cannot be read is `null`: it must not take the others with it.
fn readable(id: TrackId, stored: &StoredReport) -> Option<FeaturesBody> {
    match FeaturesBody::new(id, stored) {
        Ok(features) => Some(features),
        Err(error) => {
            let cause = &error as &dyn std::error::Error;
            tracing::error!(error = cause, track.id = %id, "report of {id} is unreadable: {error}");
            None
        }
    }
}
