//! `POST /v1/jobs/{id}/cancel`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use store::JobId;
use store::jobs::{self, JobState};

use super::body::JobBody;
use crate::error::{Error, Result};
use crate::extract::{Json, Path};
use crate::identity::{Caller, JobsWrite};
use crate::problem::Problem;
use crate::state;

/// Cancel a job.
///
/// A queued job is cancelled at once; a running one is told, and stops within seconds. Asking again
/// changes nothing.
#[utoipa::path(
    post,
    path = "/v1/jobs/{id}/cancel",
    tag = "jobs",
    operation_id = "jobs.cancel",
    params(("id" = String, Path, description = "Id of the job")),
    security(("token" = ["jobs:write"])),
    responses(
        (status = 200, description = "It is cancelled", body = JobBody),
        (status = 202, description = "Its worker is told", body = JobBody),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`job_finished`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.jobs.cancel", skip_all, fields(job.id = %id))]
pub(crate) async fn cancel(
    caller: Caller<JobsWrite>,
    Path(id): Path<JobId>,
    State(state): State<state::State>,
) -> Result<impl IntoResponse> {
    let job = jobs::cancel(&state.store, caller.user_id, id).await?.ok_or(Error::NotFound)?;
    let status = match job.state {
        JobState::Cancelled => StatusCode::OK,
        JobState::Queued | JobState::Running => StatusCode::ACCEPTED,
        ended => return Err(Error::JobFinished { state: ended.as_str() }),
    };
    tracing::info!(job.state = job.state.as_str(), "asked to cancel job {id}");
    Ok((status, Json(JobBody::from(job))))
}
