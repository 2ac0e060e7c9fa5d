//! Reading and ending tokens.

use time::OffsetDateTime;

use super::scope::{self, Scope};
use crate::audit::{self, Action, NewEntry};
use crate::clock::us_to_time;
use crate::db::{execute, fetch_all};
use crate::{Error, Page, Result, Store, TokenId, UserId};

/// A token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// Whose rows it opens.
    pub owner_id: UserId,
    /// What to call it.
    pub name: String,
    /// What it allows.
    pub scopes: Vec<Scope>,
    /// When it ends, if ever.
    pub expires_at: Option<OffsetDateTime>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<OffsetDateTime>,
    /// When it was issued.
    pub created_at: OffsetDateTime,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: TokenId,
    owner_id: UserId,
    name: String,
    scopes: String,
    expires_at_us: Option<i64>,
    last_used_at_us: Option<i64>,
    created_at_us: i64,
}

impl TryFrom<Row> for Token {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            owner_id: row.owner_id,
            name: row.name,
            scopes: scope::from_words(&row.scopes)?,
            expires_at: row.expires_at_us.map(us_to_time),
            last_used_at: row.last_used_at_us.map(us_to_time),
            created_at: us_to_time(row.created_at_us),
        })
    }
}

/// The tokens of all users, newest first, those whose time is over among them.
///
/// # Errors
///
/// When the database fails.
pub async fn list(store: &Store, after: Option<TokenId>, limit: u32) -> Result<Page<Token>> {
    let mut reader = store.reader().await?;
    let rows = fetch_all!(
        reader,
        Row,
        "select id, owner_id, name, scopes, expires_at_us, last_used_at_us, created_at_us
         from tokens where id < $1 order by id desc limit $2",
        after.unwrap_or(TokenId::from_u128(u128::MAX)),
        i64::from(limit) + 1
    )?;
    let tokens = rows.into_iter().map(Token::try_from).collect::<Result<_>>()?;
    Ok(Page::from_one_more(tokens, limit))
}

/// Ends a token at once. False if there is no such token.
///
/// # Errors
///
/// When the database fails.
pub async fn revoke(store: &Store, id: TokenId) -> Result<bool> {
    store
        .write(move |tx| {
            Box::pin(async move {
                let n_rows = execute!(tx, "delete from tokens where id = $1", id)?;
                if n_rows == 1 {
                    audit::append(tx, NewEntry::about(Action::TokenRevoked, id)).await?;
                }
                Ok(n_rows == 1)
            })
        })
        .await
}
