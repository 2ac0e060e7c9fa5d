//! A track as JSON.

use serde::{Deserialize, Serialize};
use store::TrackId;
use store::tracks::{Track, TrackState, Visibility};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::failure::FailureBody;

/// How far a track is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TrackState)]
pub(crate) enum StateBody {
    /// Waits for a worker.
    Queued,
    /// A worker is at it.
    Analyzing,
    /// The report exists.
    Analyzed,
    /// There will be no report; `error` says why.
    Failed,
}

impl From<TrackState> for StateBody {
    fn from(state: TrackState) -> Self {
        match state {
            TrackState::Queued => Self::Queued,
            TrackState::Analyzing => Self::Analyzing,
            TrackState::Analyzed => Self::Analyzed,
            TrackState::Failed => Self::Failed,
        }
    }
}

impl From<StateBody> for TrackState {
    fn from(state: StateBody) -> Self {
        match state {
            StateBody::Queued => Self::Queued,
            StateBody::Analyzing => Self::Analyzing,
            StateBody::Analyzed => Self::Analyzed,
            StateBody::Failed => Self::Failed,
        }
    }
}

/// Whether others may be told of a track.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Visibility)]
pub(crate) enum VisibilityBody {
    /// Only its owner knows of it.
    #[default]
    Private,
    /// It counts in its owner's profile, and a match of people may name it.
    Listed,
}

impl From<Visibility> for VisibilityBody {
    fn from(visibility: Visibility) -> Self {
        match visibility {
            Visibility::Private => Self::Private,
            Visibility::Listed => Self::Listed,
        }
    }
}

impl From<VisibilityBody> for Visibility {
    fn from(visibility: VisibilityBody) -> Self {
        match visibility {
            VisibilityBody::Private => Self::Private,
            VisibilityBody::Listed => Self::Listed,
        }
    }
}

/// One uploaded recording.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Track)]
pub(crate) struct TrackBody {
    /// Its id.
    #[schema(value_type = String, min_length = 22, max_length = 22, example = "000Xh3fYk0lqkD1vW8tB2m")]
    id: TrackId,
    /// How far it is.
    state: StateBody,
    /// Title, as given or changed.
    #[schema(example = "Take Five")]
    title: Option<String>,
    /// Artist, as given or changed.
    artist: Option<String>,
    /// Tags in lower case, sorted.
    #[schema(example = json!(["jazz", "piano"]))]
    tags: Vec<String>,
    /// Whether others may be told of it.
    visibility: VisibilityBody,
    /// How much it counts in its owner's profile while it is listed, 0 to 10.
    #[schema(minimum = 0, maximum = 10, example = 1.0)]
    weight: f64,
    /// Name of the uploaded file, cleaned.
    file_name: Option<String>,
    /// Type that the client gave for the file.
    content_type: Option<String>,
    /// Size of the file.
    #[schema(example = 4_718_592)]
    n_bytes: u64,
    /// SHA-256 of the file, hexadecimal.
    #[schema(min_length = 64, max_length = 64)]
    sha256: String,
    /// Length in seconds, once it is analysed.
    #[schema(example = 324.1)]
    duration_s: Option<f64>,
    /// Tags inside the file, once it is analysed.
    #[schema(value_type = Option<Object>)]
    media: Option<serde_json::Value>,
    /// Why it failed.
    error: Option<FailureBody>,
    /// When it was uploaded.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    created_at: OffsetDateTime,
    /// When it last changed.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    updated_at: OffsetDateTime,
    /// Grows with each `PATCH`, which `If-Match: "v<version>"` guards.
    #[schema(example = 1)]
    version: i64,
}

impl From<Track> for TrackBody {
    fn from(track: Track) -> Self {
        Self {
            id: track.id,
            state: track.state.into(),
            title: track.title,
            artist: track.artist,
            tags: track.tags,
            visibility: track.visibility.into(),
            weight: track.weight,
            file_name: track.file_name,
            content_type: track.content_type,
            n_bytes: track.n_bytes,
            sha256: track.blob_sha256.to_string(),
            duration_s: track.duration_s,
            media: track.media,
            error: FailureBody::new(track.error_code, track.error_detail),
            created_at: track.created_at,
            updated_at: track.updated_at,
            version: track.version,
        }
    }
}
