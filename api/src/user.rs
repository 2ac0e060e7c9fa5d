//! A user as JSON.

use serde::Serialize;
use store::users::User;
use store::{Role, UserId};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// A user.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserBody {
    /// Its id.
    #[schema(value_type = String, min_length = 22, max_length = 22)]
    id: UserId,
    /// What to call it.
    name: String,
    /// The name that it comes in with, if it has a password.
    #[schema(value_type = Option<String>)]
    login: Option<String>,
    /// `user`, or `admin` for whoever may do what concerns all users.
    #[schema(value_type = String, example = "user")]
    role: Role,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    #[schema(value_type = String, format = DateTime)]
    created_at: OffsetDateTime,
}

impl From<User> for UserBody {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            name: user.name,
            login: user.login.map(|login| login.to_string()),
            role: user.role,
            created_at: user.created_at,
        }
    }
}
