//! `GET /v1/profiles/me`.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use store::profiles;

use super::body::OwnBody;
use crate::error::{Error, Result};
use crate::etag;
use crate::extract::Json;
use crate::identity::{Caller, ProfilesRead};
use crate::problem::Problem;
use crate::state;

/// Read the caller's profile.
///
/// Every user has one, empty and not discoverable at first.
#[utoipa::path(
    get,
    path = "/v1/profiles/me",
    tag = "profiles",
    operation_id = "profiles.me",
    security(("token" = ["profiles:read"])),
    responses(
        (status = 200, description = "The profile", body = OwnBody,
            headers(("ETag" = String, description = "Its version"))),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.profiles.me", skip_all)]
pub(crate) async fn me(
    caller: Caller<ProfilesRead>,
    State(state): State<state::State>,
) -> Result<impl IntoResponse> {
    let profile = profiles::get(&state.store, caller.user_id).await?.ok_or(Error::NotFound)?;
    let tag = etag::version(profile.version);
    Ok(([(header::ETAG, tag)], Json(OwnBody::from(profile))))
}
