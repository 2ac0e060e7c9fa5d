//! Figures about jobs: how many ended how, how long they waited and ran, what they took, and what there is to do.
//!
//! Read from what the endings of jobs have added up (`jobs::tally`), never from the jobs themselves: the cost of an answer grows with the days that
//! are asked for, not with the jobs that there were.

mod days;
mod ever;
mod histogram;
mod queue;

pub use days::{DayQuery, Latency, Measure, Tally, latency, throughput};
pub use ever::{Ever, ever};
pub use histogram::{Histogram, MAX_RELATIVE_ERROR};
pub use queue::{Waiting, queue};

pub(crate) use histogram::bucket;

use crate::db::{Tx, execute};
use crate::{Result, UserId};

/// Removes the figures of a user; those of all users together keep what the user's jobs added.
pub(crate) async fn forget(tx: &mut Tx, user: UserId) -> Result<()> {
    execute!(tx, "delete from job_tallies where owner_id = $1", user)?;
    execute!(tx, "delete from job_times where owner_id = $1", user)?;
    Ok(())
}
