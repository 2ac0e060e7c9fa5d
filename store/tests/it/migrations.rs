//! The schema: from nothing, again, and by several at once. And what the databases themselves refuse.

use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use store::testing::{BlobKind, DatabaseKind, TestStore};
use store::{BlobsConfig, Config, DatabaseConfig, Error, QueueConfig, Store};

on_both_databases! {
    migrating_again_changes_nothing,
    reports_and_events_cannot_be_changed,
}

async fn migrating_again_changes_nothing(test: TestStore) {
    let track = test.upload(b"one").await.track;
    test.store.migrate().await.unwrap();
    let again = test.reopen().await;
    again.migrate().await.unwrap();
    again.ping().await.unwrap();
    assert_eq!(store::tracks::get(&again, test.owner, track.id).await.unwrap(), Some(track));
}

/// Runs a statement behind the store's back; what the database says to it.
async fn behind_the_back(test: &TestStore, sql: &str) -> Result<(), sqlx::Error> {
    let url = test.config.database.url.expose_secret();
    let sql = AssertSqlSafe(sql.to_owned());
    if url.starts_with("sqlite:") {
        SqliteConnection::connect(url).await.unwrap().execute(sql).await.map(|_| ())
    } else {
        PgConnection::connect(url).await.unwrap().execute(sql).await.map(|_| ())
    }
}

async fn reports_and_events_cannot_be_changed(test: TestStore) {
    test.upload(b"one").await;
    let lease = store::jobs::claim(&test.store, "w").await.unwrap().unwrap();
    let analyzed = crate::jobs::analyzed();
    assert!(store::jobs::complete_analysis(&test.store, &lease, analyzed).await.unwrap());
    for sql in [
        "update events set kind = 'x'",
        "delete from events",
        "delete from events where kind = 'track.analyzed'",
        "update reports set json = '{}'",
        "update report_details set created_at_us = 0",
    ] {
        let error = behind_the_back(&test, sql).await.unwrap_err().to_string();
        assert!(
            ["append-only", "immutable", "cannot be changed"]
                .iter()
                .any(|word| error.contains(word)),
            "{sql}: {error}"
        );
    }
    // What is told only for the moment may go, and goes when the sweep says so.
    behind_the_back(&test, "delete from events where kind = 'job.started'").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_processes_may_migrate_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let database = store::testing::PostgresDatabase::create_empty().await;
    let sqlite = format!("sqlite:{}", folder.path().join("new/consort.sqlite3").display());
    for url in [sqlite, database.url().to_owned()] {
        let config = Config {
            database: DatabaseConfig { url: url.into(), max_connections: 2 },
            blobs: BlobsConfig::Local { path: folder.path().join("blobs") },
            queue: QueueConfig::default(),
        };
        let tasks: Vec<_> = (0..4)
            .map(|_| {
                let config = config.clone();
                tokio::spawn(async move {
                    let store = Store::open(&config).await.unwrap();
                    store.migrate().await.unwrap();
                    store::users::operator(&store).await.unwrap().id
                })
            })
            .collect();
        let mut ids = Vec::new();
        for task in tasks {
            ids.push(task.await.unwrap());
        }
        ids.dedup();
        assert_eq!(ids.len(), 1);
    }
}

#[tokio::test]
async fn sqlite_keeps_commits_through_a_power_cut() {
    let test = TestStore::new(DatabaseKind::Sqlite, BlobKind::Local).await;
    test.store.migrate().await.unwrap();
    // 2 is FULL. Every connection, because the queue's own set-up would switch it off on one of them.
    let settings = test.sqlite_settings().await;
    assert_eq!(settings.len(), 7);
    for one in settings {
        assert_eq!(one, ["wal", "2", "1"], "journal_mode, synchronous, foreign_keys");
    }
}

#[tokio::test]
async fn refuses_settings_that_cannot_work() {
    let folder = tempfile::tempdir().unwrap();
    let database = |url: &str, max_connections| DatabaseConfig { url: url.into(), max_connections };
    let good = || Config {
        database: database("sqlite:x", 2),
        blobs: BlobsConfig::Local { path: folder.path().into() },
        queue: QueueConfig::default(),
    };
    let key = |config: Config| async move {
        match Store::open(&config).await.unwrap_err() {
            Error::Config { key, .. } => key,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(key(Config { database: database("mysql://x", 1), ..good() }).await, "database.url");
    assert_eq!(
        key(Config { database: database("sqlite:x", 0), ..good() }).await,
        "database.max_connections"
    );
    // Each connection would have a database of its own.
    let memory = database("sqlite::memory:", 1);
    assert_eq!(key(Config { database: memory, ..good() }).await, "database.url");
    let queue = QueueConfig { lease_s: 0, ..QueueConfig::default() };
    assert_eq!(key(Config { queue, ..good() }).await, "queue.lease_s");
    let queue = QueueConfig { backoff_max_s: 0.1, ..QueueConfig::default() };
    assert_eq!(key(Config { queue, ..good() }).await, "queue.backoff_max_s");
}
