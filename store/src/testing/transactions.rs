//! What connections were left in.

use super::TestStore;
use crate::Result;
use crate::db::{Db, fetch_one};

impl TestStore {
    /// Connections to PostgreSQL, of any process, that are in a transaction and do nothing. None on SQLite: what was left open there keeps the next
    /// writer from beginning.
    ///
    /// # Panics
    ///
    /// When the database fails.
    pub async fn n_idle_in_transaction(&self) -> i64 {
        self.count_idle_in_transaction().await.expect("cannot read what connections do")
    }

    async fn count_idle_in_transaction(&self) -> Result<i64> {
        if matches!(self.store.db(), Db::Sqlite { .. }) {
            return Ok(0);
        }
        let mut reader = self.store.reader().await?;
        let (n,) = fetch_one!(
            reader,
            (i64,),
            "select count(*) from pg_stat_activity
             where datname = current_database() and state like 'idle in transaction%'"
        )?;
        Ok(n)
    }
}
