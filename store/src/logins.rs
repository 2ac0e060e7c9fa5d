//! Names and passwords to come in with.

use std::fmt;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};

use crate::audit::{self, Action, NewEntry};
use crate::db::{execute, fetch_optional};
use crate::users::{self, NewLogin};
use crate::{Result, SessionId, Store, UserId};

/// Longest name; e-mail addresses are seldom longer.
const MAX_NAME_BYTES: usize = 100;

/// A name to come in with: 1 to 100 of `a-z0-9._@+-`, so that an e-mail address will do. Capitals become small.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LoginName(String);

/// A text that cannot be a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 100 of a-z, 0-9 and ._@+-")]
pub struct InvalidLoginName;

impl LoginName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn from_row(text: String) -> Self {
        Self(text)
    }
}

impl FromStr for LoginName {
    type Err = InvalidLoginName;

    fn from_str(text: &str) -> Result<Self, InvalidLoginName> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._@+-".contains(&byte);
        if (1..=MAX_NAME_BYTES).contains(&text.len()) && text.bytes().all(is_allowed) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(InvalidLoginName)
        }
    }
}

impl fmt::Display for LoginName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// How a user comes in.
#[derive(Debug, Clone)]
pub struct Login {
    /// The user.
    pub user_id: UserId,
    /// The PHC string of the password's hash.
    pub password_hash: SecretString,
    /// Good for nothing but choosing another password.
    pub is_one_time: bool,
}

#[derive(sqlx::FromRow)]
struct Row {
    user_id: UserId,
    password_hash: String,
    is_one_time: bool,
}

impl From<Row> for Login {
    fn from(row: Row) -> Self {
        let Row { user_id, password_hash, is_one_time } = row;
        Self { user_id, password_hash: password_hash.into(), is_one_time }
    }
}

/// The login with this name.
///
/// # Errors
///
/// When the database fails.
pub async fn find(store: &Store, name: &LoginName) -> Result<Option<Login>> {
    let mut reader = store.reader().await?;
    let row = fetch_optional!(
        reader,
        Row,
        "select user_id, password_hash, is_one_time from logins where login = $1",
        name.as_str()
    )?;
    Ok(row.map(Into::into))
}

/// The login of a user.
///
/// # Errors
///
/// When the database fails.
pub async fn of_user(store: &Store, user: UserId) -> Result<Option<Login>> {
    let mut reader = store.reader().await?;
    let row = fetch_optional!(
        reader,
        Row,
        "select user_id, password_hash, is_one_time from logins where user_id = $1",
        user
    )?;
    Ok(row.map(Into::into))
}

/// Gives a login to a user who has none. False if the user has one, or somebody else that name.
///
/// # Errors
///
/// When the database fails.
pub async fn add(store: &Store, user: UserId, new: NewLogin) -> Result<bool> {
    store
        .write(move |tx| {
            Box::pin(async move {
                let is_given = users::insert_login(tx, user, &new).await?;
                if is_given {
                    audit::append(tx, NewEntry::about(Action::LoginGiven, user)).await?;
                }
                Ok(is_given)
            })
        })
        .await
}

/// Puts a password that its owner chose in the place of the one that was verified, and ends all other sessions. False if the password has
/// changed meanwhile.
///
/// # Errors
///
/// When the database fails.
pub async fn change(
    store: &Store,
    verified: Login,
    password_hash: SecretString,
    session: SessionId,
) -> Result<bool> {
    store
        .write(move |tx| {
            Box::pin(async move {
                let now = tx.now_us();
                let n_rows = execute!(
                    tx,
                    "update logins set password_hash = $3, is_one_time = $4, changed_at_us = $5
                     where user_id = $1 and password_hash = $2",
                    verified.user_id,
                    verified.password_hash.expose_secret(),
                    password_hash.expose_secret(),
                    false,
                    now
                )?;
                if n_rows == 0 {
                    return Ok(false);
                }
                execute!(
                    tx,
                    "delete from sessions where user_id = $1 and id <> $2",
                    verified.user_id,
                    session
                )?;
                let entry = NewEntry::about(Action::PasswordChanged, verified.user_id);
                audit::append(tx, entry).await?;
                Ok(true)
            })
        })
        .await
}

/// Gives a user a one-time password, and ends all sessions. False if the user has no login.
///
/// # Errors
///
/// When the database fails.
pub async fn reset(store: &Store, user: UserId, password_hash: SecretString) -> Result<bool> {
    store
        .write(move |tx| {
            Box::pin(async move {
                let now = tx.now_us();
                let n_rows = execute!(
                    tx,
                    "update logins set password_hash = $2, is_one_time = $3, changed_at_us = $4 where user_id = $1",
                    user,
                    password_hash.expose_secret(),
                    true,
                    now
                )?;
                execute!(tx, "delete from sessions where user_id = $1", user)?;
                if n_rows == 1 {
                    audit::append(tx, NewEntry::about(Action::PasswordReset, user)).await?;
                }
                Ok(n_rows == 1)
            })
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bounded_and_in_small_letters() {
        let name = |text: &str| text.parse::<LoginName>().map(|name| name.to_string());
        assert_eq!(name("Ana.Lima+music@Example.org").unwrap(), "ana.lima+music@example.org");
        assert!(name(&"x".repeat(100)).is_ok());
        for bad in ["", " ", "a b", "ana\0", "änne", "a/b", "ana\u{202e}", &"x".repeat(101)] {
            assert_eq!(name(bad), Err(InvalidLoginName), "{bad:?}");
        }
    }
}
