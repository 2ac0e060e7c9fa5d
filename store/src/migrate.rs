//! Brings the schema up to date: ours, then the queue's.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use apalis_postgres::PostgresStorage;
use apalis_sqlite::SqliteStorage;
use sqlx::migrate::Migrator;

use crate::db::Db;
use crate::{Error, Result};

/// How often a process looks whether another one has finished its migration.
const LOCK_POLL: Duration = Duration::from_millis(20);

pub(crate) async fn run(db: &Db) -> Result<()> {
    match db {
        Db::Sqlite { writer, .. } => {
            let file = writer.connect_options().get_filename().to_owned();
            let _lock = file_lock(&file).await?;
            // Both sets of migrations share one table of what was applied, and each misses the other's files.
            tolerant(sqlx::migrate!("../migrations/sqlite")).run(writer).await?;
            // Not `setup()`: that also sets `synchronous = off` on one connection.
            tolerant(SqliteStorage::<()>::migrations()).run(writer).await?;
        }
        Db::Postgres { pool, .. } => {
            // sqlx holds an advisory lock while it migrates.
            tolerant(postgres()).run(pool).await?;
            tolerant(PostgresStorage::<()>::migrations()).run(pool).await?;
        }
    }
    Ok(())
}

fn postgres() -> Migrator {
    sqlx::migrate!("../migrations/postgres")
}

/// What the schema on PostgreSQL is made of.
#[cfg(feature = "testing")]
pub(crate) fn postgres_checksums() -> Vec<Vec<u8>> {
    let queue = PostgresStorage::<()>::migrations();
    postgres().iter().chain(queue.iter()).map(|migration| migration.checksum.to_vec()).collect()
}

fn tolerant(mut migrator: Migrator) -> Migrator {
    migrator.set_ignore_missing(true);
    migrator
}

/// Keeps a second process out: sqlx has no lock for SQLite.
async fn file_lock(database: &Path) -> Result<File> {
    let mut path = database.as_os_str().to_owned();
    path.push(".lock");
    let path = PathBuf::from(path);
    let failed = |source| Error::Disk { operation: "lock the database file", source };
    let file =
        File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => tokio::time::sleep(LOCK_POLL).await,
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
    }
}
