//! Who shows a token.

use time::OffsetDateTime;

use super::scope::{self, Scope};
use crate::clock::{time_to_us, us_to_time};
use crate::db::fetch_optional;
use crate::secret;
use crate::users::Role;
use crate::{Result, Sha256, Store, TokenId, UserId};

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The user.
    pub user_id: UserId,
    /// What the user may do.
    pub role: Role,
    /// The token that was shown.
    pub token_id: TokenId,
    /// What the token allows.
    pub scopes: Vec<Scope>,
    /// When it was last used, as far as that is written down.
    pub last_used_at: Option<OffsetDateTime>,
}

impl Identity {
    /// True if the token allows `scope`; [`Scope::Admin`] allows all.
    pub fn allows(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|held| *held == scope || *held == Scope::Admin)
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: TokenId,
    owner_id: UserId,
    is_admin: bool,
    scopes: String,
    expires_at_us: Option<i64>,
    last_used_at_us: Option<i64>,
}

/// The identity behind a secret; `None` when no token has it or its time is over.
///
/// # Errors
///
/// When the database fails.
pub async fn authenticate(store: &Store, secret: &str) -> Result<Option<Identity>> {
    if secret::well_formed(secret, super::PREFIX, secret::N_CHARS).is_none() {
        return Ok(None);
    }
    // Looking up the hash, not the secret, leaves nothing to time.
    let hash = Sha256::of(secret.as_bytes());
    let mut reader = store.reader().await?;
    let row = fetch_optional!(
        reader,
        Row,
        "select tokens.id, owner_id, is_admin, scopes, expires_at_us, last_used_at_us
         from tokens join users on users.id = tokens.owner_id where sha256 = $1",
        hash.as_bytes().as_slice()
    )?;
    let Some(row) = row else { return Ok(None) };
    if row.expires_at_us.is_some_and(|end| end <= time_to_us(store.now())) {
        return Ok(None);
    }
    Ok(Some(Identity {
        user_id: row.owner_id,
        role: Role::of(row.is_admin),
        token_id: row.id,
        scopes: scope::from_words(&row.scopes)?,
        last_used_at: row.last_used_at_us.map(us_to_time),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admin_allows_everything_and_others_only_themselves() {
        let identity = |scopes| Identity {
            user_id: UserId::from_u128(1),
            role: Role::User,
            token_id: TokenId::from_u128(2),
            scopes,
            last_used_at: None,
        };
        for scope in Scope::ALL {
            assert!(identity(vec![Scope::Admin]).allows(*scope));
            assert_eq!(
                identity(vec![Scope::TracksRead]).allows(*scope),
                *scope == Scope::TracksRead
            );
            assert_eq!(scope.as_str().parse(), Ok(*scope));
        }
    }
}
