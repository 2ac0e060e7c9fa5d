//! Tracks: the recordings that were uploaded.

mod create;
mod delete;
mod read;
mod row;
mod update;

pub use create::{Created, NewTrack, Origin, create};
pub use delete::delete;
pub use read::{ListQuery, get, list, of};
pub use row::{Track, TrackState, Visibility};
pub use update::{TrackPatch, update};

pub(crate) use row::{set_state, without_nul};
