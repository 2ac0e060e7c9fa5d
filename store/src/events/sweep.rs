//! Removing what was told only for the moment.

use std::time::Duration;

use super::priority::low_kinds;
use crate::clock::duration_to_us;
use crate::db::execute;
use crate::{Result, Store};

/// Events that one sweep removes.
const N_PER_SWEEP: i64 = 5000;

/// Removes events of low priority after `queue.step_keep_s`; their number. The newest event stays whatever it is, so that the number of the newest
/// never falls.
pub(crate) async fn sweep(store: &Store) -> Result<u64> {
    let keep_us = duration_to_us(Duration::from_secs(store.queue().step_keep_s));
    store
        .write(move |tx| {
            Box::pin(async move {
                let long_ago = tx.now_us() - keep_us;
                let n_events = execute!(
                    tx,
                    concat!(
                        "delete from events where seq in
                           (select seq from events
                            where kind in (",
                        low_kinds!(),
                        ") and created_at_us <= $1 and seq < (select max(seq) from events)
                            order by created_at_us limit $2)"
                    ),
                    long_ago,
                    N_PER_SWEEP
                )?;
                Ok(n_events)
            })
        })
        .await
}
