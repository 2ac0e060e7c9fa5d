//! `/v1/uploads`: recordings that come in pieces and go on where they broke off, on any process; one file per endpoint.

mod body;
mod complete;
mod create;
mod delete;
mod get;
mod part;
mod parts;
mod tus;
mod urls;
mod words;

pub(crate) use complete::{__path_complete, COMPLETE_PATH, complete};
pub(crate) use create::{__path_create, create};
pub(crate) use delete::{__path_delete, delete};
pub(crate) use get::{__path_get, get};
pub(crate) use part::{__path_put_part, PART_PATH, put_part};
pub(crate) use parts::{__path_parts, parts};
pub(crate) use tus::{TUS_PATH, TUS_UPLOAD_PATH, routes as tus_routes};
pub(crate) use words::RawWords;
