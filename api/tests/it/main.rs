//! The API from outside: requests in, answers out, on a store with SQLite and a local folder, and where rows matter on both databases.

#![expect(clippy::unwrap_used, reason = "a broken test bed should fail the test")]

/// Makes `sqlite::name` and `postgres::name` of each function.
macro_rules! on_both_databases {
    ($($name:ident,)+) => {
        mod sqlite {
            $(
                #[tokio::test]
                async fn $name() {
                    super::$name(store::testing::DatabaseKind::Sqlite).await;
                }
            )+
        }
        mod postgres {
            $(
                #[tokio::test]
                async fn $name() {
                    super::$name(store::testing::DatabaseKind::Postgres).await;
                }
            )+
        }
    };
}

mod admin;
mod admin_jobs;
mod analytics;
mod app;
mod audio;
mod audit;
mod auth;
mod batch;
mod bulk;
mod cors;
mod documents;
mod duplicates;
mod errors;
mod events;
mod examples;
mod file_names;
mod forged;
mod form;
mod formats;
mod gateway;
mod hostile;
mod idempotency;
mod identity;
mod imports;
mod jobs;
mod lists;
mod live;
mod logs;
mod maintenance;
mod mass_assignment;
mod matches;
mod oidc;
mod parts;
mod profiles;
mod quotas;
mod rate_limit;
mod runs;
mod service;
mod shown;
mod sockets;
mod spotify;
mod subsonic;
mod tracks;
mod tus;
mod uploads;
mod world;
