//! Who is in a session.

use crate::db::fetch_optional;
use crate::users::Role;
use crate::{Result, SessionId, Store, UserId};

/// Somebody who came in with a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The user.
    pub user_id: UserId,
    /// What the user may do.
    pub role: Role,
    /// The password was set by somebody else, and is good for nothing but choosing another.
    pub is_one_time: bool,
}

/// Whose session it is; `None` once it has ended.
///
/// # Errors
///
/// When the database fails.
pub async fn authenticate(store: &Store, id: SessionId) -> Result<Option<SignedIn>> {
    let mut reader = store.reader().await?;
    let row = fetch_optional!(
        reader,
        (UserId, bool, bool),
        "select sessions.user_id, users.is_admin, logins.is_one_time
         from sessions join users on users.id = sessions.user_id join logins on logins.user_id = sessions.user_id
         where sessions.id = $1 and sessions.expires_at_us > $2",
        id,
        store.now_us()
    )?;
    Ok(row.map(|(user_id, is_admin, is_one_time)| SignedIn {
        user_id,
        role: Role::of(is_admin),
        is_one_time,
    }))
}
