//! Who is putting the pieces of an upload together.

use std::time::Duration;

use tokio::time::Instant;

use crate::clock::duration_to_us;
use crate::db::execute;
use crate::{Error, Result, Store, UploadId};

/// Whoever is at it is believed to be alive for this long after a sign of life.
const LEASE: Duration = Duration::from_mins(1);
/// How often it gives one.
const BEAT: Duration = Duration::from_secs(10);

/// The right to put the pieces of an upload together. It ends by itself when its holder is gone.
pub(super) struct Lease {
    store: Store,
    upload: UploadId,
    beaten_at: Instant,
}

impl Lease {
    /// Takes it, unless somebody has it or the upload is over.
    pub(super) async fn take(store: &Store, upload: UploadId) -> Result<Self> {
        let taken = store
            .write(move |tx| {
                Box::pin(async move {
                    let now = tx.now_us();
                    execute!(
                        tx,
                        "update uploads set completing_until_us = $1
                         where id = $2 and state = 'open' and completing_until_us <= $3 and expires_at_us > $3",
                        now + duration_to_us(LEASE),
                        upload,
                        now
                    )
                })
            })
            .await?;
        if taken == 0 {
            return Err(Error::UploadBusy);
        }
        Ok(Self { store: store.clone(), upload, beaten_at: Instant::now() })
    }

    /// Gives a sign of life, if it is time for one.
    pub(super) async fn beat(&mut self) -> Result<()> {
        if self.beaten_at.elapsed() < BEAT {
            return Ok(());
        }
        self.beaten_at = Instant::now();
        if self.set(duration_to_us(LEASE)).await? == 0 {
            return Err(Error::UploadMoved);
        }
        Ok(())
    }

    /// Lets somebody else try at once.
    pub(super) async fn give_back(&self) {
        if let Err(error) = self.set(0).await {
            tracing::debug!("an upload stays taken for a minute: {error}");
        }
    }

    async fn set(&self, for_us: i64) -> Result<u64> {
        let upload = self.upload;
        let set = self.store.write(move |tx| {
            Box::pin(async move {
                let until = if for_us == 0 { 0 } else { tx.now_us() + for_us };
                execute!(
                    tx,
                    "update uploads set completing_until_us = $1 where id = $2 and state = 'open'",
                    until,
                    upload
                )
            })
        });
        set.await
    }
}
