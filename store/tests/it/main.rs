//! One suite for both databases and both blob stores.
//!
//! A test is a function of a [`store::testing::TestStore`]; [`on_both_databases!`] makes two tests of it.

#![expect(clippy::unwrap_used, reason = "a broken fixture should fail the test")]

/// Makes `sqlite::name` and `postgres::name` of each function.
macro_rules! on_both_databases {
    ($($name:ident,)+) => {
        mod sqlite {
            use store::testing::{BlobKind, DatabaseKind, TestStore};
            $(
                #[tokio::test]
                async fn $name() {
                    super::$name(TestStore::new(DatabaseKind::Sqlite, BlobKind::Local).await).await;
                }
            )+
        }
        mod postgres {
            use store::testing::{BlobKind, DatabaseKind, TestStore};
            $(
                #[tokio::test]
                async fn $name() {
                    super::$name(TestStore::new(DatabaseKind::Postgres, BlobKind::Local).await).await;
                }
            )+
        }
    };
}

mod analytics;
mod audit;
mod blob_suite;
mod blobs;
mod dispatch;
mod duplicates;
mod events;
mod identity;
mod jobs;
mod jobs_model;
mod maintenance;
mod matches;
mod migrations;
mod profiles;
mod retry;
mod run_usage;
mod runs;
mod tokens;
mod tracks;
