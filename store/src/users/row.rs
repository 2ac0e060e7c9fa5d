//! The row of a user.

use time::OffsetDateTime;

use crate::clock::us_to_time;
use crate::text_enum::text_enum;
use crate::{LoginName, UserId};

text_enum! {
    /// What a user may do.
    pub enum Role {
        /// Everything with rows of their own.
        User = "user",
        /// Also what concerns all users.
        Admin = "admin",
    }
}

impl Role {
    pub(crate) fn of(is_admin: bool) -> Self {
        if is_admin { Self::Admin } else { Self::User }
    }

    pub(super) fn is_admin(self) -> bool {
        self == Self::Admin
    }
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// What to call it.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Whether it is the one that this installation's own work belongs to.
    pub is_operator: bool,
    /// The name that it comes in with, if it has a password.
    pub login: Option<LoginName>,
    /// When it was made.
    pub created_at: OffsetDateTime,
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: UserId,
    name: String,
    role: String,
    is_admin: bool,
    login: Option<String>,
    created_at_us: i64,
}

/// The columns of [`Row`] and where they come from.
macro_rules! select_users {
    ($rest:literal) => {
        concat!(
            "select users.id, users.name, users.role, users.is_admin, logins.login, users.created_at_us
             from users left join logins on logins.user_id = users.id ",
            $rest
        )
    };
}

pub(super) use select_users;

impl From<Row> for User {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            role: Role::of(row.is_admin),
            is_operator: row.role == "operator",
            login: row.login.map(LoginName::from_row),
            created_at: us_to_time(row.created_at_us),
        }
    }
}
