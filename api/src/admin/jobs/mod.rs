//! `/v1/admin/jobs`: the jobs of all users.

mod body;
mod cancel;
mod get;
mod list;
mod retry;
mod retry_many;

pub(crate) use cancel::{__path_cancel_job, cancel_job};
pub(crate) use get::{__path_get_job, get_job};
pub(crate) use list::{__path_list_jobs, list_jobs};
pub(crate) use retry::{__path_retry_job, retry_job};
pub(crate) use retry_many::{__path_retry_jobs, retry_jobs};
