//! Telling what happened.

use serde_json::Value;

use crate::db::{Lock, Tx, execute};
use crate::jobs::tally;
use crate::{JobId, Result, TrackId, UserId};

/// An event to be appended.
#[derive(Debug, Clone)]
pub(crate) struct NewEvent {
    pub(crate) owner_id: UserId,
    pub(crate) kind: &'static str,
    pub(crate) track_id: Option<TrackId>,
    pub(crate) job_id: Option<JobId>,
    pub(crate) data: Value,
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
