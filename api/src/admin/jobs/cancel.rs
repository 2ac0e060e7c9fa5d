//! `POST /v1/admin/jobs/{id}/cancel`.

use axum::http::StatusCode;
use axum::response::IntoResponse;
use store::JobId;
use store::jobs::{self, JobState};

use super::body::JobOfUserBody;
use crate::error::{Error, Result};
use crate::extract::{Json, Path};
use crate::identity::{Acting, Admin, Caller};
use crate::problem::Problem;

/// Cancel a job of anybody.
///
/// A queued job is cancelled at once; a running one is told, and stops within seconds. Asking again changes nothing.
#[utoipa::path(
    post,
    path = "/v1/admin/jobs/{id}/cancel",
    tag = "admin",
    operation_id = "admin.jobs.cancel",
    params(("id" = String, Path, description = "Id of the job")),
    security(("token" = ["admin"])),
    responses(
        (status = 200, description = "It is cancelled", body = JobOfUserBody),
        (status = 202, description = "Its worker is told", body = JobOfUserBody),
        (status = 403, description = "`missing_scope`, `admin_needed`, `password_change_required`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`job_finished`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.admin.jobs.cancel", skip_all, fields(job.id = %id))]
pub(crate) async fn cancel_job(
    caller: Caller<Admin>,
    Path(id): Path<JobId>,
    Acting(store): Acting,
) -> Result<impl IntoResponse> {
    let job = jobs::cancel_any(&store, id).await?.ok_or(Error::NotFound)?;
    let status = match job.state {
        JobState::Cancelled => StatusCode::OK,
        JobState::Queued | JobState::Running => StatusCode::ACCEPTED,
        ended => return Err(Error::JobFinished { state: ended.as_str() }),
    };
    tracing::info!(
        job.state = job.state.as_str(),
        "user {} asked to cancel job {id}",
        caller.user_id
    );
    Ok((status, Json(JobOfUserBody::from(job))))
}
