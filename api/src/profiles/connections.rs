//! `GET /v1/profiles/me/connections`.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use store::UserId;
use store::profiles::{self, Connection};
use time::OffsetDateTime;
use utoipa::{IntoParams, ToSchema};

use super::body::VisibleBody;
use crate::error::Result;
use crate::extract::{Json, Query};
use crate::identity::{Caller, ProfilesRead};
use crate::pagination::{self, Page};
use crate::problem::Problem;
use crate::state;

/// Which connections.
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

/// Two people who both said yes, seen from one of them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Connection)]
pub(crate) struct ConnectionBody {
    /// The other person.
    profile: VisibleBody,
    /// When the second of the two accepted.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    made_at: OffsetDateTime,
}

impl From<Connection> for ConnectionBody {
    fn from(connection: Connection) -> Self {
        Self { profile: connection.profile.into(), made_at: connection.made_at }
    }
}

/// List the caller's connections, by the age of the other's profile.
#[utoipa::path(
    get,
    path = "/v1/profiles/me/connections",
    tag = "profiles",
    operation_id = "profiles.connections",
    params(Parameters),
    security(("token" = ["profiles:read"])),
    responses(
        (status = 200, description = "One page", body = Page<ConnectionBody>),
        (status = 400, description = "`malformed_query`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.profiles.connections", skip_all)]
pub(crate) async fn connections(
    caller: Caller<ProfilesRead>,
    Query(parameters): Query<Parameters>,
    State(state): State<state::State>,
) -> Result<Json<Page<ConnectionBody>>> {
    let limit = pagination::limit(parameters.limit)?;
    let page = profiles::connections(&state.store, caller.user_id, parameters.after, limit).await?;
    Ok(Json(Page::of(page, |connection| connection.profile.user_id)))
}
