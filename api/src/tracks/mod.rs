//! `/v1/tracks`: recordings, their reports, bytes and matches; one file per endpoint.

mod audio;
mod batch;
mod body;
mod create;
mod delete;
mod duplicates;
pub(crate) mod fields;
pub(crate) mod form;
mod format;
mod get;
mod list;
mod matches;
mod report;
mod reports;
mod update;
pub(crate) mod uploaded;

pub(crate) use audio::{__path_audio, audio};
pub(crate) use batch::{__path_batch, BATCH_PATH, batch};
pub(crate) use body::VisibilityBody;
pub(crate) use create::{__path_create, PATH, create};
pub(crate) use delete::{__path_delete, delete};
pub(crate) use duplicates::{__path_duplicates, duplicates};
pub(crate) use get::{__path_get, get};
pub(crate) use list::{__path_list, list};
pub(crate) use matches::{__path_matches, matches};
pub(crate) use report::{__path_report, describe_formats, no_report, render, report};
pub(crate) use reports::{__path_reports, reports};
pub(crate) use update::{__path_update, update};
