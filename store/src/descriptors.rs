//! Descriptors: what matching reads of a track. Descriptors of different versions are never given together.

use crate::db::{Connection, fetch_all, fetch_one, fetch_optional};
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

/// A page of an owner's descriptors of a version, by track, after `after`.
///
/// # Errors
///
/// When the database fails.
pub async fn page(
    store: &Store,
    owner: UserId,
    version: u32,
    after: Option<TrackId>,
    limit: u32,
) -> Result<Vec<StoredDescriptor>> {
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        Row,
        "select d.track_id, d.owner_id, d.bytes, d.embedding, t.tags
         from descriptors d join tracks t on t.id = d.track_id
         where d.owner_id = $1 and d.descriptor_version = $2 and d.track_id > $3
         order by d.track_id limit $4",
        owner,
        i64::from(version),
        after.unwrap_or(TrackId::from_u128(0)),
        i64::from(limit)
    )?;
    rows.into_iter().map(StoredDescriptor::try_from).collect()
}

/// The descriptors of a version for these tracks of an owner; nothing for a track that has none.
///
/// # Errors
///
/// When the database fails.
pub async fn of(
    store: &Store,
    owner: UserId,
    tracks: &[TrackId],
    version: u32,
) -> Result<Vec<StoredDescriptor>> {
    let mut reader = store.reader().await?;
    let version = i64::from(version);
    let rows: Vec<Row> = match reader.connection() {
        Connection::Sqlite(connection) => {
            let mut rows = Vec::with_capacity(tracks.len());
            for track in tracks {
                let row = sqlx::query_as(OF_TRACK).bind(track).bind(version).bind(owner);
                rows.extend(row.fetch_optional(&mut *connection).await?);
            }
            rows
        }
        Connection::Postgres(connection) => {
            let ids: Vec<uuid::Uuid> =
                tracks.iter().map(|track| uuid::Uuid::from_u128(track.as_u128())).collect();
            sqlx::query_as(
                "select d.track_id, d.owner_id, d.bytes, d.embedding, t.tags
                 from descriptors d join tracks t on t.id = d.track_id
                 where d.track_id = any($1) and d.descriptor_version = $2 and d.owner_id = $3",
            )
            .bind(ids)
            .bind(version)
            .bind(owner)
            .fetch_all(connection)
            .await?
        }
    };
    rows.into_iter().map(StoredDescriptor::try_from).collect()
}

const OF_TRACK: &str = "
    select d.track_id, d.owner_id, d.bytes, d.embedding, t.tags
    from descriptors d join tracks t on t.id = d.track_id
    where d.track_id = $1 and d.descriptor_version = $2 and d.owner_id = $3";

/// How many descriptors of a version an owner has.
///
/// # Errors
///
/// When the database fails.
pub async fn n_of(store: &Store, owner: UserId, version: u32) -> Result<u64> {
    let mut reader = store.reader().await?;
    let (n,) = fetch_one!(
        reader,
        (i64,),
        "select count(*) from descriptors where owner_id = $1 and descriptor_version = $2",
        owner,
        i64::from(version)
    )?;
    Ok(n.unsigned_abs())
}

/// Analysed tracks of an owner that have no descriptor of this version and analysis version: they are compared with nothing of today.
///
/// # Errors
///
/// When the database fails.
pub async fn n_stale(
    store: &Store,
    owner: UserId,
    version: u32,
    analysis_version: u32,
) -> Result<u64> {
    let mut reader = store.reader().await?;
    let (n,) = fetch_one!(
        reader,
        (i64,),
        "select count(*) from tracks t
         where t.owner_id = $1 and exists (select 1 from descriptors d where d.track_id = t.id)
           and not exists (select 1 from descriptors d where d.track_id = t.id and d.descriptor_version = $2
                           and d.analysis_version = $3)",
        owner,
        i64::from(version),
        i64::from(analysis_version)
    )?;
    Ok(n.unsigned_abs())
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
