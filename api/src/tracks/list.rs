//! `GET /v1/tracks`.

use axum::extract::State;
use serde::Deserialize;
use store::tracks::{self, ListQuery, Track};
use store::{Store, TrackId, UserId};
use utoipa::IntoParams;

use super::body::{StateBody, TrackBody};
use crate::error::{Error, Result};
use crate::extract::{Json, Query};
use crate::identity::{Caller, TracksRead};
use crate::ids::Ids;
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
    /// These tracks, 100 at most, separated by commas; in this order, without what is not among the caller's. Stands alone.
    #[param(value_type = Option<String>, example = "000Xh3fYk0lqkD1vW8tB2m,000Xh3fYk0lqkD1vW8tB2n")]
    ids: Option<Ids>,
}

/// List the caller's tracks, newest first, or read some of them.
#[utoipa::path(
    get,
    path = "/v1/tracks",
    tag = "tracks",
    operation_id = "tracks.list",
    params(Parameters),
    security(("token" = ["tracks:read"])),
    responses(
        (status = 200, description = "One page", body = Page<TrackBody>),
        (status = 400, description = "`malformed_query`, `too_many_ids`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.tracks.list", skip_all)]
pub(crate) async fn list(
    caller: Caller<TracksRead>,
    Query(parameters): Query<Parameters>,
    State(state): State<state::State>,
) -> Result<Json<Page<TrackBody>>> {
    if let Some(ids) = parameters.ids {
        if parameters.limit.is_some() || parameters.after.is_some() || parameters.state.is_some() {
            let alone = "ids cannot be combined with limit, after or state";
            return Err(Error::MalformedQuery(alone.to_owned()));
        }
        let tracks = in_order(&state.store, caller.user_id, &ids.checked()?).await?;
        let items = tracks.into_iter().map(TrackBody::from).collect();
        return Ok(Json(Page { items, next: None }));
    }
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

/// Those of some tracks that are this owner's, in the order of their ids.
pub(super) async fn in_order(store: &Store, owner: UserId, ids: &[TrackId]) -> Result<Vec<Track>> {
    let mut tracks = tracks::of(store, owner, ids).await?;
    let place = |track: &Track| ids.iter().position(|id| *id == track.id);
    tracks.sort_by_key(place);
    Ok(tracks)
}
