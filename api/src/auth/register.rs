//! `POST /v1/auth/register`.

use axum::extract::State;
use axum::http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;
use store::users::{self, NewLogin, NewUser};
use store::{LoginName, Role};
use utoipa::ToSchema;

use super::Registration;
use super::passwords;
use crate::error::{Error, Result};
use crate::extract::Json;
use crate::identity::Acting;
use crate::problem::Problem;
use crate::state;
use crate::tracks::fields;
use crate::user::UserBody;

pub(super) const PATH: &str = "/v1/auth/register";

/// Who somebody wants to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAccount)]
pub(crate) struct Body {
    /// The name to come in with: 1 to 100 of `a-z0-9._@+-`.
    #[schema(min_length = 1, max_length = 100, pattern = "^[A-Za-z0-9._@+-]+$", example = "ana")]
    login: String,
    /// 12 characters at least, 5 of them different, without the login in it.
    #[schema(value_type = String, format = Password, min_length = 12, max_length = 256, example = "correct horse battery")]
    password: SecretString,
    /// What to call the user; the login unless told.
    #[schema(max_length = 1024, example = "Ana")]
    name: Option<String>,
}

/// Make an account.
///
/// Only where `api.auth.registration` is `open`. It is the account of a plain user, without the rights of an administrator.
#[utoipa::path(
    post,
    path = "/v1/auth/register",
    tag = "auth",
    operation_id = "auth.register",
    request_body = Body,
    security(()),
    responses(
        (status = 201, description = "The user", body = UserBody),
        (status = 400, description = "`malformed_json`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`registration_closed`", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "`request_timeout`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`login_taken`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported_media_type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`too_many_logins`, `unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.auth.register", skip_all)]
pub(crate) async fn register(
    State(state): State<state::State>,
    Acting(store): Acting,
    Json(body): Json<Body>,
) -> Result<(StatusCode, Json<UserBody>)> {
    if state.config.auth.registration == Registration::Closed {
        return Err(Error::RegistrationClosed);
    }
    let login: LoginName =
        body.login.parse().map_err(|error| Error::invalid("login", format!("{error}")))?;
    passwords::check("password", &body.password, &login)?;
    let name = body.name.as_deref().map(|name| fields::text("name", name)).transpose()?.flatten();
    let new = NewUser {
        name: name.unwrap_or_else(|| login.to_string()),
        role: Role::User,
        login: Some(NewLogin {
            login,
            password_hash: passwords::hashed(body.password).await?,
            is_one_time: false,
        }),
    };
    let user = users::create_with(&store, new).await?.ok_or(Error::LoginTaken)?;
    tracing::info!(user.id = %user.id, "registered user {}", user.id);
    Ok((StatusCode::CREATED, Json(user.into())))
}
