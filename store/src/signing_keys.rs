//! What access tokens are verified with. Only public halves are kept.

use std::time::Duration;

use time::OffsetDateTime;

use crate::audit::{self, Action, NewEntry};
use crate::clock::{duration_to_us, us_to_time};
use crate::db::{execute, fetch_optional};
use crate::{KeyId, Result, Store};

/// The public half of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// Its id.
    pub id: KeyId,
    /// The public half, as its algorithm writes it.
    pub public_key: Vec<u8>,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// Nothing that it signed is good any more from then on.
    pub expires_at: OffsetDateTime,
}

/// Lets every process verify what the key signs. Keys whose time is over are forgotten.
///
/// # Errors
///
/// When the database fails.
pub async fn publish(store: &Store, public_key: Vec<u8>, lifetime: Duration) -> Result<SigningKey> {
    let id: KeyId = store.new_id();
    store
        .write(move |tx| {
            Box::pin(async move {
                let now = tx.now_us();
                let expires_at_us = now.saturating_add(duration_to_us(lifetime));
                execute!(tx, "delete from signing_keys where expires_at_us <= $1", now)?;
                execute!(
                    tx,
                    "insert into signing_keys (id, public_key, created_at_us, expires_at_us) values ($1, $2, $3, $4)",
                    id,
                    public_key.as_slice(),
                    now,
                    expires_at_us
                )?;
                audit::append(tx, NewEntry::about(Action::KeyPublished, id)).await?;
                Ok(SigningKey {
                    id,
                    public_key,
                    created_at: us_to_time(now),
                    expires_at: us_to_time(expires_at_us),
                })
            })
        })
        .await
}

/// A key, as long as its time is not over.
///
/// # Errors
///
/// When the database fails.
pub async fn find(store: &Store, id: KeyId) -> Result<Option<SigningKey>> {
    let mut reader = store.reader().await?;
    let row = fetch_optional!(
        reader,
        (Vec<u8>, i64, i64),
        "select public_key, created_at_us, expires_at_us from signing_keys where id = $1 and expires_at_us > $2",
        id,
        store.now_us()
    )?;
    Ok(row.map(|(public_key, created_at_us, expires_at_us)| SigningKey {
        id,
        public_key,
        created_at: us_to_time(created_at_us),
        expires_at: us_to_time(expires_at_us),
    }))
}
