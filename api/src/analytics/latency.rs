//! `GET /v1/analytics/latency`.

use std::collections::BTreeMap;

use axum::extract::State;
use serde::Serialize;
use store::analytics::{self, Histogram, MAX_RELATIVE_ERROR, Measure};
use store::jobs::JobKind;
use utoipa::ToSchema;

use super::parameters::Parameters;
use crate::error::Result;
use crate::extract::{Json, Query};
use crate::identity::{Caller, Identity, JobsRead};
use crate::jobs::KindBody;
use crate::problem::Problem;
use crate::state;

/// How long jobs took, by day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Latency)]
pub(crate) struct LatencyBody {
    /// The first day (UTC).
    #[schema(format = Date, example = "2026-01-02")]
    from: String,
    /// The last day (UTC).
    #[schema(format = Date, example = "2026-01-31")]
    to: String,
    /// How far a percentile may be off, as a part of it; up to a millisecond it may be half of one off.
    #[schema(example = 0.091)]
    max_relative_error: f64,
    /// Each day and kind of which there is something to say, by day.
    items: Vec<LatencyItem>,
    /// All days together, for each kind.
    totals: Vec<LatencyItem>,
}

/// How long jobs of a kind took that ended on a day. Those that were never started are not among them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LatencyItem {
    /// The day (UTC) that they ended on; null in totals.
    #[schema(format = Date, example = "2026-01-02")]
    day: Option<String>,
    /// What they do.
    kind: KindBody,
    /// From when a job was queued to its first start.
    wait: Option<Percentiles>,
    /// While a worker held it, all attempts together.
    run: Option<Percentiles>,
}

/// Times of some jobs, in seconds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Percentiles {
    /// How many jobs.
    n: u64,
    /// Their mean, which is exact.
    #[schema(example = 2.1)]
    mean_s: f64,
    /// Half of them took no longer.
    #[schema(example = 1.9)]
    p50_s: f64,
    /// Nine of ten took no longer.
    #[schema(example = 3.4)]
    p90_s: f64,
    /// 99 of a hundred took no longer.
    #[schema(example = 5.7)]
    p99_s: f64,
}

impl Percentiles {
    fn of(times: &Histogram) -> Option<Self> {
        let n = times.n();
        #[expect(clippy::cast_precision_loss, reason = "a number of jobs is below 2^52")]
        let mean_s = times.sum_s() / n as f64;
        Some(Self {
            n,
            p50_s: times.percentile_s(0.5)?,
            p90_s: times.percentile_s(0.9)?,
            p99_s: times.percentile_s(0.99)?,
            mean_s,
        })
    }
}

type Times = BTreeMap<Measure, Histogram>;

fn item(day: Option<String>, kind: JobKind, times: &Times) -> LatencyItem {
    let percentiles = |measure| times.get(&measure).and_then(Percentiles::of);
    let (wait, run) = (percentiles(Measure::Wait), percentiles(Measure::Run));
    LatencyItem { day, kind: kind.into(), wait, run }
}

/// How long jobs waited and ran, by day and kind.
///
/// Percentiles by nearest rank, from a histogram with fixed buckets. Your own jobs; an administrator's token shows those of all users, or of `user`.
#[utoipa::path(
    get,
    path = "/v1/analytics/latency",
    tag = "analytics",
    operation_id = "analytics.latency",
    params(Parameters),
    security(("token" = ["jobs:read"])),
    responses(
        (status = 200, description = "The figures", body = LatencyBody),
        (status = 400, description = "`malformed_query`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`missing_scope`, `admin_needed`, `password_change_required`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no such user", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.analytics.latency", skip_all)]
pub(crate) async fn latency(
    _: Caller<JobsRead>,
    identity: Identity,
    Query(parameters): Query<Parameters>,
    State(state): State<state::State>,
) -> Result<Json<LatencyBody>> {
    let query = parameters.query(&identity, &state.store).await?;
    let (mut days, mut totals) = (BTreeMap::<_, Times>::new(), BTreeMap::<_, Times>::new());
    for found in analytics::latency(&state.store, query).await? {
        let total = totals.entry(found.kind).or_default().entry(found.measure).or_default();
        total.merge(&found.times);
        days.entry((found.day, found.kind)).or_default().insert(found.measure, found.times);
    }
    Ok(Json(LatencyBody {
        from: query.from.to_string(),
        to: query.to.to_string(),
        max_relative_error: MAX_RELATIVE_ERROR,
        items: days
            .iter()
            .map(|((day, kind), times)| item(Some(day.to_string()), *kind, times))
            .collect(),
        totals: totals.iter().map(|(kind, times)| item(None, *kind, times)).collect(),
    }))
}
