//! What happened, in order: the one source of SSE, WebSocket and webhooks.
//!
//! Sequence numbers become visible in order on both databases: a watcher that has seen `n` never misses a smaller
//! one. An event names ids and numbers only, because it cannot be taken back.

use std::collections::BTreeSet;

use serde_json::Value;
use time::OffsetDateTime;

use crate::clock::us_to_time;
use crate::db::{Lock, Tx, execute, fetch_all, fetch_one};
use crate::jobs::tally;
use crate::{Error, JobId, Result, Store, TrackId, UserId};

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its number: larger than that of every event before it.
    pub seq: i64,
    /// Whose it is.
    pub owner_id: UserId,
    /// What happened: `track.uploaded`, `track.updated`, `track.deleted`, `track.analyzed`, `track.failed`,
    /// `track.matched`, `track.imported`, `import.failed`, `job.cancelled`, `job.dead`, `job.retried`, `run.started`, `run.succeeded`, `run.failed`, `run.cancelled`,
    /// `profile.updated`, `profile.matched`, `connection.made` or `connection.ended`.
    pub kind: String,
    /// The track it is about.
    pub track_id: Option<TrackId>,
    /// The job it is about.
    pub job_id: Option<JobId>,
    /// Details, by kind.
    pub data: Value,
    /// When it happened.
    pub created_at: OffsetDateTime,
}

/// An event to be appended.
#[derive(Debug, Clone)]
pub(crate) struct NewEvent {
    pub(crate) owner_id: UserId,
    pub(crate) kind: &'static str,
    pub(crate) track_id: Option<TrackId>,
    pub(crate) job_id: Option<JobId>,
    pub(crate) data: Value,
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
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        Row,
        "select seq, owner_id, kind, track_id, job_id, data, created_at_us
         from events where owner_id = $1 and seq > $2 order by seq limit $3",
        owner,
        seq,
        i64::from(limit)
    )?;
    rows.into_iter().map(Event::try_from).collect()
}

/// The number of the owner's newest event; 0 if there is none.
///
/// # Errors
///
/// When the database fails.
pub async fn last_seq(store: &Store, owner: UserId) -> Result<i64> {
    let mut reader = store.reader().await?;
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
    let (last,) = fetch_one!(
        reader,
        (i64,),
        "select coalesce(max(seq), 0) from events where owner_id = $1",
        owner
    )?;
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

/// Appends events: the last statements of a transaction, because it makes others wait until the commit.
pub(crate) async fn append(tx: &mut Tx, events: &[NewEvent]) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    tally::write(tx).await?;
    tx.lock(Lock::Events).await?;
    let now = tx.now_us();
    for event in events {
        execute!(
            tx,
            "insert into events (owner_id, kind, track_id, job_id, data, created_at_us)
             values ($1, $2, $3, $4, $5, $6)",
            event.owner_id,
            event.kind,
            event.track_id,
            event.job_id,
            event.data.to_string(),
            now
        )?;
    }
    Ok(())
}
