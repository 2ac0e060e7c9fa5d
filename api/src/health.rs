//! `GET /healthz` and `GET /readyz`.

use std::time::Duration;

use axum::extract::State;
use serde::Serialize;
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
        (status = 200, description = "They can", body = HealthBody),
        (status = 503, description = "`not_ready`; `detail` names the check", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn readyz(State(state): State<state::State>) -> Result<Json<HealthBody>> {
    if state.shutdown.is_cancelled() {
        return Err(Error::NotReady { check: "a server that is stopping" });
    }
    match timeout(LIMIT, state.store.ping()).await {
        Ok(Ok(())) => Ok(Json(OK)),
        Ok(Err(error)) => {
            tracing::warn!("not ready: {error}");
            Err(Error::NotReady { check: "database or blob store" })
        }
        Err(_) => Err(Error::NotReady { check: "database or blob store (no answer within 3 s)" }),
    }
}
