//! `POST /v1/search`.

use std::collections::BTreeMap;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use store::TrackId;
use utoipa::ToSchema;

use super::answer::{PairBody, TrackBody};
use super::filter::{By, FilterBody};
use super::find::{self, Order};
use crate::error::Result;
use crate::extract::Json;
use crate::identity::{Caller, MatchesRead};
use crate::pagination;
use crate::problem::Problem;
use crate::purpose::PurposeBody;
use crate::state;

/// What to search for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Search)]
pub(crate) struct SearchBody {
    /// The track that others shall go with.
    #[schema(value_type = String)]
    track: TrackId,
    /// What for; `alike` unless told.
    #[serde(default)]
    #[schema(required = false)]
    purpose: PurposeBody,
    /// Weights in the place of the purpose's, by facet. What is not named does not count; the purpose still says whether tempo and key must
    /// both fit.
    #[schema(example = json!({"timbre": 1.0, "rhythm": 0.5}))]
    weights: Option<BTreeMap<String, f64>>,
    /// What a track has to be.
    #[serde(default)]
    #[schema(required = false)]
    filter: FilterBody,
    /// Of recordings that are the same by every measure only the best one, and none that are the same as the track; true unless told.
    #[serde(default = "yes")]
    #[schema(required = false, default = true)]
    each_once: bool,
    /// Most tracks to give; 50 unless told.
    #[schema(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

fn yes() -> bool {
    true
}

/// A track that was found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FoundTrack)]
pub(crate) struct FoundBody {
    /// The track.
    track: TrackBody,
    /// How it goes with the one that was asked for.
    #[serde(flatten)]
    pair: PairBody,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FoundTracks)]
pub(crate) struct FoundsBody {
    /// Best first.
    items: Vec<FoundBody>,
}

/// Search your tracks for what goes with one, by weights and wishes of your own.
///
/// Every one of your analysed tracks is scored now; nothing is stored.
#[utoipa::path(
    post,
    path = "/v1/search",
    tag = "matches",
    operation_id = "search",
    request_body = SearchBody,
    security(("token" = ["matches:read"])),
    responses(
        (status = 200, description = "What was found", body = FoundsBody),
        (status = 400, description = "`malformed_json`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "`request_timeout`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`track_not_analyzed`, `track_failed`, `track_stale`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported_media_type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`, `unknown_facet`, `negative_weight`, `weight_not_finite`, `no_weight`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.search", skip_all)]
pub(crate) async fn search(
    caller: Caller<MatchesRead>,
    State(state): State<state::State>,
    Json(body): Json<SearchBody>,
) -> Result<Json<FoundsBody>> {
    let SearchBody { track, purpose, weights, filter, each_once, limit } = body;
    let limit = pagination::limit(limit)? as usize;
    let By { weighting, wanted } = By::new(purpose, weights.as_ref(), &filter)?;
    let order = Order { weighting, wanted, each_once, limit };
    let found = find::similar(&state.store, caller.user_id, track, order).await?;
    let items = found
        .into_iter()
        .map(|found| FoundBody { track: found.track.into(), pair: found.pair.into() });
    Ok(Json(FoundsBody { items: items.collect() }))
}
