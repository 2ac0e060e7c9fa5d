//! Databases on the PostgreSQL server of a test run.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};

use crate::db::Db;
use crate::{DatabaseConfig, migrate};

/// Names the server on which tests make their databases.
const VARIABLE: &str = "CONSORT_TEST_POSTGRES";

/// Lock number that guards the making of the template. It only has to be ours.
const TEMPLATE_LOCK: i64 = 0x0063_6f6e_736f_00ff;

/// The URL of the server's administrator.
///
/// # Panics
///
/// When the variable `CONSORT_TEST_POSTGRES` is not set: a test that cannot run has failed.
pub fn postgres_admin_url() -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests are told by `cargo xtask test` where the server is"
    )]
    let url = std::env::var(VARIABLE);
    url.expect(
        "CONSORT_TEST_POSTGRES is not set: run `cargo xtask test`, which starts a PostgreSQL",
    )
}

/// A database of its own, with the whole schema. It goes with the server.
#[derive(Debug)]
pub struct PostgresDatabase {
    url: String,
}

impl PostgresDatabase {
    /// Makes a database by copying one that has the schema already.
    ///
    /// # Panics
    ///
    /// When the server cannot be reached or refuses.
    pub async fn create() -> Self {
        let admin_url = postgres_admin_url();
        let mut admin = PgConnection::connect(&admin_url).await.expect("cannot reach PostgreSQL");
        let template = template(&mut admin, &admin_url).await;
        let name = format!("consort_test_{}", uuid::Uuid::now_v7().simple());
        let sql = format!("create database {name} template {template}");
        admin.execute(AssertSqlSafe(sql)).await.expect("cannot copy the template database");
        admin.close().await.ok();
        Self { url: with_database(&admin_url, &name) }
    }

    /// Makes a database without any schema.
    ///
    /// # Panics
    ///
    /// When the server cannot be reached or refuses.
    pub async fn create_empty() -> Self {
        let admin_url = postgres_admin_url();
        let mut admin = PgConnection::connect(&admin_url).await.expect("cannot reach PostgreSQL");
        let name = format!("consort_test_{}", uuid::Uuid::now_v7().simple());
        let sql = AssertSqlSafe(format!("create database {name}"));
        admin.execute(sql).await.expect("cannot make a database");
        admin.close().await.ok();
        Self { url: with_database(&admin_url, &name) }
    }

    /// The URL of the database.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// The name of a database with the whole schema, made by the first test that needs it.
async fn template(admin: &mut PgConnection, admin_url: &str) -> String {
    let mut hasher = DefaultHasher::new();
    for migration in migrate::postgres_checksums() {
        migration.hash(&mut hasher);
    }
    let name = format!("consort_template_{:016x}", hasher.finish());
    sqlx::query("select pg_advisory_lock($1)")
        .bind(TEMPLATE_LOCK)
        .execute(&mut *admin)
        .await
        .expect("cannot take a lock");
    let found: Option<(String,)> =
        sqlx::query_as("select datname::text from pg_database where datname = $1")
            .bind(&name)
            .fetch_optional(&mut *admin)
            .await
            .expect("cannot list databases");
    if found.is_none() {
        // Under another name until it is whole: a run that was interrupted leaves nothing that looks ready.
        let making = format!("{name}_{}", uuid::Uuid::now_v7().simple());
        admin
            .execute(AssertSqlSafe(format!("create database {making}")))
            .await
            .expect("cannot make a database");
        let config =
            DatabaseConfig { url: with_database(admin_url, &making).into(), max_connections: 2 };
        let db = Db::open(&config).await.expect("cannot open the template database");
        migrate::run(&db).await.expect("cannot migrate the template database");
        db.close().await;
        admin
            .execute(AssertSqlSafe(format!("alter database {making} rename to {name}")))
            .await
            .expect("cannot name the template database");
    }
    sqlx::query("select pg_advisory_unlock($1)")
        .bind(TEMPLATE_LOCK)
        .execute(admin)
        .await
        .expect("cannot release a lock");
    name
}

fn with_database(url: &str, database: &str) -> String {
    let options = PgConnectOptions::from_str(url).expect("CONSORT_TEST_POSTGRES is not a URL");
    options.database(database).to_url_lossy().to_string()
}
