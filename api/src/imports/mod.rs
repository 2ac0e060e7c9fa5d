//! `/v1/imports`: recordings that the service fetches itself. What became of one is told by its job.

mod create;
mod name;

pub(crate) use create::{__path_create, create};
