//! `/v1/admin`: what concerns all users, for administrators.

mod audit;
mod jobs;
mod maintenance;
mod refusals;
mod tokens;
mod users;

pub(crate) use audit::{__path_list_audit, __path_verify_audit, list_audit, verify_audit};
pub(crate) use jobs::{
    __path_cancel_job, __path_get_job, __path_list_jobs, __path_retry_job, __path_retry_jobs,
    cancel_job, get_job, list_jobs, retry_job, retry_jobs,
};
pub(crate) use maintenance::{
    __path_get_maintenance, __path_set_maintenance, get_maintenance, set_maintenance,
};
pub(crate) use refusals::{Refusals, note};
pub(crate) use tokens::{
    __path_create_token, __path_list_tokens, __path_revoke_token, create_token, list_tokens,
    revoke_token,
};
pub(crate) use users::{
    __path_create_user, __path_delete_user, __path_get_user, __path_list_users,
    __path_reset_password, __path_update_user, create_user, delete_user, get_user, list_users,
    reset_password, update_user,
};
