//! `GET /v1/runs/{id}`.

use axum::extract::State;
use store::{RunId, runs};

use super::body::RunBody;
use crate::error::{Error, Result};
use crate::extract::{Json, Path};
use crate::identity::{Caller, RunsRead};
use crate::problem::Problem;
use crate::state;

/// Read a run: how far it is, and what it changed.
#[utoipa::path(
    get,
    path = "/v1/runs/{id}",
    tag = "runs",
    operation_id = "runs.get",
    params(("id" = String, Path, description = "Id of the run")),
    security(("token" = ["runs:read"])),
    responses(
        (status = 200, description = "The run", body = RunBody),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.runs.get", skip_all, fields(run.id = %id))]
pub(crate) async fn get(
    caller: Caller<RunsRead>,
    Path(id): Path<RunId>,
    State(state): State<state::State>,
) -> Result<Json<RunBody>> {
    let run = runs::get(&state.store, caller.user_id, id).await?.ok_or(Error::NotFound)?;
    Ok(Json(RunBody::new(run, &state.store)))
}
