//! `/v1/admin/tokens`: the tokens of programs.

mod body;
mod create;
mod list;
mod revoke;

pub(crate) use create::{__path_create_token, create_token};
pub(crate) use list::{__path_list_tokens, list_tokens};
pub(crate) use revoke::{__path_revoke_token, revoke_token};
