//! The best matches of one item among many, exactly.

use crate::{
    Filter, Item, Purpose,
    best::Best,
    index::Index,
    items::{Items, Side},
    join::Join,
    prepared::Prepared,
    search::Search,
    sketch::{Counts, Pruning},
};
use std::collections::{BTreeSet, HashMap};

/// An item and its best matches with their scores, best first, equal scores by ascending id.
pub type Ranked = (u128, Vec<(u128, f64)>);

/// Items by id, ready to be searched.
#[derive(Debug, Default)]
pub struct Catalogue {
    items: Items,
    index: Index,
    slots: HashMap<u128, u32>,
    words: HashMap<String, u32>,
}

impl Catalogue {
    /// A catalogue of these items; of two with the same id the later stays.
    pub fn new(items: impl IntoIterator<Item = (u128, Item)>) -> Self {
        let mut catalogue = Self::default();
        for (id, item) in items {
            catalogue.put(id, &item);
        }
        catalogue.rebuild();
        catalogue
    }

    /// Makes the index anew, which changes the slots.
    fn rebuild(&mut self) {
        self.index = Index::of(&mut self.items);
        self.slots = self.items.ids.iter().copied().zip(0..).collect();
    }

    /// Number of items.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are no items.
    pub fn is_empty(&self) -> bool {
        self.items.len() == 0
    }

    /// Bytes that are allocated for it, allocator's overhead left out.
    pub fn n_bytes(&self) -> usize {
        // A map keeps an eighth of its places free, and a byte of control for each.
        let map = |capacity: usize, entry: usize| capacity / 7 * 8 * (entry + 1);
        let words: usize = self.words.keys().map(String::capacity).sum();
        self.items.n_bytes()
            + self.index.n_bytes()
            + map(self.slots.capacity(), size_of::<(u128, u32)>())
            + map(self.words.capacity(), size_of::<(String, u32)>())
            + words
    }

    /// Adds an item, or replaces the one with this id.
    pub fn insert(&mut self, id: u128, item: &Item) {
        let slot = self.put(id, item);
        if self.index.is_outgrown(&self.items) {
            self.rebuild();
        } else {
            self.index.set(&self.items, slot);
        }
    }

    /// Writes an item into its columns; the answer is its slot.
    fn put(&mut self, id: u128, item: &Item) -> usize {
        let words = self.words_of(&item.tags);
        let prepared = Prepared::of(item);
        let next = self.items.len();
        let slot = *self.slots.entry(id).or_insert(next as u32) as usize;
        if slot == next {
            self.items.push(id, prepared, words);
        } else {
            self.items.replace(slot, prepared, words);
        }
        slot
    }

    /// Takes an item out; the answer is whether it was there.
    pub fn remove(&mut self, id: u128) -> bool {
        let Some(slot) = self.slots.remove(&id) else { return false };
        let slot = slot as usize;
        // The last item moves into the gap, so that panels stay full.
        self.items.swap_remove(slot);
        if let Some(moved) = self.items.ids.get(slot) {
            self.slots.insert(*moved, slot as u32);
        }
        self.index.swap_remove(&self.items, slot);
        true
    }

    /// The `k` best matches of an item, best first, equal scores by ascending id.
    ///
    /// `query_id` is left out, so that an item does not match itself. Items that have nothing comparable
    /// are left out as well. Scores are those of [`score`](crate::score()), bit for bit.
    pub fn top(
        &self,
        query: &Item,
        query_id: Option<u128>,
        purpose: Purpose,
        k: usize,
    ) -> Vec<(u128, f64)> {
        self.top_where(query, query_id, purpose, k, Filter::default())
    }

    /// [`top`](Self::top) among the items that pass a filter.
    pub fn top_where(
        &self,
        query: &Item,
        query_id: Option<u128>,
        purpose: Purpose,
        k: usize,
        filter: Filter<'_>,
    ) -> Vec<(u128, f64)> {
        let words: BTreeSet<&String> = query.tags.iter().collect();
        let numbers: BTreeSet<u32> =
            words.iter().filter_map(|&word| self.words.get(word).copied()).collect();
        let numbers: Vec<u32> = numbers.into_iter().collect();
        let prepared = Prepared::of(query);
        let query = Side {
            rows: &prepared.rows,
            words: &numbers,
            n_words: words.len(),
            direction: prepared.direction.as_deref(),
            analysis_version: prepared.analysis_version,
            identity: prepared.identity,
        };
        let Self { items, index, .. } = self;
        Search { items, index, query, query_id, purpose, k, filter }.run()
    }

    /// [`top`](Self::top) of every item among the others, by ascending id.
    ///
    /// Each pair is looked at once for both sides, so this is faster than one item at a time.
    pub fn top_of_all(&self, purpose: Purpose, k: usize) -> Vec<Ranked> {
        self.top_of_all_with(purpose, k, Pruning::Heads).0
    }

    /// [`top_of_all`](Self::top_of_all) with a choice of what is left out, which changes the time it takes and
    /// nothing else, and with what was compared.
    pub fn top_of_all_with(
        &self,
        purpose: Purpose,
        k: usize,
        pruning: Pruning,
    ) -> (Vec<Ranked>, Counts) {
        let Self { items, index, .. } = self;
        let mut counts = Counts::default();
        let mut all: Vec<_> = if index.is_complete() {
            let (bests, counted) = Join::new(items, index, purpose, k, pruning).run();
            counts = counted;
            items.ids.iter().copied().zip(bests.into_iter().map(Best::ranked)).collect()
        } else {
            let search = |slot: usize| {
                let (id, query) = (items.ids[slot], items.side(slot));
                let (query_id, filter) = (Some(id), Filter::default());
                (id, Search { items, index, query, query_id, purpose, k, filter }.run())
            };
            (0..items.len()).map(search).collect()
        };
        all.sort_unstable_by_key(|(id, _)| *id);
        (all, counts)
    }

    /// Numbers of words, ascending, each once; new words get new numbers.
    fn words_of(&mut self, tags: &[String]) -> Box<[u32]> {
        let numbers: BTreeSet<u32> = tags
            .iter()
            .map(|tag| {
                let next = self.words.len() as u32;
                *self.words.entry(tag.clone()).or_insert(next)
            })
            .collect();
        numbers.into_iter().collect()
    }
}
