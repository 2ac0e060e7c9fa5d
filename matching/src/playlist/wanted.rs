//! What a recording has to be to come into a list.

use crate::{
    filter::{bpm, key},
    prepared::N_ROWS,
};
use std::ops::RangeInclusive;

/// What a recording has to be to come into a list; by default anything.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wanted {
    /// Tempo in beats per minute; recordings without one do not pass.
    pub bpm: Option<RangeInclusive<f32>>,
    /// One bit for each key that passes, by the pitch class of the tonic and 12 more for minor; recordings without a key do not pass.
    pub keys: Option<u32>,
    /// Tags that a recording must have, all of them.
    pub tags: Vec<String>,
}

impl Wanted {
    pub(crate) fn passes(&self, rows: &[f32; N_ROWS], tags: &[String]) -> bool {
        self.bpm.as_ref().is_none_or(|range| bpm(rows).is_some_and(|bpm| range.contains(&bpm)))
            && self.keys.is_none_or(|keys| key(rows).is_some_and(|key| keys >> key & 1 == 1))
            && self.tags.iter().all(|tag| tags.contains(tag))
    }
}
