//! `/v1/admin/audit`: who did what.

mod body;
mod list;
mod verify;

pub(crate) use list::{__path_list_audit, list_audit};
pub(crate) use verify::{__path_verify_audit, verify_audit};
