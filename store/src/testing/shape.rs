//! A store of a given shape.

use std::time::Duration;

use tempfile::TempDir;
use time::macros::datetime;

use super::{PostgresDatabase, S3Server};
use crate::clock::{Clock, ManualClock};
use crate::db::Db;
use crate::tracks::{self, Created, NewTrack, Origin, Visibility};
use crate::{
    BlobsConfig, Config, DatabaseConfig, QueueConfig, Quota, Staged, Store, UserId, users,
};

/// Where rows live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseKind {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

/// Where recordings live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlobKind {
    /// A folder.
    Local,
    /// A bucket.
    S3,
}

/// A migrated store that goes with all that it holds when it is dropped.
#[derive(Debug)]
pub struct TestStore {
    /// The store.
    pub store: Store,
    /// Its operator.
    pub owner: UserId,
    /// Its clock, which moves only when told; `None` if it goes by the time of day.
    pub clock: Option<ManualClock>,
    /// What it was opened with: another process can open it too.
    pub config: Config,
    /// The object store, if it has one.
    pub s3: Option<S3Server>,
    folder: TempDir,
}

impl TestStore {
    /// A store whose clock moves only when told.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    pub async fn new(database: DatabaseKind, blobs: BlobKind) -> Self {
        let clock = ManualClock::new(datetime!(2026-01-02 03:04:05 UTC));
        Self::open(database, blobs, QueueConfig::default(), Some(clock)).await
    }

    /// A store whose clock begins at the time of day, by which object stores judge signed URLs, and moves only when told.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    pub async fn of_today(database: DatabaseKind, blobs: BlobKind) -> Self {
        let clock = ManualClock::new(Clock::System.now());
        Self::open(database, blobs, QueueConfig::default(), Some(clock)).await
    }

    /// A store that goes by the time of day, with these settings of the queue.
    ///
    /// # Panics
    ///
    /// When it cannot be made.
    pub async fn with_system_clock(
        database: DatabaseKind,
        blobs: BlobKind,
        queue: QueueConfig,
    ) -> Self {
        Self::open(database, blobs, queue, None).await
    }

    async fn open(
        database: DatabaseKind,
        blobs: BlobKind,
        queue: QueueConfig,
        clock: Option<ManualClock>,
    ) -> Self {
        let folder = tempfile::tempdir().expect("cannot make a folder");
        let url = match database {
            DatabaseKind::Sqlite => {
                format!("sqlite:{}", folder.path().join("consort.sqlite3").display())
            }
            DatabaseKind::Postgres => PostgresDatabase::create().await.url().to_owned(),
        };
        let (blobs, s3) = match blobs {
            BlobKind::Local => (BlobsConfig::Local { path: folder.path().join("blobs") }, None),
            BlobKind::S3 => {
                let server = S3Server::start().await;
                (BlobsConfig::S3(server.config()), Some(server))
            }
        };
        let database = DatabaseConfig { url: url.into(), max_connections: 4 };
        let config = Config { database, blobs, queue };
        let source = clock.clone().map_or(Clock::System, Clock::Manual);
        let store = Store::open_with_clock(&config, source).await.expect("cannot open the store");
        store.migrate().await.expect("cannot migrate the store");
        let owner = users::operator(&store).await.expect("cannot make the operator").id;
        Self { store, owner, clock, config, s3, folder }
    }

    /// A second connection to the same store, as another process would have.
    ///
    /// # Panics
    ///
    /// When it cannot be opened.
    pub async fn reopen(&self) -> Store {
        let source = self.clock.clone().map_or(Clock::System, Clock::Manual);
        Store::open_with_clock(&self.config, source).await.expect("cannot open the store again")
    }

    /// The folder of the database file and of local blobs.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Moves the clock forward.
    ///
    /// # Panics
    ///
    /// When the store goes by the time of day.
    pub fn advance(&self, by: Duration) {
        self.clock.as_ref().expect("the clock is the time of day").advance(by);
    }

    /// Stages some bytes.
    ///
    /// # Panics
    ///
    /// When the blob store fails.
    pub async fn stage(&self, bytes: &[u8]) -> Staged {
        let mut staging = self.store.blobs().stage(u64::MAX).await.expect("cannot stage");
        staging.write(bytes).await.expect("cannot write");
        staging.finish().await.expect("cannot finish")
    }

    /// Uploads some bytes as a track of the operator.
    ///
    /// # Panics
    ///
    /// When the store fails.
    pub async fn upload(&self, bytes: &[u8]) -> Created {
        let new = self.new_track(bytes).await;
        tracks::create(&self.store, new).await.expect("cannot make a track")
    }

    /// A track to be made, of the operator, without any words.
    ///
    /// # Panics
    ///
    /// When the blob store fails.
    pub async fn new_track(&self, bytes: &[u8]) -> NewTrack {
        NewTrack {
            owner_id: self.owner,
            staged: self.stage(bytes).await,
            file_name: None,
            content_type: None,
            title: None,
            artist: None,
            tags: Vec::new(),
            visibility: Visibility::Private,
            trace_id: None,
            quota: Quota::default(),
            origin: Origin::Request,
        }
    }

    /// Removes every message of the queue, as a restored backup or a hasty hand might.
    ///
    /// # Panics
    ///
    /// When the database fails.
    pub async fn lose_messages(&self) {
        match self.store.db() {
            Db::Sqlite { writer, .. } => {
                sqlx::query("delete from Jobs").execute(writer).await.map(|_| ())
            }
            Db::Postgres { pool, .. } => {
                sqlx::query("delete from apalis.jobs").execute(pool).await.map(|_| ())
            }
        }
        .expect("cannot remove messages");
    }

    /// `journal_mode`, `synchronous` and `foreign_keys` of every connection to SQLite; none on PostgreSQL.
    ///
    /// # Panics
    ///
    /// When the database fails.
    pub async fn sqlite_settings(&self) -> Vec<[String; 3]> {
        let Db::Sqlite { writer, readers, queue } = self.store.db() else { return Vec::new() };
        let mut settings = Vec::new();
        for pool in [writer, readers, queue] {
            // All connections at once, so that each is asked.
            let mut connections = Vec::new();
            for _ in 0..pool.options().get_max_connections() {
                connections.push(pool.acquire().await.expect("cannot connect"));
            }
            for mut connection in connections {
                let row: (String, String, String) = sqlx::query_as(
                    "select journal_mode, cast(synchronous as text), cast(foreign_keys as text)
                     from pragma_journal_mode, pragma_synchronous, pragma_foreign_keys",
                )
                .fetch_one(&mut *connection)
                .await
                .expect("cannot ask for settings");
                settings.push(row.into());
            }
        }
        settings
    }
}
