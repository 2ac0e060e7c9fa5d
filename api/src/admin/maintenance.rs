//! `GET` and `PUT /v1/admin/maintenance`.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use store::{Maintenance, maintenance};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::error::{Error, Result};
use crate::extract::Json;
use crate::identity::{Acting, Admin, Caller};
use crate::problem::Problem;
use crate::state;
use crate::tracks::fields;

/// Whether the service is in maintenance.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Maintenance)]
pub(crate) struct MaintenanceBody {
    /// Whether nothing is changed now.
    enabled: bool,
    /// Why, as whoever is refused is told.
    #[schema(example = "moving to another disk")]
    reason: Option<String>,
    /// When it last began or ended; `null` if never.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    changed_at: Option<OffsetDateTime>,
}

impl From<Maintenance> for MaintenanceBody {
    fn from(Maintenance { is_on, reason, changed_at }: Maintenance) -> Self {
        Self { enabled: is_on, reason, changed_at }
    }
}

/// Whether to change nothing from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewMaintenance)]
pub(crate) struct NewMaintenanceBody {
    /// Whether to change nothing from now on.
    enabled: bool,
    /// Why, as whoever is refused is told.
    #[schema(max_length = 1024, example = "moving to another disk")]
    reason: Option<String>,
}

/// Tell whether the service is in maintenance.
#[utoipa::path(
    get,
    path = "/v1/admin/maintenance",
    tag = "admin",
    operation_id = "admin.maintenance.get",
    security(("token" = ["admin"])),
    responses(
        (status = 200, description = "Whether it is", body = MaintenanceBody),
        (status = 403, description = "`missing_scope`, `admin_needed`, `password_change_required`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.admin.maintenance.get", skip_all)]
pub(crate) async fn get_maintenance(
    _: Caller<Admin>,
    State(state): State<state::State>,
) -> Result<Json<MaintenanceBody>> {
    Ok(Json(maintenance::get(&state.store).await?.into()))
}

/// Begin or end maintenance.
///
/// From the answer on every process answers whatever would change something with 503 `maintenance`; who reads, logs in, refreshes or leaves is answered as ever. Jobs that
/// run are finished, and no other one is begun.
#[utoipa::path(
    put,
    path = "/v1/admin/maintenance",
    tag = "admin",
    operation_id = "admin.maintenance.set",
    request_body = NewMaintenanceBody,
    security(("token" = ["admin"])),
    responses(
        (status = 200, description = "How it is now", body = MaintenanceBody),
        (status = 400, description = "`malformed_json`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`missing_scope`, `admin_needed`, `password_change_required`", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "`request_timeout`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported_media_type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.admin.maintenance.set", skip_all)]
pub(crate) async fn set_maintenance(
    caller: Caller<Admin>,
    Acting(store): Acting,
    Json(body): Json<NewMaintenanceBody>,
) -> Result<Json<MaintenanceBody>> {
    let reason = body.reason.as_deref().map(|text| fields::text("reason", text)).transpose()?;
    let reason = reason.flatten();
    let now = if body.enabled {
        maintenance::begin(&store, reason).await?
    } else if reason.is_some() {
        return Err(Error::invalid("reason", "must not be given to end it"));
    } else {
        maintenance::end(&store).await?
    };
    let verb = if now.is_on { "began" } else { "ended" };
    tracing::warn!(user.id = %caller.user_id, "user {} {verb} maintenance", caller.user_id);
    Ok(Json(now.into()))
}
