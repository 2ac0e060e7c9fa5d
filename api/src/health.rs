//! `GET /healthz` and `GET /readyz`.

use std::time::Duration;

use axum::extract::State;
use serde::Serialize;
use store::maintenance;
use tokio::time::timeout;
use utoipa::ToSchema;

use crate::error::{Error, Result};
use crate::extract::Json;
use crate::problem::Problem;
use crate::state;

/// How long a check may take.
const LIMIT: Duration = Duration::from_secs(3);

/// How the service is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Health)]
pub(crate) struct HealthBody {
    /// Always `ok`; anything else is a problem.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Whether requests can be answered, and which.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Readiness)]
pub(crate) struct ReadinessBody {
    /// Always `ok`; anything else is a problem.
    #[schema(example = "ok")]
    status: &'static str,
    /// Whether only what changes nothing is answered.
    #[schema(example = false)]
    maintenance: bool,
}

const OK: HealthBody = HealthBody { status: "ok" };

/// Say that the process lives.
///
/// Asks nobody else: a restart would not help against a database that is away.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "service",
    operation_id = "healthz",
    security(()),
    responses((status = 200, description = "It lives", body = HealthBody))
)]
pub(crate) async fn healthz() -> Json<HealthBody> {
    Json(OK)
}

/// Say whether requests can be answered.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "service",
    operation_id = "readyz",
    security(()),
    responses(
        (status = 200, description = "They can; during `maintenance` those that change nothing", body = ReadinessBody),
        (status = 503, description = "`not_ready`; `detail` names the check", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn readyz(State(state): State<state::State>) -> Result<Json<ReadinessBody>> {
    if state.shutdown.is_cancelled() {
        return Err(Error::NotReady { check: "a server that is stopping" });
    }
    let checks = async {
        state.store.ping().await?;
        maintenance::get(&state.store).await
    };
    match timeout(LIMIT, checks).await {
        Ok(Ok(now)) => Ok(Json(ReadinessBody { status: "ok", maintenance: now.is_on })),
        Ok(Err(error)) => {
            tracing::warn!("not ready: {error}");
            Err(Error::NotReady { check: "database or blob store" })
        }
        Err(_) => Err(Error::NotReady { check: "database or blob store (no answer within 3 s)" }),
    }
}
