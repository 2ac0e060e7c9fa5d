//! `/v1/admin/users`: everybody.

mod create;
mod delete;
mod get;
mod list;
mod password;
mod update;

pub(crate) use create::{__path_create_user, create_user};
pub(crate) use delete::{__path_delete_user, delete_user};
pub(crate) use get::{__path_get_user, get_user};
pub(crate) use list::{__path_list_users, list_users};
pub(crate) use password::{__path_reset_password, reset_password};
pub(crate) use update::{__path_update_user, update_user};
