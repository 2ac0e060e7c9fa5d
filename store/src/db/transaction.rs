//! Writing transactions.
//!
//! A writing transaction runs in a task of its own. A request whose client hangs up drops its future at any `await`;
//! were the transaction part of that future, its connection could go back to the pool while still inside it.
//!
//! All times that a transaction writes or compares are [`Tx::now_us`]: one reading of one clock. On PostgreSQL it is
//! the server's, because the hosts of several workers need not agree and a lease must mean the same to all; on
//! SQLite, which lives on one machine, it is the process's; a manual clock goes before both.
//!
//! Each transaction also reads when it begins whether the service is in maintenance, and then ends at once unless it was begun despite that. So
//! maintenance holds in every process for all that begins after the commit that turned it on.

use std::sync::Arc;

use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use sqlx::{Postgres, Sqlite, Transaction};
use tracing::Instrument;

use super::{Connection, Db};
use crate::clock::Clock;
use crate::jobs::tally::{self, Ended};
use crate::{Actor, Error, Result};

/// The advisory locks of one database. The numbers only have to differ.
#[derive(Clone, Copy)]
pub(crate) enum Lock {
    /// Held from the insertion of events to the commit.
    Events,
    /// Held while lists of matches are changed; shared by those who only add staged ones.
    Matches,
    /// Held while matches, answers or connections of people are changed.
    People,
}

impl Lock {
    /// Its number among all advisory locks of the database. It only has to be like no other.
    fn number(self) -> i64 {
        match self {
            Self::Events => 0x0063_6f6e_736f_0001,
            Self::Matches => 0x0063_6f6e_736f_0002,
            Self::People => 0x0063_6f6e_736f_0003,
        }
    }
}

/// For whom a transaction is begun.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cause {
    /// Who it is that acts.
    pub(crate) actor: Arc<Actor>,
    /// Whether it may write during maintenance.
    pub(crate) is_despite_maintenance: bool,
}

/// An open writing transaction.
pub(crate) struct Tx {
    inner: Inner,
    now_us: i64,
    is_in_maintenance: bool,
    actor: Arc<Actor>,
    began: Instant,
    noted: Vec<Ended>,
}

enum Inner {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    async fn begin(db: &Db, clock: &Clock, cause: &Cause) -> Result<Self> {
        let began = Instant::now();
        let (inner, now_us, is_in_maintenance) = match db {
            Db::Sqlite { writer, .. } => {
                // Not deferred: a transaction that reads first and writes later fails at once when another process
                // wrote in between, whatever the busy timeout.
                let mut tx = writer.begin_with("begin immediate").await?;
                let (is_in_maintenance,) =
                    sqlx::query_as(IS_IN_MAINTENANCE).fetch_one(&mut *tx).await?;
                (Inner::Sqlite(tx), clock.now_us(), is_in_maintenance)
            }
            Db::Postgres { pool, .. } => {
                let mut tx = pool.begin().await?;
                // Both by one question: each is a way to the server and back.
                let (server_us, is_in_maintenance) =
                    sqlx::query_as(TIME_AND_MAINTENANCE).fetch_one(&mut *tx).await?;
                let now_us = match clock {
                    Clock::System => server_us,
                    Clock::Manual(_) => clock.now_us(),
                };
                (Inner::Postgres(tx), now_us, is_in_maintenance)
            }
        };
        let actor = Arc::clone(&cause.actor);
        Ok(Self { inner, now_us, is_in_maintenance, actor, began, noted: Vec::new() })
    }

    pub(crate) fn connection(&mut self) -> Connection<'_> {
        match &mut self.inner {
            Inner::Sqlite(tx) => Connection::Sqlite(tx),
            Inner::Postgres(tx) => Connection::Postgres(tx),
        }
    }

    /// The time of this transaction, in microseconds since 1970.
    pub(crate) fn now_us(&self) -> i64 {
        self.now_us
    }

    /// Whether nothing new may begin.
    pub(crate) fn is_in_maintenance(&self) -> bool {
        self.is_in_maintenance
    }

    /// Who it is that acts.
    pub(crate) fn actor(&self) -> &Arc<Actor> {
        &self.actor
    }

    /// How long it has been open, the wait for the database included.
    pub(crate) fn age(&self) -> Duration {
        self.began.elapsed()
    }

    /// Notes that a job or an attempt at it ended: counted by the end of the transaction.
    pub(crate) fn note(&mut self, ended: Ended) {
        self.noted.push(ended);
    }

    /// What was noted and is not counted yet.
    pub(crate) fn take_noted(&mut self) -> Vec<Ended> {
        std::mem::take(&mut self.noted)
    }

    /// Waits for other holders of the lock, until the commit. SQLite has one writer, which is the same.
    pub(crate) async fn lock(&mut self, lock: Lock) -> Result<()> {
        if let Connection::Postgres(connection) = self.connection() {
            sqlx::query("select pg_advisory_xact_lock($1)")
                .bind(lock.number())
                .execute(connection)
                .await?;
        }
        Ok(())
    }

    /// Waits for holders of the lock by [`lock`](Self::lock), and makes them wait, until the commit; but not others like this one.
    pub(crate) async fn lock_shared(&mut self, lock: Lock) -> Result<()> {
        if let Connection::Postgres(connection) = self.connection() {
            sqlx::query("select pg_advisory_xact_lock_shared($1)")
                .bind(lock.number())
                .execute(connection)
                .await?;
        }
        Ok(())
    }

    async fn commit(self) -> Result<()> {
        match self.inner {
            Inner::Sqlite(tx) => tx.commit().await?,
            Inner::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    async fn rollback(self) -> Result<()> {
        match self.inner {
            Inner::Sqlite(tx) => tx.rollback().await?,
            Inner::Postgres(tx) => tx.rollback().await?,
        }
        Ok(())
    }
}

const IS_IN_MAINTENANCE: &str = "select is_on from maintenance";
const TIME_AND_MAINTENANCE: &str =
    "select (extract(epoch from clock_timestamp()) * 1000000)::bigint, is_on from maintenance";

/// Runs `work` in one writing transaction, to its end even when the caller goes away. An error rolls back.
pub(crate) async fn write<T, F>(db: &Db, clock: &Clock, cause: &Cause, work: F) -> Result<T>
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
{
    let (db, clock, cause) = (db.clone(), clock.clone(), cause.clone());
    let task = async move {
        let mut tx = Tx::begin(&db, &clock, &cause).await?;
        let done = if tx.is_in_maintenance && !cause.is_despite_maintenance {
            Err(Error::Maintenance)
        } else {
            work(&mut tx).await
        };
        let done = match done {
            Ok(value) => tally::write(&mut tx).await.map(|()| value),
            Err(error) => Err(error),
        };
        match done {
            Ok(value) => tx.commit().await.map(|()| value),
            Err(error) => {
                if let Err(rollback) = tx.rollback().await {
                    tracing::debug!(error = %rollback, "a rollback failed: {rollback}");
                }
                Err(error)
            }
        }
    };
    match tokio::spawn(task.in_current_span()).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // Only at the end of the process: the runtime drops its tasks.
        Err(_) => Err(Error::Database(sqlx::Error::PoolClosed)),
    }
}
