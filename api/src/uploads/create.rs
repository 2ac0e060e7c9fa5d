//! `POST /v1/uploads`.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use store::uploads::{self, NewUpload, Protocol};
use store::{Sha256, UserId};
use utoipa::ToSchema;

use super::body::{PartUrlBody, UploadBody};
use super::urls::{self, MAX_URLS};
use super::words::RawWords;
use crate::error::{Error, Result};
use crate::extract::{Json, JsonText};
use crate::idempotency::{self, IdempotencyKey};
use crate::identity::{Caller, TracksWrite};
use crate::problem::Problem;
use crate::state;
use crate::tracks::VisibilityBody;

/// Where uploads in parts are begun.
const PATH: &str = "/v1/uploads";

const MIB: u64 = 1 << 20;
/// Bytes of a part unless told: few URLs for a song, little to send again.
const PART_BYTES: u64 = 16 * MIB;
/// The least that S3 takes as a part, so that clients made for it fit.
const MIN_PART_BYTES: u64 = 5 * MIB;
/// The most that S3 takes by one request.
const MAX_PART_BYTES: u64 = 5 << 30;
/// As many parts as S3 takes.
const MAX_PARTS: u64 = 10_000;

/// What will be uploaded.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewUpload)]
pub(crate) struct NewUploadBody {
    /// Its size.
    #[schema(minimum = 1, example = 73_400_320)]
    n_bytes: u64,
    /// SHA-256 of it, hexadecimal; here, or when it is completed.
    #[schema(value_type = Option<String>, min_length = 64, max_length = 64)]
    sha256: Option<Sha256>,
    /// Bytes of each part but the last, 5 MiB to 5 GiB; 16 MiB unless told, or more where that would make more than 10000 parts.
    #[schema(minimum = 5_242_880, maximum = 5_368_709_120_u64)]
    part_bytes: Option<u64>,
    /// Name of the file.
    #[schema(example = "Take Five.flac")]
    file_name: Option<String>,
    /// Type of the file.
    #[schema(example = "audio/flac")]
    content_type: Option<String>,
    /// Its title, at most 1024 bytes.
    #[schema(example = "Take Five")]
    title: Option<String>,
    /// Its artist, at most 1024 bytes.
    artist: Option<String>,
    /// At most 64.
    #[serde(default)]
    #[schema(example = json!(["jazz", "piano"]))]
    tags: Vec<String>,
    /// `private` unless told, or `listed`.
    #[serde(default)]
    visibility: VisibilityBody,
}

/// An upload that has begun.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BegunUpload)]
pub(crate) struct BegunBody {
    /// The upload.
    upload: UploadBody,
    /// Where to put its parts; of more than 100 the first 100.
    urls: Vec<PartUrlBody>,
}

/// Begin an upload in parts.
///
/// Put each part to its URL, in any order and as often as it takes, then complete the upload. With an object store the bytes go straight there.
#[utoipa::path(
    post,
    path = PATH,
    tag = "uploads",
    operation_id = "uploads.create",
    params(("Idempotency-Key" = Option<String>, Header, description = "Answers the same body once; 1 to 255 visible characters")),
    request_body = NewUploadBody,
    security(("token" = ["tracks:write"])),
    responses(
        (status = 201, description = "The upload and where its parts go", body = BegunBody,
            headers(("Location" = String, description = "The upload"))),
        (status = 400, description = "`malformed_json`, `malformed_header`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`missing_scope`, `password_change_required`, `quota_exceeded`, `too_many_uploads`", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "`request_timeout`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`idempotency_key_in_use`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`, `upload_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported_media_type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`, `upload_empty`, `idempotency_key_reused`", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.uploads.create", skip_all)]
pub(crate) async fn create(
    caller: Caller<TracksWrite>,
    State(state): State<state::State>,
    key: IdempotencyKey,
    JsonText { value: body, text }: JsonText<NewUploadBody>,
) -> Result<Response> {
    let user = caller.user_id;
    let asked = async { Ok((idempotency::fingerprint(PATH, &text), body)) };
    idempotency::once(&state, user, key, asked, async |body| begin(&state, user, body).await).await
}

async fn begin(state: &state::State, owner_id: UserId, body: NewUploadBody) -> Result<Response> {
    let n_bytes = checked_size(body.n_bytes, state.config.max_upload_bytes)?;
    let new = NewUpload {
        owner_id,
        protocol: Protocol::Parts,
        n_bytes,
        part_bytes: part_bytes(n_bytes, body.part_bytes)?,
        sha256: body.sha256,
        metadata: None,
        quota: state.config.quota.into(),
        max_open: state.config.max_open_uploads,
        words: RawWords {
            file_name: body.file_name,
            content_type: body.content_type,
            title: body.title,
            artist: body.artist,
            tags: body.tags,
            visibility: body.visibility,
        }
        .checked()?,
    };
    let upload = uploads::create(&state.store, new).await?;
    tracing::info!(n_bytes, "upload {} begins", upload.id);
    let first = (1..=uploads::n_parts(&upload)).take(MAX_URLS);
    let urls = urls::urls(state, &upload, first).await?;
    let location = format!("{PATH}/{}", upload.id);
    let upload = UploadBody::of(&state.store, &upload).await?;
    let body = Json(BegunBody { upload, urls });
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], body).into_response())
}

/// A size that a recording may have.
pub(super) fn checked_size(n_bytes: u64, max_bytes: u64) -> Result<u64> {
    match n_bytes {
        0 => Err(Error::UploadEmpty),
        n if n > max_bytes => Err(Error::UploadTooLarge { limit: max_bytes }),
        n => Ok(n),
    }
}

/// How large the parts are.
fn part_bytes(n_bytes: u64, asked: Option<u64>) -> Result<u64> {
    let least = n_bytes.div_ceil(MAX_PARTS).max(MIN_PART_BYTES);
    match asked {
        None => Ok(least.div_ceil(MIB) * MIB).map(|least| least.max(PART_BYTES)),
        Some(asked) if (least..=MAX_PART_BYTES).contains(&asked) => Ok(asked),
        Some(_) => {
            let rule = format!("must be {least} to {MAX_PART_BYTES} for this size");
            Err(Error::invalid("part_bytes", rule))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_never_more_parts_than_s3_takes() {
        assert_eq!(part_bytes(1, None).unwrap(), PART_BYTES);
        assert_eq!(part_bytes(4 << 30, None).unwrap(), PART_BYTES);
        let large = 1 << 40;
        let bytes = part_bytes(large, None).unwrap();
        assert!(large.div_ceil(bytes) <= MAX_PARTS && bytes.is_multiple_of(MIB));
        assert_eq!(part_bytes(100 * MIB, Some(MIN_PART_BYTES)).unwrap(), MIN_PART_BYTES);
        for (n_bytes, asked) in
            [(1, 0), (1, MIN_PART_BYTES - 1), (1, MAX_PART_BYTES + 1), (large, MIN_PART_BYTES)]
        {
            assert!(part_bytes(n_bytes, Some(asked)).is_err(), "{n_bytes} by {asked}");
        }
    }

    #[test]
    fn sizes_are_bounded() {
        assert!(matches!(checked_size(0, 10), Err(Error::UploadEmpty)));
        assert_eq!(checked_size(10, 10).unwrap(), 10);
        assert!(matches!(checked_size(11, 10), Err(Error::UploadTooLarge { limit: 10 })));
    }
}
