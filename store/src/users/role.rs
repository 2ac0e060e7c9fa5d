//! What a user may do.

use serde_json::json;

use super::row::Role;
use crate::audit::{self, Action, NewEntry};
use crate::db::{execute, fetch_optional};
use crate::{Result, Store, UserId};

/// Changes what a user may do, from the next request on. False if there is no such user, or it is the operator, who stays an
/// administrator.
///
/// # Errors
///
/// When the database fails.
pub async fn set_role(store: &Store, id: UserId, role: Role) -> Result<bool> {
    store
        .write(move |tx| {
            Box::pin(async move {
                let n_rows = execute!(
                    tx,
                    "update users set is_admin = $2 where id = $1 and role = 'member' and is_admin <> $2",
                    id,
                    role.is_admin()
                )?;
                if n_rows == 1 {
                    let entry = NewEntry::about(Action::UserRoleChanged, id);
                    audit::append(tx, entry.with(json!({ "role": role }))).await?;
                    return Ok(true);
                }
                // It may be what the user is already.
                let member = fetch_optional!(
                    tx,
                    (UserId,),
                    "select id from users where id = $1 and role = 'member'",
                    id
                )?;
                Ok(member.is_some())
            })
        })
        .await
}
