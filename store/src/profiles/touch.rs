//! Noting that what matching reads of a profile has changed.

use crate::db::{Tx, fetch_optional};
use crate::jobs::{self, NewJob};
use crate::{JobId, JobKind, Result, TrackId, UserId};

/// Notes a change and queues the matching of the profile, if it takes part. One job waits at most: the row of the profile is
/// locked by the first statement, and a job that runs already looks at the revision when it ends.
pub(crate) async fn touch(tx: &mut Tx, user: UserId, job: JobId) -> Result<()> {
    let discoverable = fetch_optional!(
        tx,
        (bool,),
        "update profiles set revision = revision + 1 where user_id = $1 returning discoverable",
        user
    )?;
    if discoverable == Some((true,)) { queue(tx, user, job).await } else { Ok(()) }
}

/// [`touch`], if the track counts in its owner's profile: before it is deleted or unlisted, after it is analysed.
pub(crate) async fn touch_if_counted(
    tx: &mut Tx,
    user: UserId,
    track: TrackId,
    job: JobId,
) -> Result<()> {
    let discoverable = fetch_optional!(
        tx,
        (bool,),
        "update profiles set revision = revision + 1
         where user_id = $1 and exists (
             select 1 from tracks where id = $2 and owner_id = $1 and visibility = 'listed' and state = 'analyzed')
         returning discoverable",
        user,
        track
    )?;
    if discoverable == Some((true,)) { queue(tx, user, job).await } else { Ok(()) }
}

/// Queues the matching of a profile unless it waits or runs already. The caller holds the row of the profile.
pub(super) async fn queue(tx: &mut Tx, user: UserId, job: JobId) -> Result<()> {
    // Read and not locked: a job that is about to end waits for the row of the profile, and then sees the revision.
    let live = fetch_optional!(
        tx,
        (JobId,),
        "select id from consort_jobs where owner_id = $1 and kind = $2 and state in ('queued', 'running') limit 1",
        user,
        JobKind::MatchProfile.as_str()
    )?;
    if live.is_none() {
        jobs::insert(tx, NewJob::of_owner(job, user, JobKind::MatchProfile)).await?;
    }
    Ok(())
}
