//! The row of a track.

use serde_json::Value;
use time::OffsetDateTime;

use crate::clock::us_to_time;
use crate::db::{Tx, execute};
use crate::text_enum::text_enum;
use crate::{Error, Result, Sha256, TrackId, UserId};

text_enum! {
    /// How far a track has come.
    pub enum TrackState {
        /// Waits for its analysis.
        Queued = "queued",
        /// Is being analysed.
        Analyzing = "analyzing",
        /// Has a report.
        Analyzed = "analyzed",
        /// Could not be analysed; `error_code` says why.
        Failed = "failed",
    }
}

text_enum! {
    /// Whether others may be told of a track.
    pub enum Visibility {
        /// Only its owner knows of it.
        Private = "private",
        /// It counts in its owner's profile, and a match of people may name it.
        Listed = "listed",
    }
}

/// One uploaded recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// Its id.
    pub id: TrackId,
    /// Whose it is.
    pub owner_id: UserId,
    /// The bytes.
    pub blob_sha256: Sha256,
    /// Their number.
    pub n_bytes: u64,
    /// What the uploader called the file.
    pub file_name: Option<String>,
    /// What the uploader said the bytes are.
    pub content_type: Option<String>,
    /// Title, as the owner gave it.
    pub title: Option<String>,
    /// Artist, as the owner gave it.
    pub artist: Option<String>,
    /// Tags, sorted, each once.
    pub tags: Vec<String>,
    /// Whether others may be told of it.
    pub visibility: Visibility,
    /// How much it counts in its owner's profile, 0 to 10.
    pub weight: f64,
    /// How far it has come.
    pub state: TrackState,
    /// Why it failed: a stable code.
    pub error_code: Option<String>,
    /// Why it failed, for people.
    pub error_detail: Option<String>,
    /// The tags of the container.
    pub media: Option<Value>,
    /// Length in seconds, once analysed.
    pub duration_s: Option<f64>,
    /// When it was uploaded.
    pub created_at: OffsetDateTime,
    /// When the row last changed.
    pub updated_at: OffsetDateTime,
    /// Counts the changes that owners made.
    pub version: i64,
}

macro_rules! track_columns {
    () => {
        "id, owner_id, blob_sha256, n_bytes, file_name, content_type, title, artist, tags, visibility, weight, state, error_code, \
         error_detail, media, duration_s, created_at_us, updated_at_us, version"
    };
}
pub(super) use track_columns;

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: TrackId,
    owner_id: UserId,
    blob_sha256: Vec<u8>,
    n_bytes: i64,
    file_name: Option<String>,
    content_type: Option<String>,
    title: Option<String>,
    artist: Option<String>,
    tags: String,
    visibility: String,
    weight: f64,
    state: String,
    error_code: Option<String>,
    error_detail: Option<String>,
    media: Option<String>,
    duration_s: Option<f64>,
    created_at_us: i64,
    updated_at_us: i64,
    version: i64,
}

fn inconsistent(column: &'static str) -> Error {
    Error::Inconsistent { table: "tracks", column }
}

impl TryFrom<Row> for Track {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            owner_id: row.owner_id,
            blob_sha256: Sha256::from_column(&row.blob_sha256, "tracks", "blob_sha256")?,
            n_bytes: u64::try_from(row.n_bytes).map_err(|_| inconsistent("n_bytes"))?,
            file_name: row.file_name,
            content_type: row.content_type,
            title: row.title,
            artist: row.artist,
            tags: serde_json::from_str(&row.tags).map_err(|_| inconsistent("tags"))?,
            visibility: row.visibility.parse().map_err(|_| inconsistent("visibility"))?,
            weight: row.weight,
            state: row.state.parse().map_err(|_| inconsistent("state"))?,
            error_code: row.error_code,
            error_detail: row.error_detail,
            media: row
                .media
                .map(|media| serde_json::from_str(&media))
                .transpose()
                .map_err(|_| inconsistent("media"))?,
            duration_s: row.duration_s,
            created_at: us_to_time(row.created_at_us),
            updated_at: us_to_time(row.updated_at_us),
            version: row.version,
        })
    }
}

/// Tags as they are stored: trimmed, sorted, each once, as a JSON array.
pub(super) fn tags_to_text(tags: &[String]) -> String {
    let mut tags: Vec<String> =
        tags.iter().map(|tag| without_nul(tag.trim())).filter(|tag| !tag.is_empty()).collect();
    tags.sort_unstable();
    tags.dedup();
    serde_json::Value::from(tags).to_string()
}

/// PostgreSQL cannot hold U+0000 in a text.
pub(crate) fn without_nul(text: &str) -> String {
    text.replace('\0', "")
}

/// Says how far a track has come, and if it failed, why.
pub(crate) async fn set_state(
    tx: &mut Tx,
    id: TrackId,
    state: TrackState,
    error: Option<(&str, &str)>,
) -> Result<bool> {
    let now = tx.now_us();
    let n_rows = execute!(
        tx,
        "update tracks set state = $1, error_code = $2, error_detail = $3, updated_at_us = $4 where id = $5",
        state.as_str(),
        error.map(|(code, _)| code),
        error.map(|(_, detail)| without_nul(detail)),
        now,
        id
    )?;
    Ok(n_rows == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_trimmed_sorted_and_unique() {
        let tags = ["waltz", " fiddle ", "waltz", "", "a\0b"].map(String::from);
        assert_eq!(tags_to_text(&tags), r#"["ab","fiddle","waltz"]"#);
    }
}
