//! Removing a user.

use crate::audit::{self, Action, NewEntry};
use crate::db::{execute, fetch_optional};
use crate::tracks::{self, ListQuery};
use crate::{Result, Store, UserId, analytics, uploads};

/// Removes a user who is not the operator, with tracks, uploads, tokens, login, sessions, profile and jobs. False if there is no such user. Events
/// stay: they name ids only.
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
            Box::pin(async move {
                execute!(tx, "delete from tokens where owner_id = $1", user)?;
                execute!(tx, "delete from logins where user_id = $1", user)?;
                execute!(tx, "delete from sessions where user_id = $1", user)?;
                execute!(tx, "delete from foreign_identities where user_id = $1", user)
            })
        })
        .await?;
    uploads::delete_all(store, user).await?;
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
                analytics::forget(tx, user).await?;
                let n_rows = execute!(tx, "delete from users where id = $1", user)?;
                if n_rows == 1 {
                    audit::append(tx, NewEntry::about(Action::UserDeleted, user)).await?;
                }
                Ok(n_rows == 1)
            })
        })
        .await
}
