//! `GET /v1/tracks`.

use axum::extract::State;
use serde::Deserialize;
use store::TrackId;
use store::tracks::{self, ListQuery};
use utoipa::IntoParams;

use super::body::{StateBody, TrackBody};
use crate::error::Result;
use crate::extract::{Json, Query};
use crate::identity::{Caller, TracksRead};
use crate::pagination::{self, Page};
use crate::problem::Problem;
use crate::state;

/// Which tracks.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// Items of a page; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<TrackId>,
    /// Only tracks in this state.
    #[param(inline)]
    state: Option<StateBody>,
}

/// List the caller's tracks, newest first.
#[utoipa::path(
    get,
    path = "/v1/tracks",
    tag = "tracks",
    operation_id = "tracks.list",
    params(Parameters),
    security(("token" = ["tracks:read"])),
    responses(
        (status = 200, description = "One page", body = Page<TrackBody>),
        (status = 400, description = "`malformed_query`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.tracks.list", skip_all)]
pub(crate) async fn list(
    caller: Caller<TracksRead>,
    Query(parameters): Query<Parameters>,
    State(state): State<state::State>,
) -> Result<Json<Page<TrackBody>>> {
    let query = ListQuery {
        after: parameters.after,
        limit: pagination::limit(parameters.limit)?,
        state: parameters.state.map(Into::into),
    };
    let page = tracks::list(&state.store, caller.user_id, query).await?;
    let last = page.items.last().map(|track| track.id.to_string());
    let next = last.filter(|_| page.has_more);
    Ok(Json(Page { items: page.items.into_iter().map(TrackBody::from).collect(), next }))
}
