//! Reading what happened.

use std::collections::BTreeSet;

use serde_json::Value;
use time::OffsetDateTime;

use super::priority::{Priority, high_kinds, low_kinds};
use crate::clock::us_to_time;
use crate::db::{Reader, fetch_all, fetch_one};
use crate::{Error, JobId, Result, Store, TrackId, UserId};

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its number: larger than that of every event before it.
    pub seq: i64,
    /// Whose it is.
    pub owner_id: UserId,
    /// What happened: `track.uploaded`, `track.updated`, `track.deleted`, `track.analyzed`, `track.failed`,
    /// `track.matched`, `track.imported`, `import.failed`, `job.started`, `job.step`, `job.succeeded`, `job.failed`, `job.cancelled`, `job.dead`, `job.retried`,
    /// `run.started`, `run.step`, `run.succeeded`, `run.failed`, `run.cancelled`, `profile.updated`, `profile.matched`, `connection.made` or `connection.ended`.
    pub kind: String,
    /// How much that matters.
    pub priority: Priority,
    /// The track it is about.
    pub track_id: Option<TrackId>,
    /// The job it is about.
    pub job_id: Option<JobId>,
    /// Details, by kind.
    pub data: Value,
    /// When it happened.
    pub created_at: OffsetDateTime,
}

#[derive(sqlx::FromRow)]
struct Row {
    seq: i64,
    owner_id: UserId,
    kind: String,
    track_id: Option<TrackId>,
    job_id: Option<JobId>,
    data: String,
    created_at_us: i64,
}

impl TryFrom<Row> for Event {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            seq: row.seq,
            owner_id: row.owner_id,
            priority: Priority::of(&row.kind),
            kind: row.kind,
            track_id: row.track_id,
            job_id: row.job_id,
            data: serde_json::from_str(&row.data)
                .map_err(|_| Error::Inconsistent { table: "events", column: "data" })?,
            created_at: us_to_time(row.created_at_us),
        })
    }
}

/// The owner's events after number `seq`, oldest first, `limit` at most.
///
/// # Errors
///
/// When the database fails.
pub async fn after(store: &Store, owner: UserId, seq: i64, limit: u32) -> Result<Vec<Event>> {
    let (events, _) = at_least(store, owner, Priority::Low, seq, limit).await?;
    Ok(events)
}

macro_rules! events_after {
    () => {
        "select seq, owner_id, kind, track_id, job_id, data, created_at_us
         from events where owner_id = $1 and seq > $2"
    };
}

/// The owner's events after number `seq` of this priority or a higher one, oldest first, `limit` at most, and the number to go on after: none up to it is
/// missing, also where the last ones are left out.
///
/// # Errors
///
/// When the database fails.
pub async fn at_least(
    store: &Store,
    owner: UserId,
    least: Priority,
    seq: i64,
    limit: u32,
) -> Result<(Vec<Event>, i64)> {
    let sql = match least {
        Priority::Low => concat!(events_after!(), " order by seq limit $3"),
        Priority::Normal => {
            concat!(events_after!(), " and kind not in (", low_kinds!(), ") order by seq limit $3")
        }
        Priority::High => {
            concat!(events_after!(), " and kind in (", high_kinds!(), ") order by seq limit $3")
        }
    };
    let mut reader = store.reader().await?;
    // First, so that what comes in between is asked for again the next time. Where nothing is left out, the events themselves say it.
    let newest = if least == Priority::Low { seq } else { newest_of(&mut reader, owner).await? };
    let rows = fetch_all!(reader, Row, sql, owner, seq, i64::from(limit))?;
    let events = rows.into_iter().map(Event::try_from).collect::<Result<Vec<_>>>()?;
    let told = events.last().map_or(seq, |event| event.seq);
    let is_full = events.len() as u64 >= u64::from(limit);
    Ok((events, if is_full { told } else { told.max(newest) }))
}

/// The number of the owner's newest event; 0 if there is none.
///
/// # Errors
///
/// When the database fails.
pub async fn last_seq(store: &Store, owner: UserId) -> Result<i64> {
    let mut reader = store.reader().await?;
    newest_of(&mut reader, owner).await
}

async fn newest_of(reader: &mut Reader, owner: UserId) -> Result<i64> {
    let (seq,) = fetch_one!(
        reader,
        (i64,),
        "select coalesce(max(seq), 0) from events where owner_id = $1",
        owner
    )?;
    Ok(seq)
}

/// The number of the newest event of all owners; 0 if there is none. One question answers all watchers of a process.
///
/// # Errors
///
/// When the database fails.
pub async fn head(store: &Store) -> Result<i64> {
    let mut reader = store.reader().await?;
    let (seq,) = fetch_one!(reader, (i64,), "select coalesce(max(seq), 0) from events")?;
    Ok(seq)
}

/// Tracks of which an owner's events after number `seq` say that what matching reads of them may have changed, and the number of
/// the last event.
///
/// # Errors
///
/// When the database fails.
pub async fn changed_tracks(
    store: &Store,
    owner: UserId,
    seq: i64,
    what: Changed,
) -> Result<(BTreeSet<TrackId>, i64)> {
    let mut reader = store.reader().await?;
    // First, so that what comes in between is asked for again the next time.
    let last = newest_of(&mut reader, owner).await?;
    let sql = match what {
        Changed::Descriptors => {
            "select track_id from events where owner_id = $1 and seq > $2 and track_id is not null
               and kind in ('track.analyzed', 'track.updated', 'track.deleted')"
        }
        Changed::Lists => {
            "select track_id from events where owner_id = $1 and seq > $2 and track_id is not null
               and kind in ('track.matched')"
        }
    };
    let rows = fetch_all!(reader, (TrackId,), sql, owner, seq)?;
    Ok((rows.into_iter().map(|(track,)| track).collect(), last.max(seq)))
}

/// What may have changed of a track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// Its descriptor or its tags, or it is gone.
    Descriptors,
    /// Its best matches, because it was matched.
    Lists,
}
