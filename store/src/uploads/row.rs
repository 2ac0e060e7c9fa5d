//! The row of an upload.

use time::OffsetDateTime;

use crate::clock::us_to_time;
use crate::text_enum::text_enum;
use crate::{Error, Result, Sha256, TrackId, UploadId, UserId, Visibility};

text_enum! {
    /// How the bytes of an upload come.
    pub enum Protocol {
        /// As parts of a size that is fixed beforehand, in any order.
        Parts = "parts",
        /// By tus: in order, each request from where the one before ended.
        Tus = "tus",
    }
}

text_enum! {
    /// How far an upload is. One that was given up or has expired is not there any more.
    pub enum UploadState {
        /// Bytes are missing, or nobody has said that none are.
        Open = "open",
        /// The bytes are put together.
        Completing = "completing",
        /// It has led to a track.
        Done = "done",
    }
}

/// What an uploader says of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// What the uploader called the file.
    pub file_name: Option<String>,
    /// What the uploader said the bytes are.
    pub content_type: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// Artist.
    pub artist: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Whether others may be told of the track.
    pub visibility: Visibility,
}

/// An upload that comes in pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its id.
    pub id: UploadId,
    /// Whose it is.
    pub owner_id: UserId,
    /// How its bytes come.
    pub protocol: Protocol,
    /// Bytes of the whole, as announced.
    pub n_bytes: u64,
    /// Bytes of every part but the last; 0 for [`Protocol::Tus`].
    pub part_bytes: u64,
    /// What its uploader says of it.
    pub words: Words,
    /// SHA-256 of the whole, if it was announced.
    pub sha256: Option<Sha256>,
    /// What a client of tus wrote beside it.
    pub metadata: Option<String>,
    /// Bytes that are safe; 0 for [`Protocol::Parts`].
    pub offset_bytes: u64,
    /// Pieces that they lie in; 0 for [`Protocol::Parts`].
    pub n_pieces: u64,
    /// How far it is.
    pub state: UploadState,
    /// What became of it, unless that was deleted.
    pub track_id: Option<TrackId>,
    /// When it was begun.
    pub created_at: OffsetDateTime,
    /// When it ends, done or not.
    pub expires_at: OffsetDateTime,
}

macro_rules! upload_columns {
    () => {
        "id, owner_id, protocol, n_bytes, part_bytes, file_name, content_type, title, artist, tags, visibility, sha256, metadata, \
         offset_bytes, n_pieces, state, completing_until_us, track_id, created_at_us, expires_at_us"
    };
}
pub(super) use upload_columns;

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: UploadId,
    owner_id: UserId,
    protocol: String,
    n_bytes: i64,
    part_bytes: i64,
    file_name: Option<String>,
    content_type: Option<String>,
    title: Option<String>,
    artist: Option<String>,
    tags: String,
    visibility: String,
    sha256: Option<Vec<u8>>,
    metadata: Option<String>,
    offset_bytes: i64,
    n_pieces: i64,
    state: String,
    completing_until_us: i64,
    track_id: Option<TrackId>,
    created_at_us: i64,
    expires_at_us: i64,
}

fn inconsistent(column: &'static str) -> Error {
    Error::Inconsistent { table: "uploads", column }
}

fn count(value: i64, column: &'static str) -> Result<u64> {
    u64::try_from(value).map_err(|_| inconsistent(column))
}

impl Row {
    /// The upload as it is at `now_us`.
    pub(super) fn at(self, now_us: i64) -> Result<Upload> {
        let sha256 = self.sha256.as_deref();
        let sha256 = sha256.map(|bytes| Sha256::from_column(bytes, "uploads", "sha256"));
        let state: UploadState = self.state.parse().map_err(|_| inconsistent("state"))?;
        let state = match state {
            UploadState::Open if self.completing_until_us > now_us => UploadState::Completing,
            state => state,
        };
        Ok(Upload {
            id: self.id,
            owner_id: self.owner_id,
            protocol: self.protocol.parse().map_err(|_| inconsistent("protocol"))?,
            n_bytes: count(self.n_bytes, "n_bytes")?,
            part_bytes: count(self.part_bytes, "part_bytes")?,
            words: Words {
                file_name: self.file_name,
                content_type: self.content_type,
                title: self.title,
                artist: self.artist,
                tags: serde_json::from_str(&self.tags).map_err(|_| inconsistent("tags"))?,
                visibility: self.visibility.parse().map_err(|_| inconsistent("visibility"))?,
            },
            sha256: sha256.transpose()?,
            metadata: self.metadata,
            offset_bytes: count(self.offset_bytes, "offset_bytes")?,
            n_pieces: count(self.n_pieces, "n_pieces")?,
            state,
            track_id: self.track_id,
            created_at: us_to_time(self.created_at_us),
            expires_at: us_to_time(self.expires_at_us),
        })
    }
}
