//! Giving an upload up.

use crate::db::{execute, fetch_all};
use crate::{Result, Store, UploadId, UserId};

/// Gives an upload up: what has arrived goes; a track that was made of it stays. False if the owner has no such upload.
///
/// # Errors
///
/// When the database fails. Pieces that cannot be removed now are left to the sweep.
pub async fn delete(store: &Store, owner: UserId, id: UploadId) -> Result<bool> {
    let aborted = store
        .write(move |tx| {
            Box::pin(async move {
                let now = tx.now_us();
                execute!(
                    tx,
                    "update uploads set state = 'aborted', completing_until_us = 0
                     where id = $1 and owner_id = $2 and state <> 'aborted' and expires_at_us > $3",
                    id,
                    owner,
                    now
                )
            })
        })
        .await?;
    if aborted == 0 {
        return Ok(false);
    }
    if let Err(error) = reap(store, id).await {
        tracing::warn!("pieces of an upload are left to the sweep: {error}");
    }
    Ok(true)
}

/// Gives all uploads of a user up.
pub(crate) async fn delete_all(store: &Store, owner: UserId) -> Result<()> {
    let mut reader = store.reader().await?;
    let rows =
        fetch_all!(reader, (UploadId,), "select id from uploads where owner_id = $1", owner)?;
    drop(reader);
    for (id,) in rows {
        delete(store, owner, id).await?;
    }
    Ok(())
}

/// Removes the pieces of an upload that is over, and then its row.
pub(super) async fn reap(store: &Store, id: UploadId) -> Result<()> {
    store.blobs().delete_pieces(id).await?;
    store
        .write(move |tx| {
            Box::pin(async move {
                execute!(tx, "delete from uploads where id = $1", id)?;
                Ok(())
            })
        })
        .await
}
