//! Logging out.

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
            Box::pin(
                async move { Ok(execute!(tx, "delete from sessions where id = $1", id)? == 1) },
            )
        })
        .await
}
