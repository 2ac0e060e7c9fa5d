//! `GET /v1/admin/audit`.

use axum::extract::State;
use serde::Deserialize;
use store::audit::{self, Action, AuditFilter};
use store::{SubjectId, UserId};
use time::OffsetDateTime;
use utoipa::IntoParams;

use super::body::EntryBody;
use crate::error::Result;
use crate::extract::{Json, Query};
use crate::identity::{Admin, Caller};
use crate::pagination::{self, Page};
use crate::problem::Problem;
use crate::state;

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// Items of a page; 50 unless told.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next` of the page before.
    #[param(minimum = 0)]
    after: Option<i64>,
    /// Only what this user did.
    #[param(value_type = Option<String>)]
    actor: Option<UserId>,
    /// Only this action, such as `login.failed`.
    #[param(value_type = Option<String>)]
    action: Option<Action>,
    /// Only what was done to this user, token, session, job, run, track or key.
    #[param(value_type = Option<String>)]
    subject: Option<SubjectId>,
    /// Only what was done then or later.
    #[serde(default, with = "time::serde::rfc3339::option")]
    #[param(value_type = Option<String>, format = DateTime)]
    since: Option<OffsetDateTime>,
    /// Only what was done before.
    #[serde(default, with = "time::serde::rfc3339::option")]
    #[param(value_type = Option<String>, format = DateTime)]
    before: Option<OffsetDateTime>,
}

/// List who did what, newest first.
#[utoipa::path(
    get,
    path = "/v1/admin/audit",
    tag = "admin",
    operation_id = "admin.audit.list",
    params(Parameters),
    security(("token" = ["admin"])),
    responses(
        (status = 200, description = "One page", body = Page<EntryBody>),
        (status = 400, description = "`malformed_query`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`missing_scope`, `admin_needed`, `password_change_required`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.admin.audit.list", skip_all)]
pub(crate) async fn list_audit(
    _: Caller<Admin>,
    Query(parameters): Query<Parameters>,
    State(state): State<state::State>,
) -> Result<Json<Page<EntryBody>>> {
    let Parameters { limit, after, actor, action, subject, since, before } = parameters;
    let filter = AuditFilter { actor, action, subject, since, before };
    let page = audit::list(&state.store, filter, after, pagination::limit(limit)?).await?;
    Ok(Json(Page::of(page, |entry| entry.seq)))
}
