//! `POST /v1/playlists/path`.

use std::collections::BTreeMap;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use store::TrackId;
use utoipa::ToSchema;

use super::answer::{PairBody, TrackBody};
use super::filter::{By, FilterBody};
use super::find::{self, Order, Stop};
use crate::error::{Error, Result};
use crate::extract::Json;
use crate::identity::{Caller, MatchesRead};
use crate::problem::Problem;
use crate::purpose::PurposeBody;
use crate::state;

/// Tracks of a path if the client does not say.
const DEFAULT_LENGTH: u32 = 10;
/// Most tracks of a path.
const MAX_LENGTH: u32 = 64;

/// Which path.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPath)]
pub(crate) struct NewPathBody {
    /// Where it begins.
    #[schema(value_type = String)]
    from: TrackId,
    /// Where it ends: another track.
    #[schema(value_type = String)]
    to: TrackId,
    /// Tracks, both ends included; 10 unless told. There may not be as many.
    #[schema(minimum = 2, maximum = 64)]
    length: Option<u32>,
    /// What each step is for; `mix` unless told.
    #[serde(default = "mix")]
    #[schema(required = false)]
    purpose: PurposeBody,
    /// Weights in the place of the purpose's, by facet.
    #[schema(example = json!({"tempo": 1.0, "key": 1.0, "energy": 0.5}))]
    weights: Option<BTreeMap<String, f64>>,
    /// What the tracks between the ends have to be.
    #[serde(default)]
    #[schema(required = false)]
    filter: FilterBody,
}

fn mix() -> PurposeBody {
    PurposeBody::Mix
}

/// One track of a path.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PathStop)]
pub(crate) struct StopBody {
    /// The track.
    track: TrackBody,
    /// How far it is along the straight line between the ends in tempo, key, energy, timbre and emotion: 0 at the first, 1 at the last.
    #[schema(example = 0.25)]
    progress: f64,
    /// How it follows the one before; `null` for the first.
    step: Option<PairBody>,
}

impl From<Stop> for StopBody {
    fn from(Stop { track, progress, step, .. }: Stop) -> Self {
        Self { track: track.into(), progress, step: step.map(PairBody::from) }
    }
}

/// A path from one track to another.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TrackPath)]
pub(crate) struct PathBody {
    /// The tracks in their order; fewer than were asked for where there are not as many.
    items: Vec<StopBody>,
    /// Score of the weakest step.
    #[schema(example = 0.71)]
    weakest: f64,
    /// Tracks near the line that were considered.
    n_candidates: usize,
}

/// Make a path from one of your tracks to another, in small steps.
///
/// Of all ways forwards through the tracks near the straight line between both, this is the one whose weakest step is strongest, and among those
/// the one whose scores have the largest product.
#[utoipa::path(
    post,
    path = "/v1/playlists/path",
    tag = "playlists",
    operation_id = "playlists.path",
    request_body = NewPathBody,
    security(("token" = ["matches:read"])),
    responses(
        (status = 200, description = "The path", body = PathBody),
        (status = 400, description = "`malformed_json`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "`request_timeout`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`track_not_analyzed`, `track_failed`, `track_stale`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported_media_type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`, `unknown_facet`, `negative_weight`, `weight_not_finite`, `no_weight`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.playlists.path", skip_all)]
pub(crate) async fn path(
    caller: Caller<MatchesRead>,
    State(state): State<state::State>,
    Json(body): Json<NewPathBody>,
) -> Result<Json<PathBody>> {
    let NewPathBody { from, to, length, purpose, weights, filter } = body;
    let length = length.unwrap_or(DEFAULT_LENGTH);
    if !(2..=MAX_LENGTH).contains(&length) {
        return Err(Error::invalid("length", format!("must be 2 to {MAX_LENGTH}")));
    }
    if from == to {
        return Err(Error::invalid("to", "must be another track than from"));
    }
    let By { weighting, wanted } = By::new(purpose, weights.as_ref(), &filter)?;
    let order = Order { weighting, wanted, each_once: true, limit: length as usize };
    let (stops, n_candidates) = find::path(&state.store, caller.user_id, (from, to), order).await?;
    let pairs = stops.iter().filter_map(|stop| stop.step.as_ref());
    let weakest = pairs.map(|pair| pair.score.score).fold(1.0, f64::min);
    Ok(Json(PathBody {
        items: stops.into_iter().map(StopBody::from).collect(),
        weakest,
        n_candidates,
    }))
}
