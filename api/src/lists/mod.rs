//! Lists made to order: `/v1/search` and `/v1/playlists`.
//!
//! `find` does the work without knowing JSON, so that another door can ask for the same; the other files are one endpoint each.

mod answer;
mod catalogue;
mod filter;
pub(crate) mod find;
mod more_like;
mod path;
mod search;

pub(crate) use more_like::{__path_more_like, more_like};
pub(crate) use path::{__path_path, path};
pub(crate) use search::{__path_search, search};
