//! The form of an upload, read from the network straight into the blob store.

use store::blobs::{Staged, Staging};
use store::tracks::{NewTrack, Origin};
use store::{Quota, Sha256, Store, UserId, Visibility};

use super::body::VisibilityBody;
use super::fields;
use crate::error::{Error, Result};
use crate::multipart::{self, Part, Reader};
use crate::{file_name, idempotency};

/// Largest text field; tags may come in one field.
const MAX_FIELD_BYTES: usize = 8 << 10;
/// Longest type that is kept.
const MAX_CONTENT_TYPE_BYTES: usize = 127;
/// What a form may hold besides the file.
pub(super) const MAX_OVERHEAD_BYTES: u64 = 64 << 10;

/// A form whose file is staged.
pub(super) struct Form {
    pub(super) staged: Staged,
    pub(super) file_name: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) title: Option<String>,
    pub(super) artist: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) visibility: VisibilityBody,
}

impl Form {
    /// What tells two forms apart: words and bytes, however they were sent.
    pub(super) fn fingerprint(&self, route: &str) -> Sha256 {
        let visibility = Visibility::from(self.visibility).as_str();
        let words = (&self.title, &self.artist, &self.tags, visibility);
        let file = (&self.file_name, &self.content_type, self.staged.sha256.to_string());
        let asked = serde_json::to_vec(&(words, file)).expect("these are texts");
        idempotency::fingerprint(route, &asked)
    }

    /// The track to be made of it.
    pub(super) fn into_track(
        self,
        owner_id: UserId,
        trace_id: Option<String>,
        quota: Quota,
    ) -> NewTrack {
        NewTrack {
            owner_id,
            staged: self.staged,
            file_name: self.file_name,
            content_type: self.content_type,
            title: self.title,
            artist: self.artist,
            tags: self.tags,
            visibility: self.visibility.into(),
            trace_id,
            quota,
            origin: Origin::Request,
        }
    }
}

#[derive(Default)]
struct Draft {
    staged: Option<Staged>,
    file_name: Option<String>,
    content_type: Option<String>,
    title: Option<String>,
    artist: Option<String>,
    tags: Vec<String>,
    visibility: VisibilityBody,
}

/// Reads the whole form. On an error nothing stays in the blob store.
pub(super) async fn read(store: &Store, reader: &mut Reader, max_bytes: u64) -> Result<Form> {
    let mut draft = Draft::default();
    while let Some(part) =
        reader.next_part().await.map_err(|error| refused(error, reader, max_bytes))?
    {
        match part.name.as_str() {
            "file" if draft.staged.is_some() => return Err(Error::UploadManyFiles),
            "file" => {
                draft.staged = Some(stage(store, reader, max_bytes).await?);
                draft.file_name = part.file_name.as_deref().and_then(file_name::cleaned);
                draft.content_type = part.content_type.as_deref().and_then(content_type);
            }
            "title" => draft.title = fields::text("title", &text(reader, &part, max_bytes).await?)?,
            "artist" => {
                draft.artist = fields::text("artist", &text(reader, &part, max_bytes).await?)?;
            }
            "tags" => {
                let tags = text(reader, &part, max_bytes).await?;
                draft.tags.extend(tags.split(',').map(str::to_owned));
            }
            "visibility" => {
                draft.visibility = visibility(&text(reader, &part, max_bytes).await?)?;
            }
            _ => {
                return Err(Error::invalid(
                    "the form",
                    "may hold file, title, artist, tags and visibility only",
                ));
            }
        }
    }
    let tags = fields::tags("tags", draft.tags.iter().map(String::as_str))?;
    let staged = match draft.staged {
        Some(staged) => staged,
        None if reader.n_bytes() == 0 => return Err(Error::UploadEmpty),
        None => return Err(Error::UploadMissingFile),
    };
    Ok(Form {
        staged,
        file_name: draft.file_name,
        content_type: draft.content_type,
        title: draft.title,
        artist: draft.artist,
        tags,
        visibility: draft.visibility,
    })
}

/// Streams the current part into the blob store.
pub(super) async fn stage(store: &Store, reader: &mut Reader, max_bytes: u64) -> Result<Staged> {
    let mut staging = store.blobs().stage(max_bytes).await?;
    match fill(&mut staging, reader, max_bytes).await {
        Ok(0) => {
            staging.abort().await;
            Err(Error::UploadEmpty)
        }
        Ok(_) => Ok(staging.finish().await?),
        Err(error) => {
            staging.abort().await;
            Err(error)
        }
    }
}

async fn fill(staging: &mut Staging, reader: &mut Reader, max_bytes: u64) -> Result<u64> {
    let mut n_bytes = 0;
    while let Some(chunk) =
        reader.chunk().await.map_err(|error| refused(error, reader, max_bytes))?
    {
        n_bytes += chunk.len() as u64;
        staging.write(&chunk).await.map_err(|error| match error {
            store::Error::TooLarge { limit } => Error::UploadTooLarge { limit },
            other => other.into(),
        })?;
    }
    Ok(n_bytes)
}

/// A text field.
pub(super) async fn text(reader: &mut Reader, part: &Part, max_bytes: u64) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(chunk) =
        reader.chunk().await.map_err(|error| refused(error, reader, max_bytes))?
    {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_FIELD_BYTES {
            let rule = format!("must have at most {MAX_FIELD_BYTES} bytes");
            return Err(Error::invalid(&part.name, rule));
        }
    }
    String::from_utf8(bytes).map_err(|_| Error::invalid(&part.name, "must be UTF-8"))
}

/// Whether others may be told of the track.
pub(crate) fn visibility(text: &str) -> Result<VisibilityBody> {
    match text.trim() {
        "private" => Ok(VisibilityBody::Private),
        "listed" => Ok(VisibilityBody::Listed),
        _ => Err(Error::invalid("visibility", "must be private or listed")),
    }
}

pub(super) fn refused(error: multipart::Error, reader: &Reader, max_bytes: u64) -> Error {
    match error {
        multipart::Error::Malformed(_) if reader.n_bytes() == 0 => Error::UploadEmpty,
        multipart::Error::Malformed(reason) => Error::MalformedMultipart(reason),
        multipart::Error::Body(crate::body::BodyError::TooLarge { .. }) => {
            Error::UploadTooLarge { limit: max_bytes }
        }
        multipart::Error::Body(error) => error.into(),
    }
}

/// The client's type of the file, if it looks like one.
pub(crate) fn content_type(value: &str) -> Option<String> {
    let is_plausible = value.len() <= MAX_CONTENT_TYPE_BYTES
        && value.contains('/')
        && value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    is_plausible.then(|| value.to_ascii_lowercase())
}
