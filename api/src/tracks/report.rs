//! `GET /v1/tracks/{id}/report`.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use report::formats::{FORMATS_VERSION, Format, Recording};
use report::{Details, Report, Tags};
use serde::Deserialize;
use serde_json::{Value, json};
use store::reports::StoredReport;
use store::tracks::{self, Track, TrackState};
use store::{TrackId, reports};
use utoipa::IntoParams;

use super::format::FormatBody;
use crate::compute::compute;
use crate::error::{Error, Result};
use crate::etag;
use crate::extract::{Path, Query};
use crate::identity::{Caller, TracksRead};
use crate::problem::Problem;
use crate::state;

const PATH: &str = "/v1/tracks/{id}/report";

/// Which shape.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Parameters {
    /// The shape; `json` unless told.
    #[serde(default)]
    #[param(inline, value_type = Option<FormatBody>)]
    format: FormatBody,
}

/// Read the report of a track.
///
/// The body is the report as it was written; its schema is `consort.report/1`. A report never changes. `format` gives it
/// in the shapes that other programs read.
#[utoipa::path(
    get,
    path = "/v1/tracks/{id}/report",
    tag = "tracks",
    operation_id = "tracks.report",
    params(
        ("id" = String, Path, description = "Id of the track"),
        Parameters,
        ("If-None-Match" = Option<String>, Header, description = "`ETag` of the report that the client has"),
    ),
    security(("token" = ["tracks:read"])),
    responses(
        (status = 200, description = "The report; the schema is that of `json`",
            body = ref("#/components/schemas/Report"),
            headers(("ETag" = String, description = "Version of the analysis and of the format"))),
        (status = 304, description = "The client has it already"),
        (status = 400, description = "`malformed_query`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`track_not_analyzed`, `track_failed`, `format_unavailable`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.tracks.report", skip_all, fields(track.id = %id))]
pub(crate) async fn report(
    caller: Caller<TracksRead>,
    Path(id): Path<TrackId>,
    Query(parameters): Query<Parameters>,
    State(state): State<state::State>,
    headers: HeaderMap,
) -> Result<Response> {
    let track = tracks::get(&state.store, caller.user_id, id).await?.ok_or(Error::NotFound)?;
    let stored = reports::get(&state.store, caller.user_id, id).await?;
    let Some(stored) = stored else { return Err(no_report(track)) };

    let format = Format::from(parameters.format);
    let tag = tag(format, stored.analysis_version);
    let validator = [(header::ETAG, etag::quoted(&tag))];
    if etag::is_known(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, validator).into_response());
    }
    let kind = [(header::CONTENT_TYPE, format.media_type())];
    if format == Format::Json {
        return Ok((validator, kind, stored.json).into_response());
    }
    let details = if format.needs_details() {
        reports::details(&state.store, caller.user_id, id, stored.analysis_version).await?
    } else {
        None
    };
    let bytes = compute(move || render(format, &track, &stored, details.as_deref())).await??;
    Ok((validator, kind, bytes).into_response())
}

/// Adds the types of the formats to what the OpenAPI document says of a report.
pub(crate) fn describe_formats(document: &mut Value) {
    let content = &mut document["paths"][PATH]["get"]["responses"]["200"]["content"];
    for format in Format::ALL {
        let kind = format.media_type();
        let kind = kind.split_once(';').map_or(kind, |(essence, _)| essence);
        if content.get(kind).is_none() {
            content[kind] = json!({ "schema": { "type": "string" } });
        }
    }
}

/// The tag of a report. Ours changes with the analysis only; the others also with how they are made.
fn tag(format: Format, analysis_version: u32) -> String {
    match format {
        Format::Json => format!("a{analysis_version}"),
        other => format!("a{analysis_version}-f{FORMATS_VERSION}-{other}"),
    }
}

/// A report in a format.
pub(crate) fn render(
    format: Format,
    track: &Track,
    stored: &StoredReport,
    details: Option<&[u8]>,
) -> Result<Vec<u8>> {
    let report = Report::from_json(&stored.json)?;
    let details = details.map(Details::from_bytes).transpose()?;
    // Tags of the container only: what a client may change would need a tag that changes with it.
    let tags: Option<Tags> =
        track.media.clone().map(serde_json::from_value).transpose().map_err(report::Error::from)?;
    let tags = tags.unwrap_or_default();
    let recording = Recording { report: &report, details: details.as_ref(), tags: &tags };
    Ok(format.render(&recording)?)
}

/// Why a track has no report, or nothing to compare.
pub(crate) fn no_report(track: Track) -> Error {
    match (track.state, track.error_code) {
        (TrackState::Failed, Some(code)) => Error::TrackFailed { code },
        (TrackState::Failed, None) => Error::TrackFailed { code: "unknown".to_owned() },
        _ => Error::TrackNotAnalyzed,
    }
}
