//! Reports: what an analysis found, word for word, never changed; and the details beside them.

use serde_json::Value;
use time::OffsetDateTime;

use crate::clock::us_to_time;
use crate::db::fetch_optional;
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
    json: String,
    analysis_version: i64,
    stages: String,
    created_at_us: i64,
}

/// The report of the newest analysis version for a track of this owner.
///
/// # Errors
///
/// When the database fails.
pub async fn get(store: &Store, owner: UserId, track: TrackId) -> Result<Option<StoredReport>> {
    let inconsistent = |column| Error::Inconsistent { table: "reports", column };
    let mut reader = store.reader().await?;
    let row = fetch_optional!(
        reader,
        Row,
        "select json, analysis_version, stages, created_at_us from reports
         where track_id = $1 and owner_id = $2 order by analysis_version desc limit 1",
        track,
        owner
    )?;
    row.map(|row| {
        Ok(StoredReport {
            json: row.json,
            analysis_version: u32::try_from(row.analysis_version)
                .map_err(|_| inconsistent("analysis_version"))?,
            created_at: us_to_time(row.created_at_us),
            stages: serde_json::from_str(&row.stages).map_err(|_| inconsistent("stages"))?,
        })
    })
    .transpose()
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
