//! From an import to a track.

use crate::db::{Tx, execute};
use crate::jobs::{Held, succeed};
use crate::{Error, Result, TrackId};

/// Ends an import inside the transaction that makes its track: its job succeeds and names the track, and the address is forgotten.
///
/// # Errors
///
/// [`Error::LeaseLost`] when the job is another worker's, or over: then there is to be no track.
pub(crate) async fn mark_done(tx: &mut Tx, job: &Held, track: TrackId) -> Result<()> {
    if !succeed(tx, job).await? {
        return Err(Error::LeaseLost);
    }
    execute!(tx, "update consort_jobs set track_id = $1 where id = $2", track, job.id)?;
    execute!(tx, "delete from imports where job_id = $1", job.id)?;
    Ok(())
}
