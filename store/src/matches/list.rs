//! The best matches of a track, as its owner sees them.

use std::collections::HashMap;

use serde_json::Value;
use time::OffsetDateTime;

use super::entries::{Entry, from_bytes};
use crate::clock::us_to_time;
use crate::db::{Reader, fetch_all, fetch_optional};
use crate::{Error, Result, Store, TrackId, UserId};

/// A match of a track, seen from that track.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchRecord {
    /// The other track.
    pub track_id: TrackId,
    /// Whose it is.
    pub owner_id: UserId,
    /// Its title.
    pub title: Option<String>,
    /// Its artist.
    pub artist: Option<String>,
    /// What it was called when it was uploaded.
    pub file_name: Option<String>,
    /// What the score is for.
    pub purpose: String,
    /// 0 to 1.
    pub score: f64,
    /// What the score is made of.
    pub parts: Value,
    /// The same in a sentence.
    pub reason: String,
    /// The version of the descriptors that were compared.
    pub descriptor_version: u32,
    /// The version of weights and reference.
    pub weights_version: u32,
    /// When the two were first scored.
    pub first_scored_at: OffsetDateTime,
    /// When the score or what is said of it last changed.
    pub scored_at: OffsetDateTime,
    /// Counts these changes.
    pub version: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    track_id: TrackId,
    owner_id: UserId,
    title: Option<String>,
    artist: Option<String>,
    file_name: Option<String>,
    purpose: String,
    score: f64,
    parts: String,
    reason: String,
    descriptor_version: i64,
    weights_version: i64,
    first_scored_at_us: i64,
    scored_at_us: i64,
    version: i64,
}

impl TryFrom<Row> for MatchRecord {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let inconsistent = |column| Error::Inconsistent { table: "matches", column };
        let version = |number, column| u32::try_from(number).map_err(|_| inconsistent(column));
        Ok(Self {
            track_id: row.track_id,
            owner_id: row.owner_id,
            title: row.title,
            artist: row.artist,
            file_name: row.file_name,
            purpose: row.purpose,
            score: row.score,
            parts: serde_json::from_str(&row.parts).map_err(|_| inconsistent("parts"))?,
            reason: row.reason,
            descriptor_version: version(row.descriptor_version, "descriptor_version")?,
            weights_version: version(row.weights_version, "weights_version")?,
            first_scored_at: us_to_time(row.first_scored_at_us),
            scored_at: us_to_time(row.scored_at_us),
            version: row.version,
        })
    }
}

/// The best matches of a track of this owner for a purpose, best first.
///
/// # Errors
///
/// When the database fails.
pub async fn list(
    store: &Store,
    owner: UserId,
    track: TrackId,
    purpose: &str,
    limit: u32,
) -> Result<Vec<MatchRecord>> {
    let mut reader = store.reader().await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let (entries, visible) = entries(&mut reader, owner, track, purpose).await?;
    let records = records(&mut reader, track, purpose, visible, &entries, limit).await?;
    if records.len() == entries.len().min(limit) {
        return Ok(records);
    }
    // A run may have switched, and removed what was seen before, between the two questions.
    let (entries, visible) = self::entries(&mut reader, owner, track, purpose).await?;
    self::records(&mut reader, track, purpose, visible, &entries, limit).await
}

/// The list of a track, and the generation that is visible.
async fn entries(
    reader: &mut Reader,
    owner: UserId,
    track: TrackId,
    purpose: &str,
) -> Result<(Vec<Entry>, i64)> {
    let row = fetch_optional!(
        reader,
        (Vec<u8>, i64),
        "select l.entries, coalesce(g.visible, 0)
         from match_lists l left join match_generations g on g.owner_id = l.owner_id
         where l.track_id = $1 and l.purpose = $2 and l.owner_id = $3 and l.generation <= coalesce(g.visible, 0)
         order by l.generation desc limit 1",
        track,
        purpose,
        owner
    )?;
    row.map_or(Ok((Vec::new(), 0)), |(bytes, visible)| Ok((from_bytes(&bytes)?, visible)))
}

/// The matches that a list names, in its order.
async fn records(
    reader: &mut Reader,
    track: TrackId,
    purpose: &str,
    visible: i64,
    entries: &[Entry],
    limit: usize,
) -> Result<Vec<MatchRecord>> {
    let rows = fetch_all!(
        reader,
        Row,
        "select t.id as track_id, t.owner_id, t.title, t.artist, t.file_name, m.purpose, m.score, m.parts, m.reason,
                m.descriptor_version, m.weights_version, m.first_scored_at_us, m.scored_at_us, m.version
         from matches m
         join tracks t on t.id = case when m.a_id = $1 then m.b_id else m.a_id end
         where m.purpose = $2 and (m.a_id = $1 or m.b_id = $1) and m.generation <= $3
         order by m.generation",
        track,
        purpose,
        visible
    )?;
    // Later generations come last and stay.
    let mut rows: HashMap<TrackId, Row> = rows.into_iter().map(|row| (row.track_id, row)).collect();
    let found = entries.iter().filter_map(|(other, _)| rows.remove(other)).take(limit);
    found.map(MatchRecord::try_from).collect()
}
