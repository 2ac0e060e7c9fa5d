//! `POST /v1/uploads/{id}/complete`.

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use store::jobs::{self, JobQuery};
use store::tracks::Created;
use store::uploads::{self, Completion, ExpectedPart, Protocol, Upload, UploadState};
use store::{JobKind, Sha256, UploadId, tracks};
use utoipa::ToSchema;

use super::get::upload_by;
use crate::error::{Error, Result};
use crate::extract::{Json, Path};
use crate::identity::{Caller, TracksWrite};
use crate::problem::Problem;
use crate::request::RequestIds;
use crate::state;
use crate::tracks::uploaded::{self, UploadedBody};

/// Where uploads in parts are completed.
pub(crate) const COMPLETE_PATH: &str = "/v1/uploads/{id}/complete";

/// What the bytes are compared with: the SHA-256 of the whole, here or when the upload began, or a tag or SHA-256 of each part, or both.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CompleteUpload)]
pub(crate) struct CompleteBody {
    /// SHA-256 of the whole, hexadecimal.
    #[schema(value_type = Option<String>, min_length = 64, max_length = 64)]
    sha256: Option<Sha256>,
    /// The parts.
    #[serde(default)]
    parts: Vec<ExpectedBody>,
}

/// What a part must be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ExpectedPart)]
struct ExpectedBody {
    /// Its number, from 1 on.
    #[schema(minimum = 1, example = 1)]
    number: u32,
    /// The `ETag` that was answered when it was put, with or without quotes.
    #[schema(example = "d41d8cd98f00b204e9800998ecf8427e")]
    etag: Option<String>,
    /// SHA-256 of its bytes, hexadecimal.
    #[schema(value_type = Option<String>, min_length = 64, max_length = 64)]
    sha256: Option<Sha256>,
}

/// Complete an upload in parts.
///
/// The stored bytes are read and compared with what was said of them; then it is as if they had come by `POST /v1/tracks`. An upload that was completed answers
/// with its track again.
#[utoipa::path(
    post,
    path = COMPLETE_PATH,
    tag = "uploads",
    operation_id = "uploads.complete",
    params(("id" = String, Path, description = "Id of the upload")),
    request_body = CompleteBody,
    security(("token" = ["tracks:write"])),
    responses(
        (status = 202, description = "Stored and queued", body = UploadedBody,
            headers(("Location" = String, description = "Path of the track"), ("ETag" = String, description = "Version of the track"))),
        (status = 200, description = "These bytes were here already, or the upload was completed before", body = UploadedBody,
            headers(("Location" = String, description = "Path of the track"), ("ETag" = String, description = "Version of the track"))),
        (status = 400, description = "`malformed_json`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`missing_scope`, `password_change_required`, `quota_exceeded`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "`request_timeout`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`upload_incomplete`, `upload_busy`, `upload_moved`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported_media_type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`, `upload_mismatch`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.uploads.complete", skip_all, fields(upload.id = %id, track.id))]
pub(crate) async fn complete(
    caller: Caller<TracksWrite>,
    Path(id): Path<UploadId>,
    State(state): State<state::State>,
    ids: RequestIds,
    Json(body): Json<CompleteBody>,
) -> Result<Response> {
    let upload = upload_by(&state.store, caller.user_id, id, Protocol::Parts).await?;
    if upload.state == UploadState::Done {
        return completed(&state, &upload).await.map(uploaded::answer);
    }
    let parts = body.expected(&upload)?;
    let completion = Completion {
        upload,
        sha256: body.sha256,
        parts,
        quota: state.config.quota.into(),
        trace_id: Some(ids.trace_id.clone()),
    };
    let created = uploads::complete(&state.store, completion).await;
    uploaded::settled(&state, caller.user_id, created).await.map(uploaded::answer)
}

impl CompleteBody {
    fn expected(&self, upload: &Upload) -> Result<Vec<ExpectedPart>> {
        let n_parts = uploads::n_parts(upload);
        let mut is_said = vec![false; usize::try_from(n_parts).unwrap_or(usize::MAX)];
        for part in &self.parts {
            let place = usize::try_from(part.number).ok().and_then(|n| n.checked_sub(1));
            let Some(said) = place.and_then(|place| is_said.get_mut(place)) else {
                return Err(Error::invalid("parts", format!("must have numbers 1 to {n_parts}")));
            };
            *said |= part.etag.is_some() || part.sha256.is_some();
        }
        let is_whole_said = self.sha256.is_some() || upload.sha256.is_some();
        if !is_whole_said && is_said.contains(&false) {
            let rule = "must be given, here or when the upload began, or else an etag or a sha256 of every part";
            return Err(Error::invalid("sha256", rule));
        }
        let parts = self.parts.iter().map(|part| ExpectedPart {
            number: part.number,
            etag: part.etag.as_deref().map(|etag| etag.trim_matches('"').to_owned()),
            sha256: part.sha256,
        });
        Ok(parts.collect())
    }
}

/// What a finished upload has led to, as it is now.
async fn completed(state: &state::State, upload: &Upload) -> Result<Created> {
    let (store, owner) = (&state.store, upload.owner_id);
    let track = match upload.track_id {
        Some(id) => tracks::get(store, owner, id).await?,
        None => None,
    };
    // It may have been deleted since.
    let track = track.ok_or(Error::NotFound)?;
    let last = JobQuery {
        state: None,
        kind: Some(JobKind::AnalyzeTrack),
        track: Some(track.id),
        run: None,
        after: None,
        limit: 1,
    };
    let job = jobs::list(store, owner, last).await?.items.pop();
    Ok(Created { track, job: job.filter(|job| !job.state.is_final()), existed: true })
}
