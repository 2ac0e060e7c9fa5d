//! `GET /v1/compare`.

use axum::extract::State;
use matching::mix::mix_advice;
use serde::{Deserialize, Serialize};
use store::TrackId;
use utoipa::{IntoParams, ToSchema};

use crate::error::Result;
use crate::extract::{Json, Query};
use crate::identity::{Caller, MatchesRead};
use crate::item::item;
use crate::mix::MixBody;
use crate::part::PartBody;
use crate::problem::Problem;
use crate::purpose::PurposeBody;
use crate::{state, weights};

/// What to compare.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// One track.
    #[param(value_type = String)]
    a: TrackId,
    /// The other.
    #[param(value_type = String)]
    b: TrackId,
    /// What for; `alike` unless told.
    #[serde(default)]
    #[param(inline, value_type = Option<PurposeBody>)]
    purpose: PurposeBody,
    /// Weights in the place of the purpose's, by facet: `tempo:1,key:0.5`. What is not named does not count; the purpose still
    /// says whether tempo and key must both fit.
    #[param(example = "tempo:1,key:0.5")]
    weights: Option<String>,
}

/// Two tracks compared, with the whole computation.
///
/// It adds up: `evidence` is the sum of the contributions, and `score` is
/// `gate / (1 + exp(-evidence))`, unless `identical`, where it is 1.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Comparison)]
pub(crate) struct ComparisonBody {
    /// One track.
    #[schema(value_type = String)]
    a: TrackId,
    /// The other.
    #[schema(value_type = String)]
    b: TrackId,
    /// What for.
    purpose: PurposeBody,
    /// 0 to 1; one half is a typical pair.
    score: f64,
    /// The same by every measure.
    identical: bool,
    /// Sum of the contributions; `null` where nothing could be compared.
    evidence: Option<f64>,
    /// Factor for what must fit, 0 to 1.
    gate: f64,
    /// What each facet says.
    parts: Vec<PartBody>,
    /// One sentence of why.
    reason: String,
    /// How to play `b` into `a`; `null` for other purposes than `mix`.
    mix: Option<MixBody>,
    /// Version of the descriptors.
    descriptor_version: u32,
    /// Version of weights and reference population.
    weights_version: u32,
}

/// Compare two tracks.
#[utoipa::path(
    get,
    path = "/v1/compare",
    tag = "matches",
    operation_id = "compare",
    params(Parameters),
    security(("token" = ["matches:read"])),
    responses(
        (status = 200, description = "The comparison", body = ComparisonBody),
        (status = 400, description = "`malformed_query`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`track_not_analyzed`, `track_failed`, `track_stale`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`, `unknown_facet`, `negative_weight`, `weight_not_finite`, `no_weight`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.compare", skip_all)]
pub(crate) async fn compare(
    caller: Caller<MatchesRead>,
    Query(parameters): Query<Parameters>,
    State(state): State<state::State>,
) -> Result<Json<ComparisonBody>> {
    let Parameters { a, b, purpose, weights } = parameters;
    let weighting = weights::from_query(purpose.into(), weights.as_deref())?;
    let first = item(&state.store, caller.user_id, a).await?;
    let second = item(&state.store, caller.user_id, b).await?;
    let score = matching::score_by(&first, &second, &weighting);
    let mix = (purpose == PurposeBody::Mix)
        .then(|| mix_advice(&first.descriptor, &second.descriptor).into());
    let reason = matching::reason(&score);
    Ok(Json(ComparisonBody {
        a,
        b,
        purpose,
        score: score.score,
        identical: score.identical,
        evidence: score.evidence,
        gate: score.gate,
        parts: score.parts.into_iter().map(PartBody::from).collect(),
        reason,
        mix,
        descriptor_version: matching::DESCRIPTOR_VERSION,
        weights_version: score.weights_version,
    }))
}
