//! `POST /v1/admin/jobs/{id}/retry`.

use axum::http::StatusCode;
use store::JobId;
use store::jobs::{self, Retry};

use super::body::JobOfUserBody;
use crate::error::{Error, Result};
use crate::extract::{Json, Path};
use crate::identity::{Acting, Admin, Caller};
use crate::problem::Problem;

/// Queue a job again that is failed or dead.
///
/// Its counters begin anew; what they were is kept. Steps of a run are not tried again: start another run.
#[utoipa::path(
    post,
    path = "/v1/admin/jobs/{id}/retry",
    tag = "admin",
    operation_id = "admin.jobs.retry",
    params(("id" = String, Path, description = "Id of the job")),
    security(("token" = ["admin"])),
    responses(
        (status = 202, description = "It waits for a worker", body = JobOfUserBody),
        (status = 403, description = "`missing_scope`, `admin_needed`, `password_change_required`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`job_not_failed`, `retry_pointless`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.admin.jobs.retry", skip_all, fields(job.id = %id))]
pub(crate) async fn retry_job(
    caller: Caller<Admin>,
    Path(id): Path<JobId>,
    Acting(store): Acting,
) -> Result<(StatusCode, Json<JobOfUserBody>)> {
    match jobs::retry(&store, id).await?.ok_or(Error::NotFound)? {
        Retry::Queued(job) => {
            tracing::info!("user {} queued job {id} again", caller.user_id);
            Ok((StatusCode::ACCEPTED, Json((*job).into())))
        }
        Retry::NotFailed(state) => Err(Error::JobNotFailed { state: state.as_str() }),
        Retry::Pointless => Err(Error::RetryPointless),
    }
}
