//! Issuing a token.

use secrecy::SecretString;
use serde_json::json;
use time::OffsetDateTime;

use super::list::Token;
use super::scope::{self, Scope};
use crate::audit::{self, Action, NewEntry};
use crate::clock::{time_to_us, us_to_time};
use crate::db::execute;
use crate::secret::{self, random_text};
use crate::{Result, Sha256, Store, TokenId, UserId};

/// A token to be issued.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Whose rows it opens.
    pub owner_id: UserId,
    /// What to call it.
    pub name: String,
    /// What it allows.
    pub scopes: Vec<Scope>,
    /// When it ends, if ever.
    pub expires_at: Option<OffsetDateTime>,
}

/// Issues a token. Its secret is returned once and never again.
///
/// # Errors
///
/// When the database or the system's random generator fails.
pub async fn issue(store: &Store, new: NewToken) -> Result<(Token, SecretString)> {
    let secret = random_text(super::PREFIX, secret::N_CHARS)?;
    let hash = Sha256::of(secret.as_bytes());
    let id: TokenId = store.new_id();
    let token = store
        .write(move |tx| {
            Box::pin(async move {
                let now = tx.now_us();
                execute!(
                    tx,
                    "insert into tokens (id, owner_id, name, sha256, scopes, expires_at_us, created_at_us)
                     values ($1, $2, $3, $4, $5, $6, $7)",
                    id,
                    new.owner_id,
                    &new.name,
                    hash.as_bytes().as_slice(),
                    scope::to_words(&new.scopes),
                    new.expires_at.map(time_to_us),
                    now
                )?;
                let entry = NewEntry::about(Action::TokenIssued, id);
                let details = json!({ "user_id": new.owner_id, "scopes": new.scopes });
                audit::append(tx, entry.with(details)).await?;
                Ok(Token {
                    id,
                    owner_id: new.owner_id,
                    name: new.name,
                    scopes: new.scopes,
                    expires_at: new.expires_at,
                    last_used_at: None,
                    created_at: us_to_time(now),
                })
            })
        })
        .await?;
    Ok((token, SecretString::from(secret)))
}
