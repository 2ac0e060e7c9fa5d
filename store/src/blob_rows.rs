//! When the bytes of a blob may go.
//!
//! A blob is needed while a track refers to it, or while an upload has claimed it. Its object is removed inside the
//! transaction that removes its row: an upload of the same bytes waits for that, finds neither, and brings both again.
//! Removed after the commit, the object could be one that such an upload has just found there.

use std::time::Duration;

use crate::clock::duration_to_us;
use crate::db::{Tx, execute, fetch_all};
use crate::{Error, Result, Sha256, Store};

/// Between claiming a blob and referring to it lie the copy of its bytes and one transaction.
const CLAIM: Duration = Duration::from_hours(1);

/// The removal of an object holds up other writers on SQLite: one that takes longer is left to the next sweep.
const DELETE_TIMEOUT: Duration = Duration::from_secs(5);

/// Blobs that one sweep looks at: each is a transaction.
const N_PER_SWEEP: i64 = 200;

/// Removes a blob if nobody needs it.
pub(crate) async fn reap(store: &Store, sha256: Sha256) -> Result<bool> {
    let blobs = store.blobs().clone();
    store
        .write(move |tx| {
            Box::pin(async move {
                if !delete_row(tx, sha256).await? {
                    return Ok(false);
                }
                tokio::time::timeout(DELETE_TIMEOUT, blobs.delete(&sha256)).await.map_err(
                    |elapsed| Error::ObjectStore {
                        operation: "delete a blob in time",
                        source: elapsed.into(),
                    },
                )??;
                Ok(true)
            })
        })
        .await
}

/// Removes blobs that nobody needs; their number.
pub(crate) async fn sweep(store: &Store) -> Result<u64> {
    let now = crate::clock::time_to_us(store.now());
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        (Vec<u8>,),
        "select sha256 from blobs
         where (claims = 0 or claimed_until_us < $1)
           and not exists (select 1 from tracks where tracks.blob_sha256 = blobs.sha256)
         limit $2",
        now,
        N_PER_SWEEP
    )?;
    drop(reader);
    let mut n_removed = 0;
    for (bytes,) in rows {
        let sha256 = Sha256::from_column(&bytes, "blobs", "sha256")?;
        n_removed += u64::from(reap(store, sha256).await?);
    }
    Ok(n_removed)
}

/// Keeps a blob from being removed while an upload is about to refer to it.
pub(crate) async fn claim(tx: &mut Tx, sha256: Sha256, n_bytes: i64) -> Result<()> {
    let now = tx.now_us();
    execute!(
        tx,
        "insert into blobs (sha256, n_bytes, claims, claimed_until_us, created_at_us) values ($1, $2, 1, $3, $4)
         on conflict (sha256) do update
         set claims = blobs.claims + 1, claimed_until_us = excluded.claimed_until_us",
        sha256.as_bytes().as_slice(),
        n_bytes,
        now + duration_to_us(CLAIM),
        now
    )?;
    Ok(())
}

/// Ends a claim: the upload refers to the blob now, or never will.
pub(crate) async fn release(tx: &mut Tx, sha256: Sha256) -> Result<()> {
    execute!(
        tx,
        "update blobs set claims = claims - 1 where sha256 = $1 and claims > 0",
        sha256.as_bytes().as_slice()
    )?;
    Ok(())
}

async fn delete_row(tx: &mut Tx, sha256: Sha256) -> Result<bool> {
    let now = tx.now_us();
    let n_rows = execute!(
        tx,
        "delete from blobs
         where sha256 = $1 and (claims = 0 or claimed_until_us < $2)
           and not exists (select 1 from tracks where tracks.blob_sha256 = blobs.sha256)",
        sha256.as_bytes().as_slice(),
        now
    )?;
    Ok(n_rows == 1)
}
