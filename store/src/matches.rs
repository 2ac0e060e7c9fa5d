//! Matches: scored pairs that can say why, and the heads that keep them.
//!
//! Each track has its best matches for each purpose, its heads. A match lives while the head of either track points
//! to it, so that the number of matches grows with the number of tracks and not with its square.

use std::collections::BTreeSet;

use serde_json::Value;
use time::OffsetDateTime;

use crate::clock::us_to_time;
use crate::db::{Lock, Tx, execute, fetch_all};
use crate::{Error, Result, Store, TrackId, UserId};

/// A score of the track in hand with another.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMatch {
    /// What the score is for.
    pub purpose: String,
    /// The other track.
    pub other_id: TrackId,
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
}

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
    /// When it was scored.
    pub scored_at: OffsetDateTime,
}

/// The weakest head of a track that has all its heads: only what scores better gets in.
#[derive(Debug, Clone, Copy, PartialEq, sqlx::FromRow)]
pub struct Floor {
    /// The track.
    pub track_id: TrackId,
    /// The score of its weakest head.
    pub score: f64,
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
    scored_at_us: i64,
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
            scored_at: us_to_time(row.scored_at_us),
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
    let rows = fetch_all!(
        reader,
        Row,
        "select t.id as track_id, t.owner_id, t.title, t.artist, t.file_name, m.purpose, m.score, m.parts, m.reason,
                m.descriptor_version, m.weights_version, m.scored_at_us
         from match_heads h
         join matches m on m.purpose = h.purpose
          and m.a_id = case when h.track_id < h.other_id then h.track_id else h.other_id end
          and m.b_id = case when h.track_id < h.other_id then h.other_id else h.track_id end
         join tracks t on t.id = h.other_id
         where h.track_id = $1 and h.owner_id = $2 and h.purpose = $3
         order by h.score desc, h.other_id limit $4",
        track,
        owner,
        purpose,
        i64::from(limit)
    )?;
    rows.into_iter().map(MatchRecord::try_from).collect()
}

/// The weakest head of each track that has `n_heads` of them for a purpose. A track that is not listed takes any match.
///
/// # Errors
///
/// When the database fails.
pub async fn floors(store: &Store, purpose: &str, n_heads: u32) -> Result<Vec<Floor>> {
    let mut reader = store.reader().await?;
    fetch_all!(
        reader,
        Floor,
        "select track_id, min(score) as score from match_heads
         where purpose = $1 group by track_id having count(*) >= $2 order by track_id",
        purpose,
        i64::from(n_heads)
    )
}

/// Puts new matches of a track in the place of its old ones; how many of them are now among its own heads.
pub(crate) async fn replace(
    tx: &mut Tx,
    owner: UserId,
    track: TrackId,
    n_heads: u32,
    mut new: Vec<NewMatch>,
) -> Result<u64> {
    // Two tracks that are matched at once may be each other's matches: one after the other, or each would count heads
    // that the other is changing.
    tx.lock(Lock::Matches).await?;
    execute!(tx, "delete from match_heads where track_id = $1 or other_id = $1", track)?;
    execute!(tx, "delete from matches where a_id = $1 or b_id = $1", track)?;
    new.retain(|found| found.other_id != track);
    new.sort_by(|a, b| (&a.purpose, a.other_id).cmp(&(&b.purpose, b.other_id)));
    let mut touched = BTreeSet::new();
    for found in new {
        if insert(tx, owner, track, &found).await? {
            touched.insert((track, found.purpose.clone()));
            touched.insert((found.other_id, found.purpose));
        }
    }
    for (track, purpose) in touched {
        trim(tx, track, &purpose, n_heads).await?;
    }
    let rows: Vec<(TrackId,)> =
        fetch_all!(tx, (TrackId,), "select other_id from match_heads where track_id = $1", track)?;
    Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
}

/// Writes one match and both of its heads; false if the other track is gone.
async fn insert(tx: &mut Tx, owner: UserId, track: TrackId, new: &NewMatch) -> Result<bool> {
    let now = tx.now_us();
    let (a, b) = if track < new.other_id { (track, new.other_id) } else { (new.other_id, track) };
    let n_rows = execute!(
        tx,
        "insert into matches (purpose, a_id, b_id, a_owner_id, b_owner_id, score, parts, reason, descriptor_version,
                              weights_version, scored_at_us)
         select $1, a.id, b.id, a.owner_id, b.owner_id, $2, $3, $4, $5, $6, $7
         from tracks a, tracks b where a.id = $8 and b.id = $9
         on conflict (purpose, a_id, b_id) do nothing",
        &new.purpose,
        new.score,
        new.parts.to_string(),
        &new.reason,
        i64::from(new.descriptor_version),
        i64::from(new.weights_version),
        now,
        a,
        b
    )?;
    if n_rows == 0 {
        return Ok(false);
    }
    execute!(
        tx,
        "insert into match_heads (track_id, purpose, other_id, owner_id, score) values ($1, $2, $3, $4, $5)
         on conflict do nothing",
        track,
        &new.purpose,
        new.other_id,
        owner,
        new.score
    )?;
    execute!(
        tx,
        "insert into match_heads (track_id, purpose, other_id, owner_id, score)
         select id, $1, $2, owner_id, $3 from tracks where id = $4 on conflict do nothing",
        &new.purpose,
        track,
        new.score,
        new.other_id
    )?;
    Ok(true)
}

/// Keeps a track's best heads, and drops matches that no head points to any more.
async fn trim(tx: &mut Tx, track: TrackId, purpose: &str, n_heads: u32) -> Result<()> {
    let dropped = fetch_all!(
        tx,
        (TrackId,),
        "delete from match_heads
         where track_id = $1 and purpose = $2 and other_id not in (
             select other_id from match_heads where track_id = $1 and purpose = $2
             order by score desc, other_id limit $3)
         returning other_id",
        track,
        purpose,
        i64::from(n_heads)
    )?;
    for (other,) in dropped {
        let (a, b) = if track < other { (track, other) } else { (other, track) };
        execute!(
            tx,
            "delete from matches
             where purpose = $1 and a_id = $2 and b_id = $3 and not exists (
                 select 1 from match_heads where purpose = $1
                    and ((track_id = $2 and other_id = $3) or (track_id = $3 and other_id = $2)))",
            purpose,
            a,
            b
        )?;
    }
    Ok(())
}
