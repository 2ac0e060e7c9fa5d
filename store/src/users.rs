//! Users: the owners of every row that somebody brought.

use time::OffsetDateTime;

use crate::clock::us_to_time;
use crate::db::{execute, fetch_one, fetch_optional};
use crate::tracks::{self, ListQuery};
use crate::{Result, Store, UserId, profiles};

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// What to call it.
    pub name: String,
    /// When it was made.
    pub created_at: OffsetDateTime,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: UserId,
    name: String,
    created_at_us: i64,
}

impl From<Row> for User {
    fn from(row: Row) -> Self {
        Self { id: row.id, name: row.name, created_at: us_to_time(row.created_at_us) }
    }
}

/// Makes a user who is not the operator.
///
/// # Errors
///
/// When the database fails.
pub async fn create(store: &Store, name: &str) -> Result<User> {
    let (id, name): (UserId, _) = (store.new_id(), name.to_owned());
    store
        .write(move |tx| {
            Box::pin(async move {
                let now = tx.now_us();
                execute!(
                    tx,
                    "insert into users (id, role, name, created_at_us) values ($1, 'member', $2, $3)",
                    id,
                    &name,
                    now
                )?;
                profiles::insert(tx, id).await?;
                Ok(User { id, name, created_at: us_to_time(now) })
            })
        })
        .await
}

const OPERATOR: &str = "select id, name, created_at_us from users where role = 'operator'";

/// The one user that runs this installation, made by the first call.
///
/// # Errors
///
/// When the database fails.
pub async fn operator(store: &Store) -> Result<User> {
    let mut reader = store.reader().await?;
    if let Some(row) = fetch_optional!(reader, Row, OPERATOR)? {
        return Ok(row.into());
    }
    drop(reader);
    let id: UserId = store.new_id();
    store
        .write(move |tx| {
            Box::pin(async move {
                let now = tx.now_us();
                execute!(
                    tx,
                    "insert into users (id, role, name, created_at_us)
                     values ($1, 'operator', 'operator', $2) on conflict do nothing",
                    id,
                    now
                )?;
                let operator: User = fetch_one!(tx, Row, OPERATOR)?.into();
                profiles::insert(tx, operator.id).await?;
                Ok(operator)
            })
        })
        .await
}

/// Removes a user who is not the operator, with tracks, tokens, profile and jobs. False if there is no such user. Events stay: they
/// name ids only.
///
/// # Errors
///
/// When the database fails; what is gone by then is gone, and the same call goes on.
pub async fn delete(store: &Store, user: UserId) -> Result<bool> {
    let is_member = async || {
        let mut reader = store.reader().await?;
        let row = fetch_optional!(
            reader,
            (UserId,),
            "select id from users where id = $1 and role = 'member'",
            user
        )?;
        Ok::<_, crate::Error>(row.is_some())
    };
    if !is_member().await? {
        return Ok(false);
    }
    // Nobody can come in any more; then track by track, because each takes its bytes along.
    store
        .write(move |tx| {
            Box::pin(async move { execute!(tx, "delete from tokens where owner_id = $1", user) })
        })
        .await?;
    let first = ListQuery { after: None, limit: 100, state: None };
    loop {
        let page = tracks::list(store, user, first).await?;
        if page.items.is_empty() {
            break;
        }
        for track in page.items {
            tracks::delete(store, user, track.id).await?;
        }
    }
    store
        .write(move |tx| {
            Box::pin(async move {
                execute!(tx, "delete from consort_jobs where owner_id = $1", user)?;
                let n_rows = execute!(tx, "delete from users where id = $1", user)?;
                Ok(n_rows == 1)
            })
        })
        .await
}
