//! `PUT /v1/auth/password`.

use axum::http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use store::audit::{self, Action, NewEntry};
use store::{logins, users};
use utoipa::ToSchema;

use super::passwords;
use crate::error::{Error, Result};
use crate::extract::Json;
use crate::identity::{Acting, SignedIn};
use crate::problem::Problem;

/// The password, and what it is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPassword)]
pub(crate) struct Body {
    /// The password that is good now.
    #[schema(value_type = String, format = Password)]
    current_password: SecretString,
    /// Another one: 12 characters at least, 5 of them different, without the login in it.
    #[schema(value_type = String, format = Password, min_length = 12, max_length = 256)]
    new_password: SecretString,
}

/// Change the own password.
///
/// All other sessions of the user end. The tokens of programs stay.
#[utoipa::path(
    put,
    path = "/v1/auth/password",
    tag = "auth",
    operation_id = "auth.change_password",
    request_body = Body,
    security(("token" = [])),
    responses(
        (status = 204, description = "It is changed"),
        (status = 400, description = "`malformed_json`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`session_needed`, `wrong_password`", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "`request_timeout`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported_media_type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`too_many_logins`, `unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.auth.change_password", skip_all)]
pub(crate) async fn change(
    caller: SignedIn,
    Acting(store): Acting,
    Json(body): Json<Body>,
) -> Result<StatusCode> {
    let user = users::get(&store, caller.user_id).await?;
    let name = user.and_then(|user| user.login).ok_or(Error::SessionNeeded)?;
    passwords::check("new_password", &body.new_password, &name)?;
    if body.new_password.expose_secret() == body.current_password.expose_secret() {
        return Err(Error::invalid("new_password", "must be another than the current one"));
    }
    let verified = logins::of_user(&store, caller.user_id).await?;
    let verified = verified.ok_or(Error::SessionNeeded)?;
    let hash = verified.password_hash.clone();
    if !passwords::is_right(body.current_password, Some(hash)).await? {
        let entry = NewEntry::about(Action::PasswordRefused, caller.user_id);
        audit::refused(&store, entry).await?;
        return Err(Error::WrongPassword);
    }
    let hash = passwords::hashed(body.new_password).await?;
    if !logins::change(&store, verified, hash, caller.session_id).await? {
        return Err(Error::WrongPassword);
    }
    tracing::info!(user.id = %caller.user_id, "user {} changed the password", caller.user_id);
    Ok(StatusCode::NO_CONTENT)
}
