//! Logging out.

use crate::audit::{self, Action, NewEntry};
use crate::db::execute;
use crate::{Result, SessionId, Store};

/// Ends a session. False if it had ended.
///
/// # Errors
///
/// When the database fails.
pub async fn close(store: &Store, id: SessionId) -> Result<bool> {
    store
        .write(move |tx| {
            Box::pin(async move {
                let n_rows = execute!(tx, "delete from sessions where id = $1", id)?;
                if n_rows == 1 {
                    audit::append(tx, NewEntry::about(Action::SessionEnded, id)).await?;
                }
                Ok(n_rows == 1)
            })
        })
        .await
}
