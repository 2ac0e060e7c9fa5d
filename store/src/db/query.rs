//! Runs one text of SQL on either database.

/// Rows changed by a statement: `Result<u64>`.
macro_rules! execute {
    ($on:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $on.connection() {
            $crate::db::Connection::Sqlite(c) => {
                sqlx::query($sql)$(.bind($bind))*.execute(c).await.map(|done| done.rows_affected())
            }
            $crate::db::Connection::Postgres(c) => {
                sqlx::query($sql)$(.bind($bind))*.execute(c).await.map(|done| done.rows_affected())
            }
        }
        .map_err($crate::Error::from)
    };
}

/// Rows of a query, as `$row`, by the method that is named.
macro_rules! fetch {
    ($how:ident, $on:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match $on.connection() {
            $crate::db::Connection::Sqlite(c) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.$how(c).await
            }
            $crate::db::Connection::Postgres(c) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.$how(c).await
            }
        }
        .map_err($crate::Error::from)
    };
}

/// The one row of a query: `Result<Row>`.
macro_rules! fetch_one {
    ($($rest:tt)*) => { $crate::db::query::fetch!(fetch_one, $($rest)*) };
}

/// The row of a query, if there is one: `Result<Option<Row>>`.
macro_rules! fetch_optional {
    ($($rest:tt)*) => { $crate::db::query::fetch!(fetch_optional, $($rest)*) };
}

/// All rows of a query: `Result<Vec<Row>>`.
macro_rules! fetch_all {
    ($($rest:tt)*) => { $crate::db::query::fetch!(fetch_all, $($rest)*) };
}

pub(crate) use {execute, fetch, fetch_all, fetch_one, fetch_optional};
