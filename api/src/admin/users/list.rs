//! `GET /v1/admin/users`.

use axum::extract::State;
use serde::Deserialize;
use store::{UserId, users};
use utoipa::IntoParams;

use crate::error::Result;
use crate::extract::{Json, Query};
use crate::identity::{Admin, Caller};
use crate::pagination::{self, Page};
use crate::problem::Problem;
use crate::state;
use crate::user::UserBody;

/// Which users.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// Items of a page; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<UserId>,
}

/// List all users, newest first.
#[utoipa::path(
    get,
    path = "/v1/admin/users",
    tag = "admin",
    operation_id = "admin.users.list",
    params(Parameters),
    security(("token" = ["admin"])),
    responses(
        (status = 200, description = "One page", body = Page<UserBody>),
        (status = 400, description = "`malformed_query`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`missing_scope`, `admin_needed`, `password_change_required`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.admin.users.list", skip_all)]
pub(crate) async fn list_users(
    _: Caller<Admin>,
    Query(parameters): Query<Parameters>,
    State(state): State<state::State>,
) -> Result<Json<Page<UserBody>>> {
    let limit = pagination::limit(parameters.limit)?;
    let page = users::list(&state.store, parameters.after, limit).await?;
    Ok(Json(Page::of(page, |user| user.id)))
}
