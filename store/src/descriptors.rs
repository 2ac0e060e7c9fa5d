//! Descriptors: what matching reads of a track. Descriptors of different versions are never given together.

use crate::db::{fetch_all, fetch_optional};
use crate::{Error, Result, Store, TrackId, UserId};

/// A descriptor with what matching needs beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDescriptor {
    /// The track.
    pub track_id: TrackId,
    /// Whose it is.
    pub owner_id: UserId,
    /// The descriptor's bytes.
    pub bytes: Vec<u8>,
    /// The bytes of the embedding, if there is one.
    pub embedding: Option<Vec<u8>>,
    /// The track's tags, sorted, each once.
    pub tags: Vec<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    track_id: TrackId,
    owner_id: UserId,
    bytes: Vec<u8>,
    embedding: Option<Vec<u8>>,
    tags: String,
}

impl TryFrom<Row> for StoredDescriptor {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            track_id: row.track_id,
            owner_id: row.owner_id,
            bytes: row.bytes,
            embedding: row.embedding,
            tags: serde_json::from_str(&row.tags)
                .map_err(|_| Error::Inconsistent { table: "tracks", column: "tags" })?,
        })
    }
}

/// All descriptors of a version, by track.
///
/// # Errors
///
/// When the database fails.
pub async fn all(store: &Store, version: u32) -> Result<Vec<StoredDescriptor>> {
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        Row,
        "select d.track_id, d.owner_id, d.bytes, d.embedding, t.tags
         from descriptors d join tracks t on t.id = d.track_id
         where d.descriptor_version = $1 order by d.track_id",
        i64::from(version)
    )?;
    rows.into_iter().map(StoredDescriptor::try_from).collect()
}

/// The descriptor of a version for a track of this owner.
///
/// # Errors
///
/// When the database fails.
pub async fn get(
    store: &Store,
    owner: UserId,
    track: TrackId,
    version: u32,
) -> Result<Option<StoredDescriptor>> {
    let mut reader = store.reader().await?;
    fetch_optional!(
        reader,
        Row,
        "select d.track_id, d.owner_id, d.bytes, d.embedding, t.tags
         from descriptors d join tracks t on t.id = d.track_id
         where d.descriptor_version = $1 and d.track_id = $2 and d.owner_id = $3",
        i64::from(version),
        track,
        owner
    )?
    .map(StoredDescriptor::try_from)
    .transpose()
}
