//! `POST /v1/auth/refresh`.

use axum::extract::State;
use axum::response::Response;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use store::sessions::{self, Refreshed};
use utoipa::ToSchema;

use super::answer::{SessionBody, answer};
use crate::error::{Error, Result};
use crate::extract::Json;
use crate::identity::Acting;
use crate::problem::Problem;
use crate::state;

pub(super) const PATH: &str = "/v1/auth/refresh";

/// What to go on with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Refresh)]
pub(crate) struct Body {
    /// The last refresh token of the session.
    #[schema(value_type = String)]
    refresh_token: SecretString,
}

/// Go on with a session.
///
/// The refresh token is good once. If it is shown again, somebody has a copy, and the session ends for everybody.
#[utoipa::path(
    post,
    path = "/v1/auth/refresh",
    tag = "auth",
    operation_id = "auth.refresh",
    request_body = Body,
    security(()),
    responses(
        (status = 200, description = "The session, with the next tokens", body = SessionBody),
        (status = 400, description = "`malformed_json`", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "`refresh_refused`", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "`request_timeout`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported_media_type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.auth.refresh", skip_all)]
pub(crate) async fn refresh(
    State(state): State<state::State>,
    Acting(store): Acting,
    Json(body): Json<Body>,
) -> Result<Response> {
    let store = store.despite_maintenance();
    match sessions::refresh(&store, body.refresh_token.expose_secret()).await? {
        Refreshed::GoesOn(session) => answer(&state, session).await,
        Refreshed::Ended(id) => {
            tracing::warn!(session.id = %id, "ended session {id}: a refresh token came twice or too late");
            Err(Error::RefreshRefused)
        }
        Refreshed::Unknown => Err(Error::RefreshRefused),
    }
}
