//! `GET /v1/jobs/{id}`.

use axum::extract::State;
use store::{JobId, jobs};

use super::body::JobBody;
use crate::error::{Error, Result};
use crate::extract::{Json, Path};
use crate::identity::{Caller, JobsRead};
use crate::problem::Problem;
use crate::state;

/// Read a job.
#[utoipa::path(
    get,
    path = "/v1/jobs/{id}",
    tag = "jobs",
    operation_id = "jobs.get",
    params(("id" = String, Path, description = "Id of the job")),
    security(("token" = ["jobs:read"])),
    responses(
        (status = 200, description = "The job", body = JobBody),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.jobs.get", skip_all, fields(job.id = %id))]
pub(crate) async fn get(
    caller: Caller<JobsRead>,
    Path(id): Path<JobId>,
    State(state): State<state::State>,
) -> Result<Json<JobBody>> {
    let job = jobs::get(&state.store, caller.user_id, id).await?.ok_or(Error::NotFound)?;
    Ok(Json(job.into()))
}
