//! Everything that the tables hold, to show that nothing was written.

use std::collections::BTreeMap;

use sqlx::AssertSqlSafe;

use super::TestStore;
use crate::Result;
use crate::db::{Db, fetch_all, fetch_one};

/// Tables of the queue library and of the migrations.
const NOT_OURS: [&str; 3] = ["Jobs", "Workers", "_sqlx_migrations"];

impl TestStore {
    /// Each of our tables with all that it holds, as text.
    ///
    /// # Panics
    ///
    /// When the database fails.
    pub async fn contents(&self) -> BTreeMap<String, String> {
        self.read_contents().await.expect("cannot read the tables")
    }

    async fn read_contents(&self) -> Result<BTreeMap<String, String>> {
        let mut reader = self.store.reader().await?;
        let is_sqlite = matches!(self.store.db(), Db::Sqlite { .. });
        let names = if is_sqlite {
            "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
        } else {
            "select tablename::text from pg_tables where schemaname = 'public'"
        };
        let mut contents = BTreeMap::new();
        for (name,) in fetch_all!(reader, (String,), names)? {
            if NOT_OURS.contains(&&*name) {
                continue;
            }
            let sql = if is_sqlite {
                let columns = format!(
                    "select group_concat('quote(' || name || ')', '||'',''||') from pragma_table_info('{name}')"
                );
                let (columns,) = fetch_one!(reader, (String,), AssertSqlSafe(columns))?;
                format!(
                    "select coalesce(group_concat(it, char(10)), '') from (select {columns} as it from {name} order by 1)"
                )
            } else {
                format!(
                    "select coalesce(string_agg(it::text, chr(10) order by it::text), '') from {name} it"
                )
            };
            let (rows,) = fetch_one!(reader, (String,), AssertSqlSafe(sql))?;
            contents.insert(name, rows);
        }
        Ok(contents)
    }
}
