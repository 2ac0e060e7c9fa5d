//! Forgetting addresses.

use std::time::Duration;

use crate::clock::duration_to_us;
use crate::db::execute;
use crate::{Result, Store};

/// Imports that one sweep forgets.
const N_PER_SWEEP: i64 = 1000;

/// Forgets what jobs were to fetch that have been over for `queue.staging_keep_s`, or are gone.
pub(crate) async fn sweep(store: &Store) -> Result<()> {
    let keep_us = duration_to_us(Duration::from_secs(store.queue().staging_keep_s));
    store
        .write(move |tx| {
            Box::pin(async move {
                let long_ago = tx.now_us() - keep_us;
                execute!(
                    tx,
                    "delete from imports where job_id in
                       (select imports.job_id from imports
                        left join consort_jobs on consort_jobs.id = imports.job_id
                        where consort_jobs.id is null or consort_jobs.finished_at_us <= $1
                        limit $2)",
                    long_ago,
                    N_PER_SWEEP
                )?;
                Ok(())
            })
        })
        .await
}
