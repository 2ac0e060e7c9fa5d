//! Users: the owners of every row that somebody brought.

mod create;
mod delete;
mod read;
mod role;
mod row;

pub use create::{NewLogin, NewUser, create, create_with, operator};
pub use delete::delete;
pub use read::{find, get, list};
pub use role::set_role;
pub use row::{Role, User};

pub(crate) use create::{insert_login, insert_member};
