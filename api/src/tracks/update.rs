//! `PATCH /v1/tracks/{id}`.
#![expect(clippy::option_option, reason = "left out, `null` and a value are three things here")]

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use serde::{Deserialize, Deserializer};
use store::TrackId;
use store::tracks::{self, TrackPatch};
use utoipa::ToSchema;

use super::body::{TrackBody, VisibilityBody};
use super::fields;
use crate::error::{Error, Result};
use crate::etag;
use crate::extract::{Json, Path};
use crate::identity::{Caller, TracksWrite};
use crate::problem::Problem;
use crate::state;

/// What to change: a field that is left out stays, `null` empties it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TrackPatch)]
pub(crate) struct PatchBody {
    /// New title, at most 1024 bytes.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "Take Five")]
    title: Option<Option<String>>,
    /// New artist, at most 1024 bytes.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    artist: Option<Option<String>>,
    /// New tags, which replace the old ones; at most 64.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<Vec<String>>, example = json!(["jazz", "piano"]))]
    tags: Option<Option<Vec<String>>>,
    /// Whether others may be told of it; `null` makes it private.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<VisibilityBody>)]
    visibility: Option<Option<VisibilityBody>>,
    /// How much it counts in its owner's profile, 0 to 10; `null` is 1.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 10)]
    weight: Option<Option<f64>>,
}

/// Tells a field that is `null` from one that is left out.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

impl PatchBody {
    fn checked(self, expected_version: Option<i64>) -> Result<TrackPatch> {
        let text = |field, value: Option<Option<String>>| match value {
            Some(Some(value)) => fields::text(field, &value).map(Some),
            Some(None) => Ok(Some(None)),
            None => Ok(None),
        };
        let tags = self.tags.map(Option::unwrap_or_default);
        Ok(TrackPatch {
            title: text("title", self.title)?,
            artist: text("artist", self.artist)?,
            tags: tags
                .map(|tags| fields::tags("tags", tags.iter().map(String::as_str)))
                .transpose()?,
            visibility: self.visibility.map(|visibility| visibility.unwrap_or_default().into()),
            weight: self.weight.map(|weight| fields::weight(weight.unwrap_or(1.0))).transpose()?,
            expected_version,
        })
    }
}

/// Change title, artist, tags, visibility or weight.
///
/// With `If-Match`, only if nobody changed the track since its `ETag` was read. New tags are matched
/// again.
#[utoipa::path(
    patch,
    path = "/v1/tracks/{id}",
    tag = "tracks",
    operation_id = "tracks.update",
    params(
        ("id" = String, Path, description = "Id of the track"),
        ("If-Match" = Option<String>, Header, description = "`ETag` of the version to change"),
    ),
    security(("token" = ["tracks:write"])),
    request_body = PatchBody,
    responses(
        (status = 200, description = "The changed track", body = TrackBody,
            headers(("ETag" = String, description = "Its new version"))),
        (status = 400, description = "`malformed_json`, `malformed_header`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "`version_mismatch`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported_media_type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.tracks.update", skip_all, fields(track.id = %id))]
pub(crate) async fn update(
    caller: Caller<TracksWrite>,
    Path(id): Path<TrackId>,
    State(state): State<state::State>,
    headers: HeaderMap,
    Json(body): Json<PatchBody>,
) -> Result<impl IntoResponse> {
    let patch = body.checked(etag::expected_version(&headers)?)?;
    let track =
        tracks::update(&state.store, caller.user_id, id, patch).await.map_err(
            |error| match error {
                store::Error::VersionConflict { .. } => Error::VersionMismatch,
                other => other.into(),
            },
        )?;
    let track = track.ok_or(Error::NotFound)?;
    tracing::info!(track.version = track.version, "changed track {id}");
    let tag = etag::version(track.version);
    Ok(([(header::ETAG, tag)], Json(TrackBody::from(track))))
}
