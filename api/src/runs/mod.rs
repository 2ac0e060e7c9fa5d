//! `/v1/runs`: batch re-scorings; one file per endpoint.

mod body;
mod cancel;
mod create;
mod get;
mod list;

pub(crate) use cancel::{__path_cancel, cancel};
pub(crate) use create::{__path_create, create};
pub(crate) use get::{__path_get, get};
pub(crate) use list::{__path_list, list};
