//! Matches: scored pairs that can say why, and the lists that keep them.
//!
//! Each track has a list of its best matches for each purpose. A match lives while the list of either track names it, so
//! that the number of matches grows with the number of tracks and not with its square.
//!
//! Rows have a generation. A reader sees the row of the highest generation that is not above the owner's visible one, so that a run
//! can write all that it changes beside what is seen, and one statement then shows it.

pub mod collect;
mod entries;
mod list;
pub mod lists;
mod pairs;
mod remove;
mod replace;
mod sight;
mod stage;

use serde_json::Value;

use crate::TrackId;

pub use entries::Entry;
pub use list::{MatchRecord, list};
pub use lists::{Floor, List};
pub use pairs::NewPair;
pub use stage::{NewList, Written, refill};

pub(crate) use remove::remove;
pub(crate) use replace::replace;
pub(crate) use sight::Sight;
pub(crate) use stage::stage;

/// A score of the track in hand with another.
#[derive(Debug, Clone, PartialEq)]
pub struct NewMatch {
    /// What the score is for.
    pub purpose: String,
    /// The other track.
    pub other_id: TrackId,
    /// 0 to 1.
    pub score: f64,
    /// What the score is made of.
    pub parts: Value,
    /// The same in a sentence.
    pub reason: String,
    /// The version of the descriptors that were compared.
    pub descriptor_version: u32,
    /// The version of weights and reference.
    pub weights_version: u32,
}
