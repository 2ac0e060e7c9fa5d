//! `POST /v1/auth/logout`.

use axum::http::StatusCode;
use store::sessions;

use crate::error::Result;
use crate::identity::{Acting, SignedIn};
use crate::problem::Problem;

/// Leave.
///
/// The session's tokens are good for nothing from the answer on, in every process of the service.
#[utoipa::path(
    post,
    path = "/v1/auth/logout",
    tag = "auth",
    operation_id = "auth.logout",
    security(("token" = [])),
    responses(
        (status = 204, description = "The session has ended"),
        (status = 403, description = "`session_needed`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.auth.logout", skip_all)]
pub(crate) async fn logout(caller: SignedIn, Acting(store): Acting) -> Result<StatusCode> {
    sessions::close(&store.despite_maintenance(), caller.session_id).await?;
    tracing::info!(user.id = %caller.user_id, session.id = %caller.session_id, "user {} left", caller.user_id);
    Ok(StatusCode::NO_CONTENT)
}
