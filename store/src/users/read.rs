//! Reading users.

use super::row::{Row, User, select_users};
use crate::db::{fetch_all, fetch_optional};
use crate::{LoginName, Page, Result, Store, UserId};

/// A user.
///
/// # Errors
///
/// When the database fails.
pub async fn get(store: &Store, id: UserId) -> Result<Option<User>> {
    let mut reader = store.reader().await?;
    let row = fetch_optional!(reader, Row, select_users!("where users.id = $1"), id)?;
    Ok(row.map(Into::into))
}

/// The user who comes in with this name.
///
/// # Errors
///
/// When the database fails.
pub async fn find(store: &Store, login: &LoginName) -> Result<Option<User>> {
    let mut reader = store.reader().await?;
    let sql = select_users!("where logins.login = $1");
    let row = fetch_optional!(reader, Row, sql, login.as_str())?;
    Ok(row.map(Into::into))
}

/// All users, newest first.
///
/// # Errors
///
/// When the database fails.
pub async fn list(store: &Store, after: Option<UserId>, limit: u32) -> Result<Page<User>> {
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        Row,
        select_users!("where users.id < $1 order by users.id desc limit $2"),
        after.unwrap_or(UserId::from_u128(u128::MAX)),
        i64::from(limit) + 1
    )?;
    Ok(Page::from_one_more(rows.into_iter().map(Into::into).collect(), limit))
}
