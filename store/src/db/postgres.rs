//! How PostgreSQL is opened.

use std::str::FromStr;
use std::time::Duration;

use sqlx::Executor;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::Db;
use crate::Result;

const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// The queue's own statements: one to poll, one to beat, one to acknowledge.
const N_QUEUE_CONNECTIONS: u32 = 3;

pub(super) fn open(url: &str, max_connections: u32) -> Result<Db> {
    let options = PgConnectOptions::from_str(url)?.application_name("consort");
    let pool = |n| {
        PgPoolOptions::new().max_connections(n).acquire_timeout(ACQUIRE_TIMEOUT).after_connect(
            |connection, _| {
                Box::pin(async move {
                    // A worker that is frozen inside a transaction must not hold its locks much longer than a lease.
                    // A statement and not a start-up option, because connection poolers refuse those.
                    connection
                        .execute("set idle_in_transaction_session_timeout = '30s'")
                        .await
                        .map(|_| ())
                })
            },
        )
    };
    Ok(Db::Postgres {
        pool: pool(max_connections).connect_lazy_with(options.clone()),
        queue: pool(N_QUEUE_CONNECTIONS).connect_lazy_with(options),
    })
}
