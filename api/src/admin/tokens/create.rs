//! `POST /v1/admin/tokens`.

use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use store::tokens::{self, NewToken};
use store::{Scope, UserId, users};
use time::Duration;
use utoipa::ToSchema;

use super::body::TokenBody;
use crate::error::{Error, Result};
use crate::extract::Json;
use crate::identity::{Acting, Admin, Caller};
use crate::problem::Problem;
use crate::tracks::fields;

/// A year, so that what is forgotten ends.
const DEFAULT_DAYS: u16 = 365;
const MAX_DAYS: u16 = 3650;

/// What a program is to be allowed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewToken)]
pub(crate) struct NewTokenBody {
    /// What it is for, as lists show it.
    #[schema(min_length = 1, max_length = 1024, example = "speech")]
    name: String,
    /// What it allows: one scope at least. `admin` is everything.
    #[schema(value_type = Vec<String>, min_items = 1, max_items = 32, example = json!(["tracks:read", "matches:read"]))]
    scopes: Vec<Scope>,
    /// Days until it ends; 365 unless told.
    #[serde(default = "default_days")]
    #[schema(required = false, minimum = 1, maximum = 3650)]
    expires_in_days: u16,
    /// Whose rows it opens; the caller's unless told.
    #[schema(value_type = Option<String>)]
    user_id: Option<UserId>,
}

fn default_days() -> u16 {
    DEFAULT_DAYS
}

/// A new token.
#[derive(Serialize, ToSchema)]
#[schema(as = CreatedToken)]
pub(crate) struct CreatedTokenBody {
    /// The token.
    token: TokenBody,
    /// What to show as `Authorization: Bearer`. It is told only here.
    secret: String,
}

/// Make a token for a program.
#[utoipa::path(
    post,
    path = "/v1/admin/tokens",
    tag = "admin",
    operation_id = "admin.tokens.create",
    request_body = NewTokenBody,
    security(("token" = ["admin"])),
    responses(
        (status = 201, description = "The token, with its secret", body = CreatedTokenBody),
        (status = 400, description = "`malformed_json`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`missing_scope`, `admin_needed`, `password_change_required`", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "`request_timeout`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported_media_type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.admin.tokens.create", skip_all)]
pub(crate) async fn create_token(
    caller: Caller<Admin>,
    Acting(store): Acting,
    Json(body): Json<NewTokenBody>,
) -> Result<impl IntoResponse> {
    let mut scopes = body.scopes;
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        return Err(Error::invalid("scopes", "must hold one scope at least"));
    }
    if !(1..=MAX_DAYS).contains(&body.expires_in_days) {
        return Err(Error::invalid("expires_in_days", format!("must be 1 to {MAX_DAYS}")));
    }
    let name = fields::text("name", &body.name)?;
    let name = name.ok_or_else(|| Error::invalid("name", "must not be empty"))?;
    let owner_id = body.user_id.unwrap_or(caller.user_id);
    if users::get(&store, owner_id).await?.is_none() {
        return Err(Error::invalid("user_id", "must be a user"));
    }
    let expires_at = Some(store.now() + Duration::days(body.expires_in_days.into()));
    let new = NewToken { owner_id, name, scopes, expires_at };
    let (token, secret) = tokens::issue(&store, new).await?;
    tracing::info!(token.id = %token.id, user.id = %caller.user_id, "user {} made token {}", caller.user_id, token.id);
    let body = CreatedTokenBody { token: token.into(), secret: secret.expose_secret().to_owned() };
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(body)))
}
