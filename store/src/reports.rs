//! Reports: what an analysis found, word for word, never changed; and the details beside them.

use serde_json::Value;
use time::OffsetDateTime;

use crate::clock::us_to_time;
use crate::db::{Connection, fetch_optional};
use crate::{Error, Result, Store, TrackId, UserId};

/// A report as it was stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredReport {
    /// The report, byte for byte as the analysis wrote it.
    pub json: String,
    /// The version of the code that made it.
    pub analysis_version: u32,
    /// When it was stored.
    pub created_at: OffsetDateTime,
    /// What each stage of the analysis took.
    pub stages: Value,
}

#[derive(sqlx::FromRow)]
struct Row {
    track_id: TrackId,
    json: String,
    analysis_version: i64,
    stages: String,
    created_at_us: i64,
}

impl TryFrom<Row> for StoredReport {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let inconsistent = |column| Error::Inconsistent { table: "reports", column };
        Ok(Self {
            json: row.json,
            analysis_version: u32::try_from(row.analysis_version)
                .map_err(|_| inconsistent("analysis_version"))?,
            created_at: us_to_time(row.created_at_us),
            stages: serde_json::from_str(&row.stages).map_err(|_| inconsistent("stages"))?,
        })
    }
}

const OF_TRACK: &str = "
    select track_id, json, analysis_version, stages, created_at_us from reports
    where track_id = $1 and owner_id = $2 order by analysis_version desc limit 1";

/// The report of the newest analysis version for a track of this owner.
///
/// # Errors
///
/// When the database fails.
pub async fn get(store: &Store, owner: UserId, track: TrackId) -> Result<Option<StoredReport>> {
    let mut reader = store.reader().await?;
    let row = fetch_optional!(reader, Row, OF_TRACK, track, owner)?;
    row.map(StoredReport::try_from).transpose()
}

/// The reports of the newest analysis versions for these tracks of an owner, in any order; nothing for a track that has none.
///
/// # Errors
///
/// When the database fails.
pub async fn of(
    store: &Store,
    owner: UserId,
    tracks: &[TrackId],
) -> Result<Vec<(TrackId, StoredReport)>> {
    let mut reader = store.reader().await?;
    let rows: Vec<Row> = match reader.connection() {
        Connection::Sqlite(connection) => {
            let mut rows = Vec::with_capacity(tracks.len());
            for track in tracks {
                let row = sqlx::query_as(OF_TRACK).bind(track).bind(owner);
                rows.extend(row.fetch_optional(&mut *connection).await?);
            }
            rows
        }
        Connection::Postgres(connection) => {
            let ids: Vec<uuid::Uuid> =
                tracks.iter().map(|track| uuid::Uuid::from_u128(track.as_u128())).collect();
            sqlx::query_as(
                "select distinct on (track_id) track_id, json, analysis_version, stages, created_at_us
                 from reports where track_id = any($1) and owner_id = $2
                 order by track_id, analysis_version desc",
            )
            .bind(ids)
            .bind(owner)
            .fetch_all(connection)
            .await?
        }
    };
    rows.into_iter().map(|row| Ok((row.track_id, row.try_into()?))).collect()
}

/// The details beside the report of this analysis version for a track of this owner, as they were stored.
///
/// # Errors
///
/// When the database fails.
pub async fn details(
    store: &Store,
    owner: UserId,
    track: TrackId,
    analysis_version: u32,
) -> Result<Option<Vec<u8>>> {
    let mut reader = store.reader().await?;
    let row = fetch_optional!(
        reader,
        (Vec<u8>,),
        "select bytes from report_details
         where track_id = $1 and analysis_version = $2 and owner_id = $3",
        track,
        i64::from(analysis_version),
        owner
    )?;
    Ok(row.map(|(bytes,)| bytes))
}
