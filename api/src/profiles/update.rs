//! `PUT /v1/profiles/me`.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use store::profiles::{self, NewProfile};
use utoipa::ToSchema;

use super::body::{AvailabilityBody, OwnBody, PlaceBody, TagsBody};
use super::rules;
use crate::error::{Error, Result};
use crate::etag;
use crate::extract::Json;
use crate::identity::{Caller, ProfilesWrite};
use crate::problem::Problem;
use crate::state;
use crate::tracks::fields;

/// What the profile is to be: what is left out is emptied.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = NewProfile)]
pub(crate) struct NewBody {
    /// What others are told to call the person, at most 1024 bytes.
    #[schema(example = "Ana")]
    name: Option<String>,
    /// Whether it takes part: then, and only then, it is offered to others, and others to it.
    discoverable: bool,
    /// What the person says.
    tags: TagsBody,
    /// Where the person is.
    place: Option<PlaceBody>,
    /// When the person has time.
    availability: Option<AvailabilityBody>,
}

impl NewBody {
    fn checked(self, expected_version: Option<i64>) -> Result<NewProfile> {
        let name = self.name.as_deref().map(|name| fields::text("name", name)).transpose()?;
        Ok(NewProfile {
            name: name.flatten(),
            discoverable: self.discoverable,
            words: rules::words(&self.tags)?,
            place: self.place.as_ref().map(rules::place).transpose()?,
            slots: self.availability.as_ref().map(rules::slots).transpose()?,
            expected_version,
        })
    }
}

/// Replace the caller's profile.
///
/// With `If-Match`, only if nobody changed it since its `ETag` was read. A discoverable profile is matched again; one that
/// is not is taken out of all offers at once.
#[utoipa::path(
    put,
    path = "/v1/profiles/me",
    tag = "profiles",
    operation_id = "profiles.update",
    params(("If-Match" = Option<String>, Header, description = "`ETag` of the version to replace")),
    security(("token" = ["profiles:write"])),
    request_body = NewBody,
    responses(
        (status = 200, description = "The profile", body = OwnBody,
            headers(("ETag" = String, description = "Its new version"))),
        (status = 400, description = "`malformed_json`, `malformed_header`", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "`version_mismatch`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported_media_type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.profiles.update", skip_all)]
pub(crate) async fn update(
    caller: Caller<ProfilesWrite>,
    State(state): State<state::State>,
    headers: HeaderMap,
    Json(body): Json<NewBody>,
) -> Result<impl IntoResponse> {
    let new = body.checked(etag::expected_version(&headers)?)?;
    let profile =
        profiles::update(&state.store, caller.user_id, new).await.map_err(|error| match error {
            store::Error::VersionConflict { .. } => Error::VersionMismatch,
            other => other.into(),
        })?;
    let profile = profile.ok_or(Error::NotFound)?;
    tracing::info!(profile.version = profile.version, "changed a profile");
    let tag = etag::version(profile.version);
    Ok(([(header::ETAG, tag)], Json(OwnBody::from(profile))))
}
