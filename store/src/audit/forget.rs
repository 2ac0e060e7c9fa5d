//! Forgetting what is personal.

use std::time::Duration;

use serde_json::json;

use super::action::Action;
use super::append::append;
use super::entry::NewEntry;
use crate::clock::duration_to_us;
use crate::db::{execute, fetch_one};
use crate::{Result, Store};

const DAY: Duration = Duration::from_hours(24);
/// Addresses that one transaction forgets at most: nobody waits for long.
const N_AT_ONCE: i64 = 10_000;

/// Removes addresses of days that are too long ago, with their salts; that is an entry itself. Their number.
pub(crate) async fn forget_addresses(store: &Store) -> Result<u64> {
    let day_us = duration_to_us(DAY);
    let keep_us =
        i64::try_from(store.queue().address_keep_days).unwrap_or(i64::MAX).saturating_mul(day_us);
    // By whole days, so that there is one entry a day and not one for each address.
    let before = store.now_us().saturating_sub(keep_us).div_euclid(day_us) * day_us;
    let mut reader = store.reader().await?;
    let (is_any,) = fetch_one!(
        reader,
        (bool,),
        "select exists (select 1 from audit_addresses where at_us < $1)",
        before
    )?;
    drop(reader);
    if !is_any {
        return Ok(0);
    }
    store
        .write(move |tx| {
            Box::pin(async move {
                let n_rows = execute!(
                    tx,
                    "delete from audit_addresses where seq in (
                         select seq from audit_addresses where at_us < $1 order by at_us limit $2)",
                    before,
                    N_AT_ONCE
                )?;
                // Another process may have been here.
                if n_rows > 0 {
                    let entry = NewEntry::new(Action::AddressesForgotten);
                    append(tx, entry.with(json!({ "n_addresses": n_rows }))).await?;
                }
                Ok(n_rows)
            })
        })
        .await
}
