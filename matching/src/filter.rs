//! Which items a search may answer with.

use crate::{
    facet::Facet,
    items::Items,
    prepared::{N_ROWS, rows},
};
use std::fmt;
use std::ops::RangeInclusive;

/// Which items a search may answer with; by default all.
///
/// It is asked only of items that score well enough, so a search costs about the same with it and without, but
/// for one that hardly any item passes.
#[derive(Clone, Copy, Default)]
pub struct Filter<'a> {
    /// Tempo in beats per minute; items without one do not pass.
    pub bpm: Option<&'a RangeInclusive<f32>>,
    /// One bit for each key that passes, by the pitch class of the tonic and 12 more for minor; items without a key do
    /// not pass.
    pub keys: Option<u32>,
    /// Anything else, such as the owner, by id.
    pub admits: Option<&'a (dyn Fn(u128) -> bool + Sync)>,
}

impl fmt::Debug for Filter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let admits = self.admits.map(|_| "…");
        f.debug_struct("Filter")
            .field("bpm", &self.bpm)
            .field("keys", &self.keys)
            .field("admits", &admits)
            .finish()
    }
}

impl Filter<'_> {
    /// Whether the item in a slot passes.
    pub(crate) fn passes(&self, items: &Items, slot: usize) -> bool {
        let item = &items.rows[slot];
        self.bpm.is_none_or(|range| bpm(item).is_some_and(|bpm| range.contains(&bpm)))
            && self.keys.is_none_or(|keys| key(item).is_some_and(|key| keys >> key & 1 == 1))
            && self.admits.is_none_or(|admits| admits(items.ids[slot]))
    }
}

pub(crate) fn bpm(item: &[f32; N_ROWS]) -> Option<f32> {
    let tempo = &item[rows(Facet::Tempo)];
    // The strength of the first candidate is 1 where there is a tempo.
    (tempo[2] > 0.0).then(|| tempo[0].exp2())
}

pub(crate) fn key(item: &[f32; N_ROWS]) -> Option<u32> {
    let key = &item[rows(Facet::Key)];
    key.iter().any(|value| *value > 0.0).then(|| key[0] as u32)
}
