//! `/v1/jobs`: what the workers do; one file per endpoint.

mod body;
mod cancel;
mod get;
mod list;
mod usage;

pub(crate) use body::{JobBody, KindBody, StateBody};
pub(crate) use cancel::{__path_cancel, cancel};
pub(crate) use get::{__path_get, get};
pub(crate) use list::{__path_list, list};
pub(crate) use usage::{UsageBody, cost};
