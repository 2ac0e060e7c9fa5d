//! `GET /v1/analytics/queue`.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use store::analytics::{self, Waiting};
use store::{JobKind, UserId};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};

use super::parameters::whose;
use crate::error::Result;
use crate::extract::{Json, Query};
use crate::identity::{Caller, Identity, JobsRead};
use crate::jobs::KindBody;
use crate::problem::Problem;
use crate::state;

/// Whose queue.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// Only jobs of this user, for administrators.
    #[param(value_type = Option<String>)]
    user: Option<UserId>,
}

/// What there is to do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Queue)]
pub(crate) struct QueueBody {
    /// When this was so.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    at: OffsetDateTime,
    /// Jobs that wait for a worker.
    n_due: u64,
    /// Jobs that wait for their time, after a try that failed.
    n_delayed: u64,
    /// Jobs that a worker holds.
    n_running: u64,
    /// How long the oldest due job has waited for a worker, in seconds; null when none is due.
    oldest_due_s: Option<f64>,
    /// The same for each kind of which there is something to do.
    kinds: Vec<QueueItem>,
}

/// What there is to do of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QueueItem {
    /// What the jobs do.
    kind: KindBody,
    /// Jobs that wait for a worker.
    n_due: u64,
    /// Jobs that wait for their time, after a try that failed.
    n_delayed: u64,
    /// Jobs that a worker holds.
    n_running: u64,
    /// How long the oldest due job has waited for a worker, in seconds; null when none is due.
    oldest_due_s: Option<f64>,
}

/// How much there is to do now.
///
/// Your own jobs; an administrator's token shows those of all users, or of `user`.
#[utoipa::path(
    get,
    path = "/v1/analytics/queue",
    tag = "analytics",
    operation_id = "analytics.queue",
    params(Parameters),
    security(("token" = ["jobs:read"])),
    responses(
        (status = 200, description = "The figures", body = QueueBody),
        (status = 400, description = "`malformed_query`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`missing_scope`, `admin_needed`, `password_change_required`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no such user", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.analytics.queue", skip_all)]
pub(crate) async fn queue(
    _: Caller<JobsRead>,
    identity: Identity,
    Query(parameters): Query<Parameters>,
    State(state): State<state::State>,
) -> Result<Json<QueueBody>> {
    let user = whose(&identity, &state.store, parameters.user).await?;
    let kinds = analytics::queue(&state.store, user).await?;
    let at = state.store.now();
    let age_s = |due: OffsetDateTime| (at - due).as_seconds_f64().max(0.0);
    let item = |(kind, waiting): (&JobKind, &Waiting)| QueueItem {
        kind: (*kind).into(),
        n_due: waiting.n_due,
        n_delayed: waiting.n_delayed,
        n_running: waiting.n_running,
        oldest_due_s: waiting.first_due_at.map(age_s),
    };
    let sum = |n: fn(&Waiting) -> u64| kinds.values().map(n).sum();
    Ok(Json(QueueBody {
        at,
        n_due: sum(|it| it.n_due),
        n_delayed: sum(|it| it.n_delayed),
        n_running: sum(|it| it.n_running),
        oldest_due_s: kinds.values().filter_map(|it| it.first_due_at).min().map(age_s),
        kinds: kinds.iter().map(item).collect(),
    }))
}
