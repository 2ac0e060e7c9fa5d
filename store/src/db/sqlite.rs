//! How SQLite is opened.

use std::str::FromStr;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::Db;
use crate::{Error, Result};

/// The first release without the defect that could corrupt a database in WAL mode on a checkpoint race.
const OLDEST: (u32, u32, u32) = (3, 51, 3);
const OLDEST_TEXT: &str = "3.51.3";

/// Other processes may hold the write lock; they are quick, but a disk may not be.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// The queue's own statements: one to poll and beat, one to spare.
const N_QUEUE_CONNECTIONS: u32 = 2;

pub(super) async fn open(url: &str, max_connections: u32) -> Result<Db> {
    if url.contains(":memory:") || url.contains("mode=memory") {
        return Err(Error::Config {
            key: "database.url",
            rule: "must name a file: every connection would have a memory of its own".into(),
        });
    }
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // FULL, because an upload that was answered must survive a power cut: in WAL mode NORMAL keeps the file
        // whole but may lose the last commits.
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT);
    if let Some(folder) = options.get_filename().parent()
        && !folder.as_os_str().is_empty()
    {
        tokio::fs::create_dir_all(folder).await.map_err(|error| Error::Config {
            key: "database.url",
            rule: format!("names a folder that cannot be made: {error}"),
        })?;
    }
    let pool = |n| SqlitePoolOptions::new().max_connections(n).acquire_timeout(BUSY_TIMEOUT);
    let writer = pool(1).connect_with(options.clone()).await?;
    check_version(&writer).await?;
    let readers = pool(max_connections).connect_lazy_with(
        options.clone().pragma("query_only", "on").optimize_on_close(false, None),
    );
    let queue = pool(N_QUEUE_CONNECTIONS).connect_lazy_with(options);
    Ok(Db::Sqlite { writer, readers, queue })
}

async fn check_version(pool: &sqlx::SqlitePool) -> Result<()> {
    let (actual,): (String,) = sqlx::query_as("select sqlite_version()").fetch_one(pool).await?;
    let mut numbers = actual.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    if (next(), next(), next()) < OLDEST {
        return Err(Error::SqliteTooOld { actual, required: OLDEST_TEXT });
    }
    Ok(())
}
