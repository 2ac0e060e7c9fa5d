//! `/v1/admin/users`: everybody.

mod create;
mod delete;
mod list;

pub(crate) use create::{__path_create_user, create_user};
pub(crate) use delete::{__path_delete_user, delete_user};
pub(crate) use list::{__path_list_users, list_users};
