//! `GET /v1/admin/jobs`.

use axum::extract::State;
use serde::Deserialize;
use store::jobs::{self, JobFilter};
use store::{JobId, UserId};
use time::OffsetDateTime;
use utoipa::IntoParams;

use super::body::JobOfUserBody;
use crate::error::Result;
use crate::extract::{Json, Query};
use crate::identity::{Admin, Caller};
use crate::jobs::{KindBody, StateBody};
use crate::pagination::{self, Page};
use crate::problem::Problem;
use crate::state;

/// Which jobs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// Items of a page; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<JobId>,
    /// Only jobs in this state; `dead` are those that were given up.
    #[param(inline)]
    state: Option<StateBody>,
    /// Only jobs of this kind.
    #[param(inline)]
    kind: Option<KindBody>,
    /// Only jobs of this user.
    #[param(value_type = Option<String>)]
    user: Option<UserId>,
    /// Only jobs that ended, or were tried again last, for this reason, such as `crashed`.
    code: Option<String>,
    /// Only jobs that were queued then or later.
    #[serde(default, with = "time::serde::rfc3339::option")]
    #[param(value_type = Option<String>, format = DateTime)]
    since: Option<OffsetDateTime>,
    /// Only jobs that were queued before.
    #[serde(default, with = "time::serde::rfc3339::option")]
    #[param(value_type = Option<String>, format = DateTime)]
    before: Option<OffsetDateTime>,
}

/// List the jobs of all users, newest first.
///
/// With `state=dead` these are the dead letters: what was given up, each with its reason, how often it was tried, and the last error.
#[utoipa::path(
    get,
    path = "/v1/admin/jobs",
    tag = "admin",
    operation_id = "admin.jobs.list",
    params(Parameters),
    security(("token" = ["admin"])),
    responses(
        (status = 200, description = "One page", body = Page<JobOfUserBody>),
        (status = 400, description = "`malformed_query`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`missing_scope`, `admin_needed`, `password_change_required`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.admin.jobs.list", skip_all)]
pub(crate) async fn list_jobs(
    _: Caller<Admin>,
    Query(parameters): Query<Parameters>,
    State(state): State<state::State>,
) -> Result<Json<Page<JobOfUserBody>>> {
    let Parameters { limit, after, state: in_state, kind, user, code, since, before } = parameters;
    let filter = JobFilter {
        state: in_state.map(Into::into),
        kind: kind.map(Into::into),
        owner: user,
        error_code: code,
        since,
        before,
    };
    let limit = pagination::limit(limit)?;
    let page = jobs::list_all(&state.store, &filter, after, limit).await?;
    Ok(Json(Page::of(page, |job| job.id)))
}
