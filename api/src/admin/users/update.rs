//! `PATCH /v1/admin/users/{id}`.
#![expect(clippy::option_option, reason = "left out, `null` and a value are three things here")]

use axum::extract::State;
use serde::{Deserialize, Deserializer, Serialize};
use store::quotas::{self, QuotaPatch};
use store::{Role, UserId, users};
use utoipa::ToSchema;

use crate::error::{Error, Result};
use crate::extract::{Json, Path};
use crate::identity::{Acting, Admin, Caller};
use crate::problem::Problem;
use crate::quota::QuotaBody;
use crate::state;
use crate::user::UserBody;

/// What to change.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UserPatch)]
pub(crate) struct PatchBody {
    /// What the user may do: `user` or `admin`; it stays unless told.
    #[schema(value_type = Option<String>, example = "admin")]
    role: Option<Role>,
    /// What the user may keep.
    #[serde(default)]
    quota: QuotaPatchBody,
}

/// Limits of one user: a field that is left out stays, `null` is what the installation allows everybody.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = QuotaPatch)]
#[expect(clippy::struct_field_names, reason = "counts are named so everywhere")]
struct QuotaPatchBody {
    /// Bytes of recordings.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<u64>, example = 10_000_000_000_u64)]
    n_bytes: Option<Option<u64>>,
    /// Recordings.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<u64>, example = 1000)]
    n_tracks: Option<Option<u64>>,
    /// Minutes of sound.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<u64>, example = 6000)]
    n_minutes: Option<Option<u64>>,
}

/// Tells a field that is `null` from one that is left out.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// A user, and what it keeps and may keep.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UserWithQuota)]
pub(crate) struct UserWithQuotaBody {
    /// The user.
    user: UserBody,
    /// What the user keeps and may keep.
    quota: QuotaBody,
}

/// Change what a user may do and keep.
///
/// Another role holds from the user's next request on; the operator stays an administrator. What the user keeps already stays, also if it is more.
#[utoipa::path(
    patch,
    path = "/v1/admin/users/{id}",
    tag = "admin",
    operation_id = "admin.users.update",
    params(("id" = String, Path, description = "Id of the user")),
    request_body = PatchBody,
    security(("token" = ["admin"])),
    responses(
        (status = 200, description = "The user", body = UserWithQuotaBody),
        (status = 400, description = "`malformed_json`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`missing_scope`, `admin_needed`, `password_change_required`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "`request_timeout`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`operator_stays`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported_media_type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.admin.users.update", skip_all, fields(user.id = %id))]
pub(crate) async fn update_user(
    caller: Caller<Admin>,
    Path(id): Path<UserId>,
    State(state): State<state::State>,
    Acting(store): Acting,
    Json(body): Json<PatchBody>,
) -> Result<Json<UserWithQuotaBody>> {
    if let Some(role) = body.role {
        let user = users::get(&store, id).await?.ok_or(Error::NotFound)?;
        if user.is_operator && role != Role::Admin {
            return Err(Error::OperatorStays);
        }
        if !user.is_operator && !users::set_role(&store, id, role).await? {
            return Err(Error::NotFound);
        }
    }
    let QuotaPatchBody { n_bytes, n_tracks, n_minutes } = body.quota;
    if !quotas::set(&store, id, QuotaPatch { n_bytes, n_tracks, n_minutes }).await? {
        return Err(Error::NotFound);
    }
    tracing::info!("user {} changed what user {id} may", caller.user_id);
    with_quota(&state, id).await.map(Json)
}

/// A user with what it keeps and may keep.
pub(super) async fn with_quota(state: &state::State, id: UserId) -> Result<UserWithQuotaBody> {
    let user = users::get(&state.store, id).await?.ok_or(Error::NotFound)?;
    let room = quotas::get(&state.store, id, state.config.quota.into()).await?;
    let quota = room.ok_or(Error::NotFound)?.into();
    Ok(UserWithQuotaBody { user: user.into(), quota })
}
