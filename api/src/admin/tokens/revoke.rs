//! `DELETE /v1/admin/tokens/{id}`.

use axum::http::StatusCode;
use store::{TokenId, tokens};

use crate::error::{Error, Result};
use crate::extract::Path;
use crate::identity::{Acting, Admin, Caller};
use crate::problem::Problem;

/// Revoke a token.
///
/// It is good for nothing from the answer on.
#[utoipa::path(
    delete,
    path = "/v1/admin/tokens/{id}",
    tag = "admin",
    operation_id = "admin.tokens.revoke",
    params(("id" = String, Path, description = "Id of the token")),
    security(("token" = ["admin"])),
    responses(
        (status = 204, description = "It is revoked"),
        (status = 403, description = "`missing_scope`, `admin_needed`, `password_change_required`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.admin.tokens.revoke", skip_all, fields(token.id = %id))]
pub(crate) async fn revoke_token(
    caller: Caller<Admin>,
    Path(id): Path<TokenId>,
    Acting(store): Acting,
) -> Result<StatusCode> {
    if !tokens::revoke(&store, id).await? {
        return Err(Error::NotFound);
    }
    tracing::info!(user.id = %caller.user_id, "user {} revoked token {id}", caller.user_id);
    Ok(StatusCode::NO_CONTENT)
}
