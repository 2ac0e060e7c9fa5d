//! Which items a search may answer with.

use crate::{
    facet::Facet,
    items::Items,
    prepared::{N_ROWS, rows},
};
use std::collections::HashMap;
use std::fmt;
use std::ops::RangeInclusive;

/// Which items a search may answer with; by default all.
///
/// All of it has to hold. It is asked only of items that score well enough, so a search costs about the same with it and without, but
/// for one that hardly any item passes.
#[derive(Clone, Copy, Default)]
pub struct Filter<'a> {
    /// Tempo in beats per minute; items without one do not pass.
    pub bpm: Option<&'a RangeInclusive<f32>>,
    /// One bit for each key that passes, by the pitch class of the tonic and 12 more for minor; items without a key do
    /// not pass.
    pub keys: Option<u32>,
    /// Words that an item has to have, every one.
    pub tags: &'a [&'a str],
    /// Anything else, such as the owner, by id.
    pub admits: Option<&'a (dyn Fn(u128) -> bool + Sync)>,
    /// Of the items of one group ([`Catalogue::set_group`](crate::Catalogue::set_group)) only the best is answered with.
    pub one_per_group: bool,
}

impl fmt::Debug for Filter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let admits = self.admits.map(|_| "…");
        f.debug_struct("Filter")
            .field("bpm", &self.bpm)
            .field("keys", &self.keys)
            .field("tags", &self.tags)
            .field("admits", &admits)
            .field("one_per_group", &self.one_per_group)
            .finish()
    }
}

impl<'a> Filter<'a> {
    /// The filter with the words' numbers in one catalogue.
    pub(crate) fn sieve(self, numbers: &HashMap<String, u32>) -> Sieve<'a> {
        let words = self.tags.iter().map(|tag| numbers.get(*tag).copied()).collect();
        Sieve { filter: self, words }
    }
}

/// A filter over the items of one catalogue.
#[derive(Debug, Default)]
pub(crate) struct Sieve<'a> {
    filter: Filter<'a>,
    /// Numbers of the words; `None` when there is one that no item has.
    words: Option<Vec<u32>>,
}

impl Sieve<'_> {
    /// Whether the item in a slot passes.
    pub(crate) fn passes(&self, items: &Items, slot: usize) -> bool {
        let Self { filter, words } = self;
        let item = &items.rows[slot];
        filter.bpm.is_none_or(|range| bpm(item).is_some_and(|bpm| range.contains(&bpm)))
            && filter.keys.is_none_or(|keys| key(item).is_some_and(|key| keys >> key & 1 == 1))
            && (filter.tags.is_empty() || words.as_ref().is_some_and(|it| has(items, slot, it)))
            && filter.admits.is_none_or(|admits| admits(items.ids[slot]))
    }

    /// The group that the item in a slot counts as one of; 0 for none.
    pub(crate) fn group(&self, items: &Items, slot: usize) -> u64 {
        if self.filter.one_per_group { items.group(slot) } else { 0 }
    }

    /// Whether all items pass, but for groups.
    pub(crate) fn is_open(&self) -> bool {
        let Filter { bpm, keys, tags, admits, one_per_group: _ } = self.filter;
        bpm.is_none() && keys.is_none() && tags.is_empty() && admits.is_none()
    }
}

fn has(items: &Items, slot: usize, words: &[u32]) -> bool {
    words.iter().all(|word| items.words[slot].binary_search(word).is_ok())
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
