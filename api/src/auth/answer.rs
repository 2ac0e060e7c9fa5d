//! What somebody who came in is given.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use secrecy::ExposeSecret;
use serde::Serialize;
use store::sessions::{self, Opened};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::error::{Error, Result};
use crate::extract::Json;
use crate::state::State;

/// A session: what to show with requests, and what to go on with.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionBody {
    /// Show it as `Authorization: Bearer`.
    access_token: String,
    /// How to show it.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// How long it is good for.
    #[schema(example = 600)]
    expires_in_s: u64,
    /// Gives the next access token and the next refresh token, once. Keep it where scripts of others cannot read it.
    refresh_token: String,
    /// When the password is needed again.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    session_expires_at: OffsetDateTime,
    /// The password is good for nothing but choosing another: `PUT /v1/auth/password`.
    must_change_password: bool,
}

/// The answer for a session, which nobody may keep for others.
pub(super) async fn answer(state: &State, session: Opened) -> Result<Response> {
    let signed_in = sessions::authenticate(&state.store, session.id).await?;
    // Ended in the same moment, by a change of the password or the end of the user.
    let signed_in = signed_in.ok_or(Error::RefreshRefused)?;
    let lifetime = state.config.auth.access_token();
    let body = SessionBody {
        access_token: state.keys.sign(&state.store, &session, lifetime).await?,
        token_type: "Bearer",
        expires_in_s: lifetime.as_secs(),
        refresh_token: session.refresh_token.expose_secret().to_owned(),
        session_expires_at: session.expires_at,
        must_change_password: signed_in.is_one_time,
    };
    Ok(([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(body))
        .into_response())
}
