//! `GET /v1/runs`.

use axum::extract::State;
use serde::Deserialize;
use store::{RunId, runs};
use utoipa::IntoParams;

use super::body::RunBody;
use crate::error::Result;
use crate::extract::{Json, Query};
use crate::identity::{Caller, RunsRead};
use crate::pagination::{self, Page};
use crate::problem::Problem;
use crate::state;

/// Which runs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// Items of a page; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<RunId>,
}

/// List the caller's runs, newest first.
#[utoipa::path(
    get,
    path = "/v1/runs",
    tag = "runs",
    operation_id = "runs.list",
    params(Parameters),
    security(("token" = ["runs:read"])),
    responses(
        (status = 200, description = "One page", body = Page<RunBody>),
        (status = 400, description = "`malformed_query`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.runs.list", skip_all)]
pub(crate) async fn list(
    caller: Caller<RunsRead>,
    Query(parameters): Query<Parameters>,
    State(state): State<state::State>,
) -> Result<Json<Page<RunBody>>> {
    let limit = pagination::limit(parameters.limit)?;
    let page = runs::list(&state.store, caller.user_id, parameters.after, limit).await?;
    let last = page.items.last().map(|run| run.id.to_string());
    let next = last.filter(|_| page.has_more);
    let items = page.items.into_iter().map(|run| RunBody::new(run, &state.store)).collect();
    Ok(Json(Page { items, next }))
}
