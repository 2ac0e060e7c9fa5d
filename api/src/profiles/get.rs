//! `GET /v1/profiles/{id}`.

use axum::extract::State;
use store::{UserId, profiles};

use super::body::VisibleBody;
use crate::error::{Error, Result};
use crate::extract::{Json, Path};
use crate::identity::{Caller, ProfilesRead};
use crate::problem::Problem;
use crate::state;

/// Read what somebody shows of themselves.
///
/// Only of discoverable people, of connections, and of the caller. Places, free times, dislikes and tracks are nobody else's.
#[utoipa::path(
    get,
    path = "/v1/profiles/{id}",
    tag = "profiles",
    operation_id = "profiles.get",
    params(("id" = String, Path, description = "Id of the profile")),
    security(("token" = ["profiles:read"])),
    responses(
        (status = 200, description = "What is visible", body = VisibleBody),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.profiles.get", skip_all, fields(profile.id = %id))]
pub(crate) async fn get(
    caller: Caller<ProfilesRead>,
    Path(id): Path<UserId>,
    State(state): State<state::State>,
) -> Result<Json<VisibleBody>> {
    let profile = profiles::visible(&state.store, caller.user_id, id).await?;
    Ok(Json(profile.ok_or(Error::NotFound)?.into()))
}
