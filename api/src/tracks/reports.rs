//! `GET /v1/reports`.

use std::collections::HashMap;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use store::reports::StoredReport;
use store::{TrackId, reports};
use utoipa::openapi::schema::{OneOfBuilder, Type};
use utoipa::openapi::{ObjectBuilder, Ref};
use utoipa::{IntoParams, ToSchema};

use super::body::StateBody;
use super::list::in_order;
use crate::error::{Error, Result};
use crate::extract::{Json, Query};
use crate::failure::FailureBody;
use crate::identity::{Caller, TracksRead};
use crate::ids::Ids;
use crate::problem::Problem;
use crate::state;

/// Which tracks.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// Ids of tracks, 100 at most, separated by commas.
    #[param(value_type = String, example = "000Xh3fYk0lqkD1vW8tB2m,000Xh3fYk0lqkD1vW8tB2n")]
    ids: Ids,
}

/// A track and its report.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TrackReport)]
pub(crate) struct TrackReportBody {
    /// The track.
    #[schema(value_type = String, min_length = 22, max_length = 22, example = "000Xh3fYk0lqkD1vW8tB2m")]
    track: TrackId,
    /// How far it is.
    state: StateBody,
    /// Why there will be no report.
    error: Option<FailureBody>,
    /// The report as it was written; `null` while there is none.
    #[schema(schema_with = report_or_null)]
    report: Option<Box<RawValue>>,
}

/// Reports of many tracks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TrackReports)]
pub(crate) struct TrackReportsBody {
    /// In the order of the request; what is not among the caller's tracks is left out.
    items: Vec<TrackReportBody>,
}

fn report_or_null() -> utoipa::openapi::Schema {
    OneOfBuilder::new()
        .item(Ref::from_schema_name("Report"))
        .item(ObjectBuilder::new().schema_type(Type::Null))
        .description(Some("The report as it was written; `null` while there is none."))
        .into()
}

/// Read the reports of many tracks.
///
/// What is not among the caller's tracks is left out, whether it is unknown or somebody else's.
#[utoipa::path(
    get,
    path = "/v1/reports",
    tag = "tracks",
    operation_id = "reports.list",
    params(Parameters),
    security(("token" = ["tracks:read"])),
    responses(
        (status = 200, description = "The reports, in the order of the request", body = TrackReportsBody),
        (status = 400, description = "`malformed_query`, `too_many_ids`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.reports.list", skip_all)]
pub(crate) async fn reports(
    caller: Caller<TracksRead>,
    Query(parameters): Query<Parameters>,
    State(state): State<state::State>,
) -> Result<Json<TrackReportsBody>> {
    let ids = parameters.ids.checked()?;
    let tracks = in_order(&state.store, caller.user_id, &ids).await?;
    let stored = reports::of(&state.store, caller.user_id, &ids).await?;
    let mut stored: HashMap<TrackId, StoredReport> = stored.into_iter().collect();
    let items = tracks.into_iter().map(|track| {
        let report =
            stored.remove(&track.id).map(|stored| RawValue::from_string(stored.json)).transpose();
        let report = report.map_err(|error| Error::Report(report::Error::from(error)))?;
        Ok(TrackReportBody {
            track: track.id,
            state: track.state.into(),
            error: FailureBody::new(track.error_code, track.error_detail),
            report,
        })
    });
    Ok(Json(TrackReportsBody { items: items.collect::<Result<_>>()? }))
}
