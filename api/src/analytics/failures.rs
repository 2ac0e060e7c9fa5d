//! `GET /v1/analytics/failures`.

use std::collections::BTreeMap;

use axum::extract::State;
use serde::Serialize;
use store::analytics;
use store::jobs::{JobKind, Outcome};
use utoipa::ToSchema;

use super::parameters::Parameters;
use crate::error::Result;
use crate::extract::{Json, Query};
use crate::identity::{Caller, Identity, JobsRead};
use crate::jobs::KindBody;
use crate::problem::Problem;
use crate::state;

/// Why jobs ended without a result, by day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Failures)]
pub(crate) struct FailuresBody {
    /// The first day (UTC).
    #[schema(format = Date, example = "2026-01-02")]
    from: String,
    /// The last day (UTC).
    #[schema(format = Date, example = "2026-01-31")]
    to: String,
    /// Each day, kind, outcome and code that there was, by day.
    items: Vec<FailureItem>,
    /// All days together.
    totals: Vec<FailureItem>,
}

/// Jobs or attempts that ended in the same way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FailureItem {
    /// The day (UTC) that they ended on; null in totals.
    #[schema(format = Date, example = "2026-01-02")]
    day: Option<String>,
    /// What they do.
    kind: KindBody,
    /// How they ended.
    outcome: FailureOutcome,
    /// Why: a stable code, `other` for one that is not listed.
    #[schema(example = "bad_media")]
    code: String,
    /// How many.
    n: u64,
}

/// How a job ended without a result.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FailureOutcome {
    /// Ended for a reason that another try would not change.
    Failed,
    /// Given up after too many tries.
    Dead,
    /// An attempt that is followed by another.
    Retried,
}

fn failure(outcome: Outcome) -> Option<FailureOutcome> {
    match outcome {
        Outcome::Failed => Some(FailureOutcome::Failed),
        Outcome::Dead => Some(FailureOutcome::Dead),
        Outcome::Retried => Some(FailureOutcome::Retried),
        Outcome::Succeeded | Outcome::Cancelled | Outcome::Released => None,
    }
}

/// Why jobs failed, by day, kind and code.
///
/// Your own jobs; an administrator's token shows those of all users, or of `user`.
#[utoipa::path(
    get,
    path = "/v1/analytics/failures",
    tag = "analytics",
    operation_id = "analytics.failures",
    params(Parameters),
    security(("token" = ["jobs:read"])),
    responses(
        (status = 200, description = "The figures", body = FailuresBody),
        (status = 400, description = "`malformed_query`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`missing_scope`, `admin_needed`, `password_change_required`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no such user", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.analytics.failures", skip_all)]
pub(crate) async fn failures(
    _: Caller<JobsRead>,
    identity: Identity,
    Query(parameters): Query<Parameters>,
    State(state): State<state::State>,
) -> Result<Json<FailuresBody>> {
    let query = parameters.query(&identity, &state.store).await?;
    let mut items = Vec::new();
    let mut totals: BTreeMap<(JobKind, Outcome, String), u64> = BTreeMap::new();
    for (day, tally) in analytics::throughput(&state.store, query).await? {
        let Some(outcome) = failure(tally.outcome) else { continue };
        let (day, kind, n) = (Some(day.to_string()), tally.kind.into(), tally.n);
        items.push(FailureItem { day, kind, outcome, code: tally.code.clone(), n });
        *totals.entry((tally.kind, tally.outcome, tally.code)).or_default() += n;
    }
    let total = |((kind, outcome, code), n): ((JobKind, Outcome, String), u64)| {
        Some(FailureItem { day: None, kind: kind.into(), outcome: failure(outcome)?, code, n })
    };
    Ok(Json(FailuresBody {
        from: query.from.to_string(),
        to: query.to.to_string(),
        items,
        totals: totals.into_iter().filter_map(total).collect(),
    }))
}
