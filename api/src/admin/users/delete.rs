//! `DELETE /v1/admin/users/{id}`.

use axum::http::StatusCode;
use store::{UserId, users};

use crate::error::{Error, Result};
use crate::extract::Path;
use crate::identity::{Acting, Admin, Caller};
use crate::problem::Problem;

/// Delete a user.
///
/// Tokens, sessions and login go first, then recordings with all that hangs on them, then the user. If there are so many that the answer
/// takes too long, it is 503 and the work goes on; the same request asks again.
#[utoipa::path(
    delete,
    path = "/v1/admin/users/{id}",
    tag = "admin",
    operation_id = "admin.users.delete",
    params(("id" = String, Path, description = "Id of the user")),
    security(("token" = ["admin"])),
    responses(
        (status = 204, description = "The user is gone"),
        (status = 403, description = "`missing_scope`, `admin_needed`, `password_change_required`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`operator_stays`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.admin.users.delete", skip_all, fields(user.id = %id))]
pub(crate) async fn delete_user(
    caller: Caller<Admin>,
    Path(id): Path<UserId>,
    Acting(store): Acting,
) -> Result<StatusCode> {
    let user = users::get(&store, id).await?.ok_or(Error::NotFound)?;
    if user.is_operator {
        return Err(Error::OperatorStays);
    }
    if !users::delete(&store, id).await? {
        return Err(Error::NotFound);
    }
    tracing::info!("user {} deleted user {id}", caller.user_id);
    Ok(StatusCode::NO_CONTENT)
}
