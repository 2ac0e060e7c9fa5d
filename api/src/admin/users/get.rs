//! `GET /v1/admin/users/{id}`.

use axum::extract::State;
use store::UserId;

use super::update::{UserWithQuotaBody, with_quota};
use crate::error::Result;
use crate::extract::{Json, Path};
use crate::identity::{Admin, Caller};
use crate::problem::Problem;
use crate::state;

/// Read a user, with what it keeps and may keep.
#[utoipa::path(
    get,
    path = "/v1/admin/users/{id}",
    tag = "admin",
    operation_id = "admin.users.get",
    params(("id" = String, Path, description = "Id of the user")),
    security(("token" = ["admin"])),
    responses(
        (status = 200, description = "The user", body = UserWithQuotaBody),
        (status = 403, description = "`missing_scope`, `admin_needed`, `password_change_required`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.admin.users.get", skip_all, fields(user.id = %id))]
pub(crate) async fn get_user(
    _: Caller<Admin>,
    Path(id): Path<UserId>,
    State(state): State<state::State>,
) -> Result<Json<UserWithQuotaBody>> {
    with_quota(&state, id).await.map(Json)
}
