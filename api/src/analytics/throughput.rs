//! `GET /v1/analytics/throughput`.

use std::collections::BTreeMap;

use axum::extract::State;
use serde::Serialize;
use store::analytics::{self, Tally};
use store::jobs::{JobKind, Outcome};
use utoipa::ToSchema;

use super::parameters::Parameters;
use super::seconds;
use crate::error::Result;
use crate::extract::{Json, Query};
use crate::identity::{Caller, Identity, JobsRead};
use crate::jobs::{KindBody, cost};
use crate::problem::Problem;
use crate::state;

/// What was done, by day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Throughput)]
pub(crate) struct ThroughputBody {
    /// The first day (UTC).
    #[schema(format = Date, example = "2026-01-02")]
    from: String,
    /// The last day (UTC).
    #[schema(format = Date, example = "2026-01-31")]
    to: String,
    /// Each day and kind of which there is something to say, by day.
    items: Vec<ThroughputItem>,
    /// All days together, for each kind.
    totals: Vec<ThroughputItem>,
}

/// Jobs of a kind that ended on a day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ThroughputItem {
    /// The day (UTC) that they ended on; null in totals.
    #[schema(format = Date, example = "2026-01-02")]
    day: Option<String>,
    /// What they do.
    kind: KindBody,
    /// Done.
    n_succeeded: u64,
    /// Ended for a reason that another try would not change.
    n_failed: u64,
    /// Given up after too many tries.
    n_dead: u64,
    /// Ended on request.
    n_cancelled: u64,
    /// Attempts that failed and were followed, or will be, by another.
    n_retried: u64,
    /// Seconds that workers held them.
    run_s: f64,
    /// Seconds of CPU time.
    cpu_s: f64,
    /// Bytes of recordings that were read.
    n_bytes: u64,
    /// Seconds of sound that were analysed.
    audio_s: f64,
    /// `run_s` for each second of sound; null where there was none.
    real_time_factor: Option<f64>,
    /// What the CPU time cost, in the unit of `worker.price_per_cpu_s`; null if there was no price.
    cost: Option<f64>,
}

#[derive(Default)]
struct Sums {
    n: BTreeMap<Outcome, u64>,
    run_us: u64,
    cpu_us: u64,
    n_bytes: u64,
    audio_us: u64,
    cost_nanos: u64,
}

impl Sums {
    fn add(&mut self, tally: &Tally) {
        *self.n.entry(tally.outcome).or_default() += tally.n;
        self.run_us += tally.run_us;
        self.cpu_us += tally.cpu_us;
        self.n_bytes += tally.n_bytes;
        self.audio_us += tally.audio_us;
        self.cost_nanos += tally.cost_nanos;
    }

    fn item(&self, day: Option<String>, kind: JobKind) -> ThroughputItem {
        let n = |outcome| self.n.get(&outcome).copied().unwrap_or(0);
        let (run_s, audio_s) = (seconds(self.run_us), seconds(self.audio_us));
        ThroughputItem {
            day,
            kind: kind.into(),
            n_succeeded: n(Outcome::Succeeded),
            n_failed: n(Outcome::Failed),
            n_dead: n(Outcome::Dead),
            n_cancelled: n(Outcome::Cancelled),
            n_retried: n(Outcome::Retried),
            run_s,
            cpu_s: seconds(self.cpu_us),
            n_bytes: self.n_bytes,
            audio_s,
            real_time_factor: (audio_s > 0.0).then(|| run_s / audio_s),
            cost: (self.cost_nanos > 0).then(|| cost(self.cost_nanos)),
        }
    }
}

/// How much was done, by day and kind.
///
/// Counted when jobs end, in the same transaction. Your own jobs; an administrator's token shows those of all users, or of `user`.
#[utoipa::path(
    get,
    path = "/v1/analytics/throughput",
    tag = "analytics",
    operation_id = "analytics.throughput",
    params(Parameters),
    security(("token" = ["jobs:read"])),
    responses(
        (status = 200, description = "The figures", body = ThroughputBody),
        (status = 400, description = "`malformed_query`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`missing_scope`, `admin_needed`, `password_change_required`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no such user", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.analytics.throughput", skip_all)]
pub(crate) async fn throughput(
    _: Caller<JobsRead>,
    identity: Identity,
    Query(parameters): Query<Parameters>,
    State(state): State<state::State>,
) -> Result<Json<ThroughputBody>> {
    let query = parameters.query(&identity, &state.store).await?;
    let (mut days, mut totals) = (BTreeMap::<_, Sums>::new(), BTreeMap::<_, Sums>::new());
    for (day, tally) in analytics::throughput(&state.store, query).await? {
        days.entry((day, tally.kind)).or_default().add(&tally);
        totals.entry(tally.kind).or_default().add(&tally);
    }
    Ok(Json(ThroughputBody {
        from: query.from.to_string(),
        to: query.to.to_string(),
        items: days
            .iter()
            .map(|((day, kind), sums)| sums.item(Some(day.to_string()), *kind))
            .collect(),
        totals: totals.iter().map(|(kind, sums)| sums.item(None, *kind)).collect(),
    }))
}
