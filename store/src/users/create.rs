//! Making users.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::row::{Role, Row, User, select_users};
use crate::audit::{self, Action, NewEntry};
use crate::clock::us_to_time;
use crate::db::{Tx, execute, fetch_one, fetch_optional};
use crate::{LoginName, Result, Store, UserId, profiles};

/// A name and a password to come in with.
#[derive(Debug, Clone)]
pub struct NewLogin {
    /// The name.
    pub login: LoginName,
    /// The PHC string of the password's hash.
    pub password_hash: SecretString,
    /// Good for nothing but choosing another password.
    pub is_one_time: bool,
}

/// A user to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// What to call it.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// How it comes in; without one, by tokens only.
    pub login: Option<NewLogin>,
}

/// Makes a user without special rights and without a password.
///
/// # Errors
///
/// When the database fails.
pub async fn create(store: &Store, name: &str) -> Result<User> {
    let (id, name): (UserId, _) = (store.new_id(), name.to_owned());
    store
        .write(move |tx| {
            Box::pin(async move {
                insert_member(tx, id, &name, Role::User).await?;
                tell(tx, id, Role::User).await?;
                let created_at = us_to_time(tx.now_us());
                Ok(User { id, name, role: Role::User, is_operator: false, login: None, created_at })
            })
        })
        .await
}

/// Makes a user who is not the operator. `None` if somebody else has that login.
///
/// # Errors
///
/// When the database fails.
pub async fn create_with(store: &Store, new: NewUser) -> Result<Option<User>> {
    let id: UserId = store.new_id();
    store
        .write(move |tx| {
            Box::pin(async move {
                insert_member(tx, id, &new.name, new.role).await?;
                if let Some(login) = &new.login
                    && !insert_login(tx, id, login).await?
                {
                    execute!(tx, "delete from users where id = $1", id)?;
                    return Ok(None);
                }
                tell(tx, id, new.role).await?;
                Ok(Some(User {
                    id,
                    name: new.name,
                    role: new.role,
                    is_operator: false,
                    login: new.login.map(|login| login.login),
                    created_at: us_to_time(tx.now_us()),
                }))
            })
        })
        .await
}

async fn tell(tx: &mut Tx, id: UserId, role: Role) -> Result<()> {
    let entry = NewEntry::about(Action::UserCreated, id).with(json!({ "role": role }));
    audit::append(tx, entry).await
}

/// The row of a user who is not the operator, and the profile of the same.
pub(crate) async fn insert_member(tx: &mut Tx, id: UserId, name: &str, role: Role) -> Result<()> {
    let now = tx.now_us();
    execute!(
        tx,
        "insert into users (id, role, name, is_admin, created_at_us) values ($1, 'member', $2, $3, $4)",
        id,
        name,
        role.is_admin(),
        now
    )?;
    profiles::insert(tx, id).await
}

/// Gives a user a login. False if the login is taken or the user has one.
pub(crate) async fn insert_login(tx: &mut Tx, user: UserId, new: &NewLogin) -> Result<bool> {
    let now = tx.now_us();
    let n_rows = execute!(
        tx,
        "insert into logins (user_id, login, password_hash, is_one_time, created_at_us, changed_at_us)
         values ($1, $2, $3, $4, $5, $5) on conflict do nothing",
        user,
        new.login.as_str(),
        new.password_hash.expose_secret(),
        new.is_one_time,
        now
    )?;
    Ok(n_rows == 1)
}

const OPERATOR: &str = select_users!("where users.role = 'operator'");

/// The one user that runs this installation, made by the first call. An administrator.
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
                let n_rows = execute!(
                    tx,
                    "insert into users (id, role, name, is_admin, created_at_us)
                     values ($1, 'operator', 'operator', $2, $3) on conflict do nothing",
                    id,
                    true,
                    now
                )?;
                let operator: User = fetch_one!(tx, Row, OPERATOR)?.into();
                profiles::insert(tx, operator.id).await?;
                if n_rows == 1 {
                    tell(tx, operator.id, Role::Admin).await?;
                }
                Ok(operator)
            })
        })
        .await
}
