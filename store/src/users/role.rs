//! What a user may do.

use super::row::Role;
use crate::db::execute;
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
                    "update users set is_admin = $2 where id = $1 and role = 'member'",
                    id,
                    role.is_admin()
                )?;
                Ok(n_rows == 1)
            })
        })
        .await
}
