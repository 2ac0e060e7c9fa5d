//! The store as a whole.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;
use time::OffsetDateTime;
use uuid::{ContextV7, Timestamp, Uuid};

use crate::blobs::Blobs;
use crate::clock::{Clock, duration_to_us};
use crate::db::{self, Cause, Db, Reader, Tx};
use crate::{Actor, Config, QueueConfig, Result, migrate};

/// Everything that is kept: rows, recordings and the queue. Clones share their connections.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
    /// For whom transactions are begun through this handle.
    cause: Cause,
}

#[derive(Debug)]
struct Inner {
    db: Db,
    blobs: Blobs,
    queue: QueueConfig,
    clock: Clock,
    ids: Mutex<ContextV7>,
    /// When this process last looked for stale uploads.
    staging_swept_us: AtomicI64,
}

impl Store {
    /// Opens the database and the blob store. The schema is left as it is: see [`Store::migrate`].
    ///
    /// # Errors
    ///
    /// When a setting cannot be used, or the blob folder or SQLite file cannot be made.
    pub async fn open(config: &Config) -> Result<Self> {
        Self::open_with_clock(config, Clock::System).await
    }

    /// [`Store::open`], with another clock.
    ///
    /// # Errors
    ///
    /// Those of [`Store::open`].
    pub async fn open_with_clock(config: &Config, clock: Clock) -> Result<Self> {
        config.queue.check()?;
        let db = Db::open(&config.database).await?;
        let blobs = Blobs::open_backend(&config.blobs).await?;
        let ids = Mutex::new(ContextV7::new());
        let inner = Inner {
            db,
            blobs,
            queue: config.queue.clone(),
            clock,
            ids,
            staging_swept_us: AtomicI64::new(i64::MIN),
        };
        Ok(Self { inner: Arc::new(inner), cause: Cause::default() })
    }

    /// The same store in the name of `actor`: what is done through it names them in the audit log.
    #[must_use]
    pub fn by(&self, actor: Actor) -> Self {
        let cause = Cause { actor: Arc::new(actor), ..self.cause.clone() };
        Self { inner: Arc::clone(&self.inner), cause }
    }

    /// The same store, which also writes during maintenance: for what was begun before, and for who ends it.
    #[must_use]
    pub fn despite_maintenance(&self) -> Self {
        let cause = Cause { is_despite_maintenance: true, ..self.cause.clone() };
        Self { inner: Arc::clone(&self.inner), cause }
    }

    /// Brings the schema up to date. Several processes may do it at once; one does the work.
    ///
    /// # Errors
    ///
    /// When the database cannot be reached or a migration fails.
    pub async fn migrate(&self) -> Result<()> {
        migrate::run(&self.inner.db).await
    }

    /// Closes all connections, after the statements that run.
    pub async fn close(&self) {
        self.inner.db.close().await;
    }

    /// The recordings.
    pub fn blobs(&self) -> &Blobs {
        &self.inner.blobs
    }

    /// The settings of the queue.
    pub fn queue(&self) -> &QueueConfig {
        &self.inner.queue
    }

    /// The time, in whole microseconds.
    pub fn now(&self) -> OffsetDateTime {
        self.inner.clock.now()
    }

    /// The time in microseconds since 1970, as rows have it.
    pub(crate) fn now_us(&self) -> i64 {
        self.inner.clock.now_us()
    }

    /// Asks the database and the blob store whether they answer.
    ///
    /// # Errors
    ///
    /// When one of them does not.
    pub async fn ping(&self) -> Result<()> {
        let mut reader = self.reader().await?;
        let _: (i64,) = db::fetch_one!(reader, (i64,), "select cast(1 as bigint)")?;
        drop(reader);
        self.blobs().ping().await
    }

    /// True once in each `interval`.
    pub(crate) fn staging_sweep_is_due(&self, interval: Duration) -> bool {
        let now = self.inner.clock.now_us();
        let last = self.inner.staging_swept_us.load(Ordering::SeqCst);
        let due = last.saturating_add(duration_to_us(interval)) <= now;
        due && self
            .inner
            .staging_swept_us
            .compare_exchange(last, now, Ordering::SeqCst, Ordering::SeqCst)
            .is_ok()
    }

    pub(crate) fn db(&self) -> &Db {
        &self.inner.db
    }

    pub(crate) async fn reader(&self) -> Result<Reader> {
        self.inner.db.reader().await
    }

    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        db::write(&self.inner.db, &self.inner.clock, &self.cause, work).await
    }

    /// A new id, later in order than every id that this process made before.
    pub(crate) fn new_id<I: From<Uuid>>(&self) -> I {
        let now = self.now();
        let seconds = u64::try_from(now.unix_timestamp()).unwrap_or(0);
        let context = self.inner.ids.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let timestamp = Timestamp::from_unix(&*context, seconds, now.nanosecond());
        I::from(Uuid::new_v7(timestamp))
    }
}
