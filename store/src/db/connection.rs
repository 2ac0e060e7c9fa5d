//! The pools, and a connection for reading.

use secrecy::ExposeSecret;
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool};

use super::{postgres, sqlite};
use crate::{DatabaseConfig, Error, Result};

/// The pools of one database.
#[derive(Debug, Clone)]
pub(crate) enum Db {
    /// SQLite allows one writer at a time: one connection writes, the others only read.
    Sqlite { writer: SqlitePool, readers: SqlitePool, queue: SqlitePool },
    /// PostgreSQL: `queue` is kept apart, so that a busy API cannot starve the heartbeats of the queue.
    Postgres { pool: PgPool, queue: PgPool },
}

/// A borrowed connection of either database.
pub(crate) enum Connection<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

/// A pooled connection for reading.
pub(crate) enum Reader {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

impl Reader {
    pub(crate) fn connection(&mut self) -> Connection<'_> {
        match self {
            Self::Sqlite(c) => Connection::Sqlite(c),
            Self::Postgres(c) => Connection::Postgres(c),
        }
    }
}

impl Db {
    /// Opens the pools that the URL asks for.
    pub(crate) async fn open(config: &DatabaseConfig) -> Result<Self> {
        let url = config.url.expose_secret();
        if config.max_connections == 0 {
            return Err(Error::Config {
                key: "database.max_connections",
                rule: "must be at least 1".into(),
            });
        }
        if url.starts_with("sqlite:") {
            sqlite::open(url, config.max_connections).await
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            postgres::open(url, config.max_connections)
        } else {
            Err(Error::Config {
                key: "database.url",
                rule: "must begin with sqlite: or postgres:".into(),
            })
        }
    }

    pub(crate) async fn reader(&self) -> Result<Reader> {
        Ok(match self {
            Self::Sqlite { readers, .. } => Reader::Sqlite(readers.acquire().await?),
            Self::Postgres { pool, .. } => Reader::Postgres(pool.acquire().await?),
        })
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers, queue } => {
                readers.close().await;
                queue.close().await;
                // Last, so that it folds the write-ahead log into the file.
                writer.close().await;
            }
            Self::Postgres { pool, queue } => {
                queue.close().await;
                pool.close().await;
            }
        }
    }
}
