//! `/v1/admin`: what concerns all users, for administrators.

mod tokens;
mod users;

pub(crate) use tokens::{
    __path_create_token, __path_list_tokens, __path_revoke_token, create_token, list_tokens,
    revoke_token,
};
pub(crate) use users::{
    __path_create_user, __path_delete_user, __path_list_users, __path_update_user, create_user,
    delete_user, list_users, update_user,
};
