//! `GET /v1/admin/jobs/{id}`.

use axum::extract::State;
use serde::Serialize;
use store::{JobId, jobs};
use utoipa::ToSchema;

use super::body::{JobOfUserBody, RoundBody};
use crate::error::{Error, Result};
use crate::extract::{Json, Path};
use crate::identity::{Admin, Caller};
use crate::problem::Problem;
use crate::state;

/// A job with its history.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = JobWithRounds)]
pub(crate) struct JobWithRoundsBody {
    /// The job, and whose it is.
    job: JobOfUserBody,
    /// What it had counted each time before an administrator queued it again, oldest first.
    rounds: Vec<RoundBody>,
}

/// Read a job of anybody.
#[utoipa::path(
    get,
    path = "/v1/admin/jobs/{id}",
    tag = "admin",
    operation_id = "admin.jobs.get",
    params(("id" = String, Path, description = "Id of the job")),
    security(("token" = ["admin"])),
    responses(
        (status = 200, description = "The job", body = JobWithRoundsBody),
        (status = 403, description = "`missing_scope`, `admin_needed`, `password_change_required`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.admin.jobs.get", skip_all, fields(job.id = %id))]
pub(crate) async fn get_job(
    _: Caller<Admin>,
    Path(id): Path<JobId>,
    State(state): State<state::State>,
) -> Result<Json<JobWithRoundsBody>> {
    let job = jobs::find(&state.store, id).await?.ok_or(Error::NotFound)?;
    let rounds = jobs::rounds(&state.store, id).await?;
    let rounds = rounds.into_iter().map(RoundBody::from).collect();
    Ok(Json(JobWithRoundsBody { job: job.into(), rounds }))
}
