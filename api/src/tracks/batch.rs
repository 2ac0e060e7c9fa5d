//! `POST /v1/tracks/batch`.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use store::tracks::{self, Created};
use store::{UserId, quotas};
use utoipa::ToSchema;

use super::body::{TrackBody, VisibilityBody};
use super::fields;
use super::form::{self, Form, MAX_OVERHEAD_BYTES};
use super::uploaded;
use crate::body::Paced;
use crate::error::{Error, Result};
use crate::extract::Json;
use crate::file_name;
use crate::identity::{Caller, TracksWrite};
use crate::jobs::JobBody;
use crate::multipart::{Part, Reader, boundary};
use crate::problem::Problem;
use crate::request::{Ids, RequestIds};
use crate::state;

/// Where many recordings are uploaded at once.
pub(crate) const BATCH_PATH: &str = "/v1/tracks/batch";

/// Recordings that one body may hold, in size.
const MAX_WHOLE: u64 = 128;

/// The form of many uploads.
#[derive(ToSchema)]
#[schema(as = Batch)]
#[expect(dead_code, reason = "only describes the form in the OpenAPI document")]
pub(crate) struct BatchForm {
    /// The recordings, each a part `file`; at most 128 parts in all.
    #[schema(value_type = Vec<String>, format = Binary)]
    file: Vec<Vec<u8>>,
    /// The artist of the files that follow, at most 1024 bytes.
    artist: Option<String>,
    /// The tags of the files that follow, separated by commas; at most 64.
    #[schema(example = "jazz,piano")]
    tags: Option<String>,
    /// Of the files that follow: `private` unless told, or `listed`.
    #[schema(inline)]
    visibility: Option<VisibilityBody>,
}

/// What became of one file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BatchItem)]
pub(crate) struct ItemBody {
    /// Name of the file, cleaned; `null` also where what was wrong was no file.
    file_name: Option<String>,
    /// What the answer would have been, had the file come alone.
    #[schema(example = 202)]
    status: u16,
    /// The track.
    track: Option<TrackBody>,
    /// The job that analyses it; `null` if that is done already.
    job: Option<JobBody>,
    /// Why there is no track.
    error: Option<Problem>,
}

/// What became of the files.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BatchUploaded)]
pub(crate) struct BatchBody {
    /// One for each, in order.
    items: Vec<ItemBody>,
}

/// Upload many recordings.
///
/// Each file is a track of its own as soon as it is there, and one that is refused does not keep the others from it. `artist`, `tags` and `visibility` hold for
/// the files after them. What breaks the form itself ends it: the last item says so, and the files before it stay.
#[utoipa::path(
    post,
    path = BATCH_PATH,
    tag = "tracks",
    operation_id = "tracks.batch",
    security(("token" = ["tracks:write"])),
    request_body(content = BatchForm, content_type = "multipart/form-data"),
    responses(
        (status = 202, description = "At least one is stored and queued", body = BatchBody),
        (status = 200, description = "None of them is new", body = BatchBody),
        (status = 400, description = "`malformed_multipart`, before any file", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "`request_timeout`, before any file", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`upload_too_large`, before any file", body = Problem, content_type = "application/problem+json"),
        (status = 415, description = "`unsupported_media_type`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`upload_empty`, `upload_missing_file`, `invalid_field`, before any file", body = Problem, content_type = "application/problem+json"),
    )
)]
#[tracing::instrument(name = "api.tracks.batch", skip_all)]
pub(crate) async fn batch(
    caller: Caller<TracksWrite>,
    State(state): State<state::State>,
    ids: RequestIds,
    request: Request,
) -> Result<Response> {
    let (parts, body) = request.into_parts();
    let content_type = parts.headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let boundary = boundary(content_type.unwrap_or_default())
        .ok_or(Error::UnsupportedMediaType { expected: "multipart/form-data with a boundary" })?;
    let whole = state.config.max_upload_bytes.saturating_add(MAX_OVERHEAD_BYTES);
    let body = Paced::new(body, whole.saturating_mul(MAX_WHOLE), state.config.body_timeout());
    let batch = Batch {
        state: &state,
        user: caller.user_id,
        ids: &ids,
        reader: Reader::new(body, &boundary),
        words: Words::default(),
    };
    let items = batch.read().await?;
    let is_queued = items.iter().any(|item| item.status == StatusCode::ACCEPTED);
    let status = if is_queued { StatusCode::ACCEPTED } else { StatusCode::OK };
    Ok((status, Json(BatchBody { items })).into_response())
}

/// What is said of the files that follow.
#[derive(Debug, Clone, Default)]
struct Words {
    artist: Option<String>,
    tags: Vec<String>,
    visibility: VisibilityBody,
}

struct Batch<'a> {
    state: &'a state::State,
    user: UserId,
    ids: &'a Ids,
    reader: Reader,
    words: Words,
}

impl Batch<'_> {
    /// Reads the form to its end, or to where it breaks.
    async fn read(mut self) -> Result<Vec<ItemBody>> {
        let mut items = Vec::new();
        loop {
            match self.next().await {
                Ok(Some(item)) => items.push(item),
                Ok(None) if items.is_empty() => return Err(Error::UploadMissingFile),
                Ok(None) => return Ok(items),
                Err(error) if items.is_empty() => return Err(error),
                Err(error) => {
                    items.push(self.refused(None, &error));
                    return Ok(items);
                }
            }
        }
    }

    /// What became of the next file; `None` after the last one.
    async fn next(&mut self) -> Result<Option<ItemBody>> {
        let max_bytes = self.state.config.max_upload_bytes;
        loop {
            let part = self.reader.next_part().await;
            let part = part.map_err(|error| form::refused(error, &self.reader, max_bytes))?;
            let Some(part) = part else { return Ok(None) };
            if part.name == "file" {
                return self.file(&part).await.map(Some);
            }
            let text = form::text(&mut self.reader, &part, max_bytes).await?;
            match part.name.as_str() {
                "artist" => self.words.artist = fields::text("artist", &text)?,
                "tags" => self.words.tags = fields::tags("tags", text.split(','))?,
                "visibility" => self.words.visibility = form::visibility(&text)?,
                _ => {
                    let rule = "may hold files, artist, tags and visibility only";
                    return Err(Error::invalid("the form", rule));
                }
            }
        }
    }

    /// Takes one file. What is wrong with it alone is its item; what is wrong with the form is an error.
    async fn file(&mut self, part: &Part) -> Result<ItemBody> {
        let file_name = part.file_name.as_deref().and_then(file_name::cleaned);
        match self.stored(part, file_name.clone()).await {
            Ok(created) => Ok(made(created)),
            Err(error @ (Error::MalformedMultipart(_) | Error::RequestTimeout)) => Err(error),
            Err(error) => {
                tracing::debug!("a file of a batch is refused: {error}");
                Ok(self.refused(file_name, &error))
            }
        }
    }

    async fn stored(&mut self, part: &Part, file_name: Option<String>) -> Result<Created> {
        let (store, config) = (&self.state.store, &self.state.config);
        let quota = config.quota.into();
        quotas::check(store, self.user, quota, 0).await?;
        let form = Form {
            staged: form::stage(store, &mut self.reader, config.max_upload_bytes).await?,
            file_name,
            content_type: part.content_type.as_deref().and_then(form::content_type),
            title: None,
            artist: self.words.artist.clone(),
            tags: self.words.tags.clone(),
            visibility: self.words.visibility,
        };
        let new = form.into_track(self.user, Some(self.ids.trace_id.clone()), quota);
        let created = tracks::create(store, new).await;
        uploaded::settled(self.state, self.user, created).await
    }

    fn refused(&self, file_name: Option<String>, error: &Error) -> ItemBody {
        let code = error.code();
        let error = Problem::new(code, error.detail(), &self.ids.request_id);
        ItemBody {
            file_name,
            status: code.status().as_u16(),
            track: None,
            job: None,
            error: Some(error),
        }
    }
}

fn made(created: Created) -> ItemBody {
    ItemBody {
        file_name: created.track.file_name.clone(),
        status: uploaded::status(&created).as_u16(),
        track: Some(created.track.into()),
        job: created.job.map(JobBody::from),
        error: None,
    }
}
