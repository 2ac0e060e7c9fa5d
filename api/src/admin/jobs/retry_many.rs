//! `POST /v1/admin/jobs/retry`.

use serde::{Deserialize, Serialize};
use store::UserId;
use store::jobs::{self, JobFilter, JobState};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::error::{Error, Result};
use crate::extract::Json;
use crate::identity::{Acting, Admin, Caller};
use crate::jobs::{KindBody, StateBody};
use crate::problem::Problem;

const DEFAULT_LIMIT: u32 = 100;
const MAX_LIMIT: u32 = 1000;

/// Which jobs to queue again; what is left out does not count.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RetryJobs)]
pub(crate) struct RetryBody {
    /// `dead` unless told, or `failed`: another try of those seldom ends differently.
    #[serde(default = "default_state")]
    state: StateBody,
    /// Only jobs of this kind.
    kind: Option<KindBody>,
    /// Only jobs of this user.
    #[schema(value_type = Option<String>)]
    user_id: Option<UserId>,
    /// Only jobs that ended for this reason.
    #[schema(max_length = 64, example = "crashed")]
    code: Option<String>,
    /// Only jobs that were queued then or later.
    #[serde(default, with = "time::serde::rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<OffsetDateTime>,
    /// Only jobs that were queued before.
    #[serde(default, with = "time::serde::rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    before: Option<OffsetDateTime>,
    /// How many at most; 100 unless told.
    #[serde(default = "default_limit")]
    #[schema(required = false, minimum = 1, maximum = 1000, example = 100)]
    limit: u32,
}

fn default_state() -> StateBody {
    StateBody::Dead
}

fn default_limit() -> u32 {
    DEFAULT_LIMIT
}

/// What became of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RetriedJobs)]
pub(crate) struct RetriedBody {
    /// Jobs that wait for a worker again.
    n_queued: u64,
    /// Whether the same request would find more.
    has_more: bool,
}

/// Queue many jobs again that are dead or failed, oldest first.
///
/// Those for which another try would do nothing are passed over. Each job is an entry of the audit log of its own.
#[utoipa::path(
    post,
    path = "/v1/admin/jobs/retry",
    tag = "admin",
    operation_id = "admin.jobs.retry_many",
    request_body = RetryBody,
    security(("token" = ["admin"])),
    responses(
        (status = 200, description = "How many", body = RetriedBody),
        (status = 400, description = "`malformed_json`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`missing_scope`, `admin_needed`, `password_change_required`", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "`request_timeout`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported_media_type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.admin.jobs.retry_many", skip_all)]
pub(crate) async fn retry_jobs(
    caller: Caller<Admin>,
    Acting(store): Acting,
    Json(body): Json<RetryBody>,
) -> Result<Json<RetriedBody>> {
    let state = JobState::from(body.state);
    if !matches!(state, JobState::Dead | JobState::Failed) {
        return Err(Error::invalid("state", "must be dead or failed"));
    }
    if !(1..=MAX_LIMIT).contains(&body.limit) {
        return Err(Error::invalid("limit", format!("must be 1 to {MAX_LIMIT}")));
    }
    let filter = JobFilter {
        state: Some(state),
        kind: body.kind.map(Into::into),
        owner: body.user_id,
        error_code: body.code,
        since: body.since,
        before: body.before,
    };
    let retried = jobs::retry_many(&store, &filter, body.limit).await?;
    let n_jobs = retried.n_queued;
    tracing::info!(n_jobs, "user {} queued {n_jobs} jobs again", caller.user_id);
    Ok(Json(RetriedBody { n_queued: n_jobs, has_more: retried.has_more }))
}
