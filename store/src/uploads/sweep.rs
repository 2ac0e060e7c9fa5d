//! Removing what uploads that are over left behind.

use super::delete::reap;
use crate::db::fetch_all;
use crate::{Result, Store, UploadId};

/// Uploads that one sweep removes.
const N_PER_SWEEP: i64 = 100;

/// Removes uploads that have expired or were given up, with their pieces; their number.
pub(crate) async fn sweep(store: &Store) -> Result<u64> {
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        (UploadId,),
        "select id from uploads
         where (expires_at_us <= $1 or state = 'aborted') and completing_until_us <= $1
         limit $2",
        store.now_us(),
        N_PER_SWEEP
    )?;
    drop(reader);
    let mut n_removed = 0;
    for (id,) in rows {
        reap(store, id).await?;
        n_removed += 1;
    }
    Ok(n_removed)
}
