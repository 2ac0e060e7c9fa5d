//! `/v1/profiles`: people, who goes with whom, and what they said to that; one file per endpoint.

mod answer;
mod body;
mod connections;
mod get;
mod matches;
mod me;
mod rules;
mod update;

pub(crate) use answer::{__path_answer, answer};
pub(crate) use connections::{__path_connections, connections};
pub(crate) use get::{__path_get, get};
pub(crate) use matches::{__path_matches, matches};
pub(crate) use me::{__path_me, me};
pub(crate) use update::{__path_update, update};
