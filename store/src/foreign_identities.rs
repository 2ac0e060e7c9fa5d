//! Users who come in by somebody else's word.

use serde_json::json;

use crate::audit::{self, Action, NewEntry};
use crate::db::{execute, fetch_one, fetch_optional};
use crate::users::{self, Role};
use crate::{Result, Store, UserId};

/// Somebody whom another one vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreigner {
    /// The user here.
    pub user_id: UserId,
    /// What the user may do here.
    pub role: Role,
}

const FIND: &str =
    "select users.id, users.is_admin from foreign_identities join users on users.id = foreign_identities.user_id
     where issuer = $1 and subject = $2";

/// The user for whom `issuer` vouches as `subject`, if that user has been here before.
///
/// # Errors
///
/// When the database fails.
pub async fn find(store: &Store, issuer: &str, subject: &str) -> Result<Option<Foreigner>> {
    let mut reader = store.reader().await?;
    let row = fetch_optional!(reader, (UserId, bool), FIND, issuer, subject)?;
    Ok(row.map(|(user_id, is_admin)| Foreigner { user_id, role: Role::of(is_admin) }))
}

/// The user for whom `issuer` vouches as `subject`, made at first sight and then called `name`.
///
/// # Errors
///
/// When the database fails.
pub async fn resolve(store: &Store, issuer: &str, subject: &str, name: &str) -> Result<Foreigner> {
    let found =
        |(user_id, is_admin): (UserId, bool)| Foreigner { user_id, role: Role::of(is_admin) };
    if let Some(foreigner) = find(store, issuer, subject).await? {
        return Ok(foreigner);
    }
    let (issuer, subject, name) = (issuer.to_owned(), subject.to_owned(), name.to_owned());
    let id: UserId = store.new_id();
    store
        .write(move |tx| {
            Box::pin(async move {
                let now = tx.now_us();
                users::insert_member(tx, id, &name, Role::User).await?;
                let n_rows = execute!(
                    tx,
                    "insert into foreign_identities (issuer, subject, user_id, created_at_us) values ($1, $2, $3, $4)
                     on conflict do nothing",
                    &issuer,
                    &subject,
                    id,
                    now
                )?;
                if n_rows == 0 {
                    // Another request of the same person was faster.
                    execute!(tx, "delete from users where id = $1", id)?;
                } else {
                    let entry = NewEntry::about(Action::UserIntroduced, id);
                    audit::append(tx, entry.with(json!({ "issuer": issuer }))).await?;
                }
                Ok(found(fetch_one!(tx, (UserId, bool), FIND, &issuer, &subject)?))
            })
        })
        .await
}
