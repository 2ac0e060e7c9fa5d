//! When tokens are used.

use std::time::Duration;

use crate::clock::duration_to_us;
use crate::db::execute;
use crate::{Result, Store, TokenId};

/// Uses within this time of each other are written down once: a token may be used for thousands of requests a minute.
pub const USE_INTERVAL: Duration = Duration::from_mins(1);

/// Writes down that a token is used now, unless that was done within [`USE_INTERVAL`]. True if it was written.
///
/// # Errors
///
/// When the database fails.
pub async fn touch(store: &Store, id: TokenId) -> Result<bool> {
    store
        .write(move |tx| {
            Box::pin(async move {
                let now = tx.now_us();
                let n_rows = execute!(
                    tx,
                    "update tokens set last_used_at_us = $2
                     where id = $1 and (last_used_at_us is null or last_used_at_us <= $3)",
                    id,
                    now,
                    now - duration_to_us(USE_INTERVAL)
                )?;
                Ok(n_rows == 1)
            })
        })
        .await
}
