//! `GET /v1/auth/me`.

use axum::extract::State;
use serde::Serialize;
use store::{Scope, quotas, users};
use utoipa::ToSchema;

use crate::error::{Error, Result};
use crate::extract::Json;
use crate::identity::{Credential, Identity};
use crate::quota::QuotaBody;
use crate::state;
use crate::user::UserBody;

/// How the caller showed who they are.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CredentialKind)]
enum KindBody {
    /// The access token of a session.
    Session,
    /// The token of a program.
    Token,
    /// Somebody else's word: a gateway.
    Foreign,
}

/// Who asks, and what they may do.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Me)]
pub(crate) struct MeBody {
    /// The user.
    user: UserBody,
    /// How the user was told.
    credential: KindBody,
    /// What the credential allows. What `admin` allows beyond the own rows also takes the role.
    #[schema(value_type = Vec<String>, example = json!(["tracks:read"]))]
    scopes: Vec<Scope>,
    /// The password is good for nothing but choosing another.
    must_change_password: bool,
    /// What the user keeps and may keep.
    quota: QuotaBody,
}

/// Tell who asks.
#[utoipa::path(
    get,
    path = "/v1/auth/me",
    tag = "auth",
    operation_id = "auth.me",
    security(("token" = [])),
    responses((status = 200, description = "Who asks", body = MeBody))
)]
#[tracing::instrument(name = "api.auth.me", skip_all)]
pub(crate) async fn me(
    identity: Identity,
    State(state): State<state::State>,
) -> Result<Json<MeBody>> {
    let user = users::get(&state.store, identity.user_id).await?;
    // Deleted in the same moment.
    let user = user.ok_or(Error::Unauthorized { is_token_given: true })?;
    let room = quotas::get(&state.store, user.id, state.config.quota.into()).await?;
    let quota = room.ok_or(Error::Unauthorized { is_token_given: true })?.into();
    let scopes = identity.scopes();
    let (credential, must_change_password) = match identity.credential {
        Credential::Session { is_one_time, .. } => (KindBody::Session, is_one_time),
        Credential::Token { .. } => (KindBody::Token, false),
        Credential::Foreign => (KindBody::Foreign, false),
    };
    Ok(Json(MeBody { user: user.into(), credential, scopes, must_change_password, quota }))
}
