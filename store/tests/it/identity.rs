//! Logins, sessions, foreign identities, and how an installation without them gets them.

use std::borrow::Cow;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sqlx::migrate::Migrator;
use sqlx::{Connection, Executor, PgConnection, SqliteConnection};
use store::sessions::{self, Refreshed};
use store::testing::{PostgresDatabase, TestStore};
use store::users::{self, NewLogin, NewUser};
use store::{
    BlobsConfig, Config, DatabaseConfig, QueueConfig, Role, Scope, Store, foreign_identities,
    logins, tokens,
};

on_both_databases! {
    a_login_belongs_to_one,
    of_many_first_starts_one_tells_the_password,
    a_password_that_changed_meanwhile_opens_nothing,
    sessions_that_are_over_are_forgotten,
    one_person_seen_many_times_at_once_is_one_user,
    the_operator_stays_an_administrator,
}

fn login(name: &str, password_hash: &str) -> NewLogin {
    NewLogin {
        login: name.parse().unwrap(),
        password_hash: password_hash.into(),
        is_one_time: false,
    }
}

fn user(name: &str) -> NewUser {
    NewUser { name: name.to_owned(), role: Role::User, login: Some(login(name, "hash")) }
}

const MONTH: Duration = Duration::from_hours(24 * 30);

async fn a_login_belongs_to_one(test: TestStore) {
    let ana = users::create_with(&test.store, user("ana")).await.unwrap().unwrap();
    assert!(users::create_with(&test.store, user("ANA")).await.unwrap().is_none());
    // Whoever was refused is not there.
    assert_eq!(users::list(&test.store, None, 10).await.unwrap().items.len(), 2);
    let name = "ana".parse().unwrap();
    assert_eq!(users::find(&test.store, &name).await.unwrap(), Some(ana.clone()));
    assert_eq!(users::get(&test.store, ana.id).await.unwrap(), Some(ana.clone()));
    assert!(!logins::add(&test.store, test.owner, login("ana", "hash")).await.unwrap());
    assert!(!logins::add(&test.store, ana.id, login("ben", "hash")).await.unwrap());
    assert!(!logins::reset(&test.store, test.owner, "hash".into()).await.unwrap());
}

async fn of_many_first_starts_one_tells_the_password(test: TestStore) {
    let tasks: Vec<_> = (0..8)
        .map(|place| {
            let (store, owner) = (test.store.clone(), test.owner);
            let new = login("admin", &format!("hash {place}"));
            tokio::spawn(async move { logins::add(&store, owner, new).await.unwrap() })
        })
        .collect();
    let mut n_told = 0;
    for task in tasks {
        n_told += u32::from(task.await.unwrap());
    }
    assert_eq!(n_told, 1);
}

async fn a_password_that_changed_meanwhile_opens_nothing(test: TestStore) {
    let ana = users::create_with(&test.store, user("ana")).await.unwrap().unwrap();
    let verified = logins::of_user(&test.store, ana.id).await.unwrap().unwrap();
    let session = sessions::open(&test.store, verified.clone(), MONTH).await.unwrap().unwrap();
    let changed =
        logins::change(&test.store, verified.clone(), "another".into(), session.id).await.unwrap();
    assert!(changed);
    assert!(sessions::open(&test.store, verified.clone(), MONTH).await.unwrap().is_none());
    let again = logins::change(&test.store, verified, "third".into(), session.id).await.unwrap();
    assert!(!again);
    assert!(sessions::authenticate(&test.store, session.id).await.unwrap().is_some());
    assert!(logins::reset(&test.store, ana.id, "fourth".into()).await.unwrap());
    assert!(sessions::authenticate(&test.store, session.id).await.unwrap().is_none());
}

async fn sessions_that_are_over_are_forgotten(test: TestStore) {
    users::create_with(&test.store, user("ana")).await.unwrap().unwrap();
    let verified = logins::find(&test.store, &"ana".parse().unwrap()).await.unwrap().unwrap();
    let open =
        async || sessions::open(&test.store, verified.clone(), MONTH).await.unwrap().unwrap();
    let old = open().await;
    test.advance(MONTH);
    assert!(sessions::authenticate(&test.store, old.id).await.unwrap().is_none());
    open().await;
    // Its row is gone: nobody can tell that there ever was one.
    let refreshed = sessions::refresh(&test.store, old.refresh_token.expose_secret()).await;
    assert!(matches!(refreshed.unwrap(), Refreshed::Unknown));
}

async fn one_person_seen_many_times_at_once_is_one_user(test: TestStore) {
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let store = test.store.clone();
            tokio::spawn(async move {
                foreign_identities::resolve(&store, "https://id.example", "7", "Ana").await.unwrap()
            })
        })
        .collect();
    let mut seen = Vec::new();
    for task in tasks {
        seen.push(task.await.unwrap());
    }
    seen.dedup();
    assert_eq!(seen.len(), 1);
    let other = foreign_identities::resolve(&test.store, "https://other.example", "7", "Ana").await;
    assert_ne!(other.unwrap().user_id, seen[0].user_id);
    assert_eq!(users::list(&test.store, None, 10).await.unwrap().items.len(), 3);
}

async fn the_operator_stays_an_administrator(test: TestStore) {
    assert!(!users::set_role(&test.store, test.owner, Role::User).await.unwrap());
    let operator = users::get(&test.store, test.owner).await.unwrap().unwrap();
    assert_eq!((operator.role, operator.is_operator), (Role::Admin, true));
}

/// The schema before there was identity.
const BEFORE: i64 = 10;

fn before(mut migrator: Migrator) -> Migrator {
    let migrations = migrator.migrations.iter().filter(|it| it.version <= BEFORE).cloned();
    migrator.migrations = Cow::Owned(migrations.collect());
    migrator
}

/// An operator, a member, and a token of each, as they were written then; `bytes` writes hexadecimal digits in the database's way.
fn rows_of_then(bytes: impl Fn(&str) -> String, secret_sha256: &str) -> String {
    let (operator, member) = (bytes(&"01".repeat(16)), bytes(&"02".repeat(16)));
    let (first, second) = (bytes(&"03".repeat(16)), bytes(&"04".repeat(16)));
    let (known, other) = (bytes(secret_sha256), bytes(&"05".repeat(32)));
    format!(
        "insert into users (id, role, name, created_at_us)
             values ({operator}, 'operator', 'operator', 1), ({member}, 'member', 'somebody', 2);
         insert into tokens (id, owner_id, name, sha256, scopes, expires_at_us, created_at_us)
             values ({first}, {operator}, 'laptop', {known}, 'admin', null, 3),
                    ({second}, {member}, 'phone', {other}, 'tracks:read', null, 4);"
    )
}

#[tokio::test]
async fn an_installation_of_before_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let secret = format!("cst_{}", "a".repeat(43));
    let sha256 = store::Sha256::of(secret.as_bytes()).to_string();
    let sqlite = format!("sqlite:{}", folder.path().join("old.sqlite3").display());
    {
        let options = format!("{sqlite}?mode=rwc");
        let mut connection = SqliteConnection::connect(&options).await.unwrap();
        before(sqlx::migrate!("../migrations/sqlite")).run(&mut connection).await.unwrap();
        let rows = rows_of_then(|hex| format!("x'{hex}'"), &sha256);
        connection.execute(sqlx::AssertSqlSafe(rows)).await.unwrap();
        connection.close().await.unwrap();
    }
    let postgres = PostgresDatabase::create_empty().await;
    {
        let mut connection = PgConnection::connect(postgres.url()).await.unwrap();
        before(sqlx::migrate!("../migrations/postgres")).run(&mut connection).await.unwrap();
        let bytes = |hex: &str| match hex.len() {
            32 => format!("'{hex}'::uuid"),
            _ => format!("'\\x{hex}'::bytea"),
        };
        let rows = rows_of_then(bytes, &sha256);
        connection.execute(sqlx::AssertSqlSafe(rows)).await.unwrap();
        connection.close().await.unwrap();
    }
    for url in [sqlite, postgres.url().to_owned()] {
        let config = Config {
            database: DatabaseConfig { url: SecretString::from(url), max_connections: 2 },
            blobs: BlobsConfig::Local { path: folder.path().join("blobs") },
            queue: QueueConfig::default(),
        };
        let store = Store::open(&config).await.unwrap();
        store.migrate().await.unwrap();
        let identity = tokens::authenticate(&store, &secret).await.unwrap().unwrap();
        assert_eq!(identity.role, Role::Admin);
        assert!(identity.allows(Scope::Admin));
        assert_eq!(identity.user_id, users::operator(&store).await.unwrap().id);
        let roles: Vec<_> = users::list(&store, None, 10).await.unwrap().items;
        let roles: Vec<_> = roles.iter().map(|user| (user.name.as_str(), user.role)).collect();
        assert_eq!(roles, [("somebody", Role::User), ("operator", Role::Admin)]);
        assert_eq!(tokens::list(&store, None, 10).await.unwrap().items.len(), 2);
        store.close().await;
    }
}
