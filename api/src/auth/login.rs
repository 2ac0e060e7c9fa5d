//! `POST /v1/auth/login`.

use axum::extract::State;
use axum::response::Response;
use secrecy::SecretString;
use serde::Deserialize;
use store::audit::{self, Action, NewEntry};
use store::{logins, sessions};
use utoipa::ToSchema;

use super::answer::{SessionBody, answer};
use super::passwords;
use crate::error::{Error, Result};
use crate::extract::Json;
use crate::identity::Acting;
use crate::problem::Problem;
use crate::state;

pub(super) const PATH: &str = "/v1/auth/login";

/// A name and a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Credentials)]
pub(crate) struct Body {
    /// The name.
    #[schema(max_length = 100, example = "ana")]
    login: String,
    /// The password.
    #[schema(value_type = String, format = Password, example = "correct horse battery")]
    password: SecretString,
}

/// Come in.
///
/// An unknown name and a wrong password are answered alike, after the same time.
#[utoipa::path(
    post,
    path = "/v1/auth/login",
    tag = "auth",
    operation_id = "auth.login",
    request_body = Body,
    security(()),
    responses(
        (status = 200, description = "A session", body = SessionBody),
        (status = 400, description = "`malformed_json`", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "`login_failed`", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "`request_timeout`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported_media_type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`too_many_logins`, `unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.auth.login", skip_all)]
pub(crate) async fn login(
    State(state): State<state::State>,
    Acting(store): Acting,
    Json(body): Json<Body>,
) -> Result<Response> {
    // What cannot be a name is nobody's.
    let found = match body.login.parse() {
        Ok(name) => logins::find(&store, &name).await?,
        Err(_) => None,
    };
    let hash = found.as_ref().map(|login| login.password_hash.clone());
    let is_right = passwords::is_right(body.password, hash).await?;
    let user = found.as_ref().map(|login| login.user_id);
    let Some(login) = found.filter(|_| is_right) else {
        tracing::info!("refused a login");
        // Never what was given as a name: it may be a password in the wrong field.
        let entry = NewEntry::new(Action::LoginFailed);
        let entry = user.map_or(entry, |user| NewEntry::about(Action::LoginFailed, user));
        audit::refused(&store, entry).await?;
        return Err(Error::LoginFailed);
    };
    // Who could not come in could not read either, nor end the maintenance.
    let store = store.despite_maintenance();
    let session = sessions::open(&store, login, state.config.auth.session()).await?;
    let session = session.ok_or(Error::LoginFailed)?;
    tracing::info!(user.id = %session.user_id, session.id = %session.id, "user {} came in", session.user_id);
    answer(&state, session).await
}
