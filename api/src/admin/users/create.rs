//! `POST /v1/admin/users`.

use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use store::users::{self, NewLogin, NewUser};
use store::{LoginName, Role};
use utoipa::ToSchema;

use crate::auth;
use crate::error::{Error, Result};
use crate::extract::Json;
use crate::identity::{Acting, Admin, Caller};
use crate::problem::Problem;
use crate::tracks::fields;
use crate::user::UserBody;

/// Who is to be there.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewUser)]
pub(crate) struct NewUserBody {
    /// What to call the user.
    #[schema(min_length = 1, max_length = 1024, example = "Ana")]
    name: String,
    /// The name to come in with: 1 to 100 of `a-z0-9._@+-`. Without one the user comes in by tokens only.
    #[schema(min_length = 1, max_length = 100, pattern = "^[A-Za-z0-9._@+-]+$", example = "ana")]
    login: Option<String>,
    /// `user` unless told, or `admin`.
    #[serde(default = "default_role")]
    #[schema(value_type = String, required = false, example = "user")]
    role: Role,
}

fn default_role() -> Role {
    Role::User
}

/// A new user.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedUser)]
pub(crate) struct CreatedUserBody {
    /// The user.
    user: UserBody,
    /// Good for coming in once and choosing another; `null` without a login. It is told only here.
    one_time_password: Option<String>,
}

/// Make a user.
///
/// With a `login` the user gets a one-time password, which is good for nothing but choosing another.
#[utoipa::path(
    post,
    path = "/v1/admin/users",
    tag = "admin",
    operation_id = "admin.users.create",
    request_body = NewUserBody,
    security(("token" = ["admin"])),
    responses(
        (status = 201, description = "The user", body = CreatedUserBody),
        (status = 400, description = "`malformed_json`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`missing_scope`, `admin_needed`, `password_change_required`", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "`request_timeout`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`login_taken`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported_media_type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`too_many_logins`, `unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.admin.users.create", skip_all)]
pub(crate) async fn create_user(
    caller: Caller<Admin>,
    Acting(store): Acting,
    Json(body): Json<NewUserBody>,
) -> Result<impl IntoResponse> {
    let name = fields::text("name", &body.name)?;
    let name = name.ok_or_else(|| Error::invalid("name", "must not be empty"))?;
    let (login, password) = match body.login {
        Some(text) => {
            let login: LoginName =
                text.parse().map_err(|error| Error::invalid("login", format!("{error}")))?;
            let (new, password) = one_time(login).await?;
            (Some(new), Some(password))
        }
        None => (None, None),
    };
    let new = NewUser { name, role: body.role, login };
    let user = users::create_with(&store, new).await?.ok_or(Error::LoginTaken)?;
    tracing::info!(user.id = %user.id, "user {} made user {}", caller.user_id, user.id);
    let one_time_password = password.map(|password| password.expose_secret().to_owned());
    let body = CreatedUserBody { user: user.into(), one_time_password };
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(body)))
}

async fn one_time(login: LoginName) -> Result<(NewLogin, SecretString)> {
    let password = auth::one_time_password()?;
    let password_hash = auth::hashed(password.clone()).await?;
    Ok((NewLogin { login, password_hash, is_one_time: true }, password))
}
