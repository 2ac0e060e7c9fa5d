//! `PUT /v1/uploads/{id}/parts/{number}`.

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use store::uploads::{self, PartStaging, Protocol, UploadState};
use store::{Sha256, UploadId};

use super::get::upload_by;
use crate::body::{BodyError, Paced};
use crate::error::{Error, Result};
use crate::etag;
use crate::extract::Path;
use crate::identity::{Caller, TracksWrite};
use crate::problem::Problem;
use crate::state;

/// Where a part is put, where there is no object store to put it to.
pub(crate) const PART_PATH: &str = "/v1/uploads/{id}/parts/{number}";

/// Put a part.
///
/// For where there is no object store that takes it (`POST /v1/uploads` tells where each part goes); it works everywhere. A part that is there is replaced, once
/// the whole of the new one has arrived.
#[utoipa::path(
    put,
    path = PART_PATH,
    tag = "uploads",
    operation_id = "uploads.put_part",
    params(
        ("id" = String, Path, description = "Id of the upload"),
        ("number" = u32, Path, description = "Number of the part, from 1 on"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    security(("token" = ["tracks:write"])),
    responses(
        (status = 200, description = "The part is there", headers(("ETag" = String, description = "SHA-256 of its bytes"))),
        (status = 400, description = "`malformed_multipart`: the body broke off", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "`request_timeout`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`upload_busy`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`upload_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`invalid_field`: it has fewer bytes than it must", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.uploads.put_part", skip_all, fields(upload.id = %id))]
pub(crate) async fn put_part(
    caller: Caller<TracksWrite>,
    Path((id, number)): Path<(UploadId, u32)>,
    State(state): State<state::State>,
    request: Request,
) -> Result<Response> {
    let upload = upload_by(&state.store, caller.user_id, id, Protocol::Parts).await?;
    if upload.state == UploadState::Done {
        return Err(store::Error::UploadBusy.into());
    }
    let n_bytes = upload.bytes_of_part(number).ok_or(Error::NotFound)?;
    let body = Paced::new(request.into_body(), n_bytes, state.config.body_timeout());
    let staging = uploads::stage_part(&state.store, &upload, number, n_bytes)?;
    let sha256 = receive(staging, body, n_bytes).await?;
    Ok((StatusCode::OK, [(header::ETAG, etag::quoted(&sha256.to_string()))]).into_response())
}

async fn receive(mut staging: PartStaging, mut body: Paced, n_bytes: u64) -> Result<Sha256> {
    match fill(&mut staging, &mut body, n_bytes).await {
        Ok(()) => Ok(staging.finish().await?),
        Err(error) => {
            staging.abort().await;
            Err(error)
        }
    }
}

async fn fill(staging: &mut PartStaging, body: &mut Paced, n_bytes: u64) -> Result<()> {
    while let Some(chunk) = body.chunk().await.map_err(|error| match error {
        BodyError::TooLarge { limit } => Error::UploadTooLarge { limit },
        error => error.into(),
    })? {
        staging.write(&chunk).await?;
    }
    if body.n_bytes() == n_bytes {
        Ok(())
    } else {
        let rule = format!("must have {n_bytes} bytes, not {}", body.n_bytes());
        Err(Error::invalid("the part", rule))
    }
}
