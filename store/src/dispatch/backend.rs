//! The queue storage of whichever database is there.

use std::time::Duration;

use apalis::prelude::{BackendExt, IntervalStrategy, PollWith};
use apalis_postgres::PostgresStorage;
use apalis_sqlite::SqliteStorage;

use super::Message;
use super::messages::QUEUE;
use crate::Store;
use crate::db::Db;

/// Heartbeats that a worker may miss before its messages go to others. That costs nothing but a wake-up: jobs have
/// leases of their own.
const N_MISSED_HEARTBEATS: usize = 3;

/// What a worker's loop is built on: `WorkerBuilder::new(name).backend(…)`, inside of [`crate::with_dispatcher!`].
///
/// The worker's name must be new at every start: host, process and something random.
///
/// Stop the loop by dropping its future, not by the library's graceful stop. While that waits for handlers it does not
/// poll the storage, which may be inside a transaction; on SQLite that keeps everybody from writing, the handlers that
/// it waits for included. What is dropped is rolled back, and a message that is lost with it is only a wake-up.
#[derive(Clone)]
pub enum Dispatcher {
    /// Messages in SQLite.
    Sqlite(PollWith<SqliteStorage<Message>, IntervalStrategy>),
    /// Messages in PostgreSQL.
    Postgres(PollWith<PostgresStorage<Message>, IntervalStrategy>),
}

impl std::fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Sqlite(_) => "Dispatcher::Sqlite",
            Self::Postgres(_) => "Dispatcher::Postgres",
        })
    }
}

/// The messages of this store.
pub fn dispatcher(store: &Store) -> Dispatcher {
    let poll = Duration::from_millis(store.queue().poll_ms);
    let heartbeat = Duration::from_secs((store.queue().lease_s / 3).max(1));
    // A batch of one: while a larger one is worked off, the library neither beats nor acknowledges, and a healthy
    // worker looks dead. Results are kept, because without them nothing is acknowledged at all.
    match store.db() {
        Db::Sqlite { queue, .. } => {
            let config = apalis_sqlite::Config::default()
                .queue(QUEUE)
                .batch_size(1)
                .heartbeat_interval(heartbeat)
                .missed_heartbeats(N_MISSED_HEARTBEATS);
            let storage = SqliteStorage::new(queue).with_config(config);
            Dispatcher::Sqlite(storage.poll_with_interval(poll))
        }
        Db::Postgres { queue, .. } => {
            let config = apalis_postgres::Config::default()
                .queue(QUEUE)
                .batch_size(1)
                .heartbeat_interval(heartbeat)
                .missed_heartbeats(N_MISSED_HEARTBEATS);
            let storage = PostgresStorage::new(queue).with_config(config);
            // By interval and not by notification: every insert would take one lock of the whole server.
            Dispatcher::Postgres(storage.poll_with_interval(poll))
        }
    }
}

/// Evaluates an expression with the storage inside of a [`Dispatcher`], whichever it is.
///
/// ```text
/// store::with_dispatcher!(store::dispatch::dispatcher(&store), |backend| {
///     WorkerBuilder::new(name).backend(backend).concurrency(2).build(handle).run().await
/// })
/// ```
#[macro_export]
macro_rules! with_dispatcher {
    ($dispatcher:expr, |$backend:ident| $body:expr) => {
        match $dispatcher {
            $crate::dispatch::Dispatcher::Sqlite($backend) => $body,
            $crate::dispatch::Dispatcher::Postgres($backend) => $body,
        }
    };
}
