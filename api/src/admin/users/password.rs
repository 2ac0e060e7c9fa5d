//! `POST /v1/admin/users/{id}/password`.

use axum::http::header;
use axum::response::IntoResponse;
use secrecy::ExposeSecret;
use serde::Serialize;
use store::{UserId, logins, users};
use utoipa::ToSchema;

use crate::auth;
use crate::error::{Error, Result};
use crate::extract::{Json, Path};
use crate::identity::{Acting, Admin, Caller};
use crate::problem::Problem;

/// A password for once.
#[derive(Serialize, ToSchema)]
#[schema(as = OneTimePassword)]
pub(crate) struct PasswordBody {
    /// Good for coming in once and choosing another. It is told only here.
    one_time_password: String,
}

/// Give a user another one-time password.
///
/// The old one is good for nothing any more, and all sessions of the user end. Tokens of programs stay.
#[utoipa::path(
    post,
    path = "/v1/admin/users/{id}/password",
    tag = "admin",
    operation_id = "admin.users.reset_password",
    params(("id" = String, Path, description = "Id of the user")),
    security(("token" = ["admin"])),
    responses(
        (status = 200, description = "The password", body = PasswordBody),
        (status = 403, description = "`missing_scope`, `admin_needed`, `password_change_required`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`no_login`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`too_many_logins`, `unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.admin.users.reset_password", skip_all, fields(user.id = %id))]
pub(crate) async fn reset_password(
    caller: Caller<Admin>,
    Path(id): Path<UserId>,
    Acting(store): Acting,
) -> Result<impl IntoResponse> {
    let user = users::get(&store, id).await?.ok_or(Error::NotFound)?;
    if user.login.is_none() {
        return Err(Error::NoLogin);
    }
    let password = auth::one_time_password()?;
    let hash = auth::hashed(password.clone()).await?;
    if !logins::reset(&store, id, hash).await? {
        // Deleted in the same moment.
        return Err(Error::NotFound);
    }
    tracing::info!("user {} reset the password of user {id}", caller.user_id);
    let body = PasswordBody { one_time_password: password.expose_secret().to_owned() };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(body)))
}
