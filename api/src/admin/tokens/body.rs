//! A token as JSON.

use serde::Serialize;
use store::tokens::Token;
use store::{Scope, TokenId, UserId};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// A token of a program, without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Token)]
pub(crate) struct TokenBody {
    /// Its id.
    #[schema(value_type = String, min_length = 22, max_length = 22)]
    id: TokenId,
    /// Whose rows it opens.
    #[schema(value_type = String, min_length = 22, max_length = 22)]
    user_id: UserId,
    /// What it is for.
    #[schema(example = "speech")]
    name: String,
    /// What it allows; `admin` is everything.
    #[schema(value_type = Vec<String>, example = json!(["tracks:read", "matches:read"]))]
    scopes: Vec<Scope>,
    /// When it ends; `null` for tokens of old that do not.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<OffsetDateTime>,
    /// When it was last used, to the minute.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<OffsetDateTime>,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    created_at: OffsetDateTime,
}

impl From<Token> for TokenBody {
    fn from(token: Token) -> Self {
        Self {
            id: token.id,
            user_id: token.owner_id,
            name: token.name,
            scopes: token.scopes,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
            created_at: token.created_at,
        }
    }
}
