//! `GET /v1/jobs`.

use axum::extract::State;
use serde::Deserialize;
use store::jobs::{self, JobQuery};
use store::{JobId, RunId, TrackId};
use utoipa::IntoParams;

use super::body::{JobBody, KindBody, StateBody};
use crate::error::Result;
use crate::extract::{Json, Query};
use crate::identity::{Caller, JobsRead};
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
    /// Only jobs in this state.
    #[param(inline)]
    state: Option<StateBody>,
    /// Only jobs of this kind.
    #[param(inline)]
    kind: Option<KindBody>,
    /// Only jobs of this track.
    #[param(value_type = Option<String>)]
    track: Option<TrackId>,
    /// Only jobs of this run.
    #[param(value_type = Option<String>)]
    run: Option<RunId>,
}

/// List the caller's jobs, newest first.
#[utoipa::path(
    get,
    path = "/v1/jobs",
    tag = "jobs",
    operation_id = "jobs.list",
    params(Parameters),
    security(("token" = ["jobs:read"])),
    responses(
        (status = 200, description = "One page", body = Page<JobBody>),
        (status = 400, description = "`malformed_query`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.jobs.list", skip_all)]
pub(crate) async fn list(
    caller: Caller<JobsRead>,
    Query(parameters): Query<Parameters>,
    State(state): State<state::State>,
) -> Result<Json<Page<JobBody>>> {
    let query = JobQuery {
        after: parameters.after,
        limit: pagination::limit(parameters.limit)?,
        state: parameters.state.map(Into::into),
        kind: parameters.kind.map(Into::into),
        track: parameters.track,
        run: parameters.run,
    };
    let page = jobs::list(&state.store, caller.user_id, query).await?;
    Ok(Json(Page::of(page, |job| job.id)))
}
