//! The best matches of one item among many, exactly.

use crate::{
    Builder, Filter, Item, Purpose,
    best::Best,
    index::Index,
    items::{ItemFloors, Items, Side},
    join::Join,
    prepared::Prepared,
    rows::Rows,
    search::{Search, floor_of},
    sketch::{Counts, Pruning, Sketcher},
    slots::Slots,
    takers::Takers,
};
use std::collections::{BTreeSet, HashMap};

/// An item and its best matches with their scores, best first, equal scores by ascending id.
pub type Ranked = (u128, Vec<(u128, f64)>);

/// Items by id, ready to be searched.
#[derive(Debug, Default)]
pub struct Catalogue {
    items: Items,
    index: Index,
    slots: Slots,
    words: HashMap<String, u32>,
}

/// An item with the numbers of its words.
pub(crate) struct Query {
    prepared: Prepared,
    numbers: Vec<u32>,
    n_words: usize,
}

impl Query {
    pub(crate) fn side(&self) -> Side<'_> {
        Side {
            rows: &self.prepared.rows,
            words: &self.numbers,
            n_words: self.n_words,
            direction: self.prepared.direction.as_deref(),
            analysis_version: self.prepared.analysis_version,
            identity: self.prepared.identity,
        }
    }
}

impl Catalogue {
    /// A catalogue of these items; of two with the same id the later stays.
    pub fn new(items: impl IntoIterator<Item = (u128, Item)>) -> Self {
        let mut builder = Builder::default();
        for (id, item) in items {
            builder.put(id, &item);
        }
        builder.finish()
    }

    /// The columns.
    pub(crate) fn items(&self) -> &Items {
        &self.items
    }

    /// How items are sketched.
    pub(crate) fn sketcher(&self) -> &Sketcher {
        self.index.sketcher()
    }

    /// The item with an id, as it is compared.
    pub(crate) fn side_of(&self, id: u128) -> Option<Side<'_>> {
        self.slot(id).map(|slot| self.items.side(slot))
    }

    /// [`top_where`](Self::top_where) among the items that `candidates` names, each with the slot where it probably is; who
    /// is not here is left out.
    pub(crate) fn top_among(
        &self,
        query: &Item,
        query_id: Option<u128>,
        purpose: Purpose,
        k: usize,
        filter: Filter<'_>,
        candidates: impl FnOnce(&Side<'_>) -> Vec<(u128, usize)>,
    ) -> Vec<(u128, f64)> {
        let query = self.query(query);
        let (query, sieve) = (query.side(), filter.sieve(&self.words));
        let candidates = candidates(&query);
        let slot = |(id, guess): (u128, usize)| {
            let is_there = self.items.ids.get(guess) == Some(&id);
            if is_there { Some(guess) } else { self.slot(id) }
        };
        let mut slots: Vec<usize> = candidates.into_iter().filter_map(slot).collect();
        // One that has changed may be found as what it was and as what it is.
        slots.sort_unstable();
        slots.dedup();
        let Self { items, index, .. } = self;
        Search { items, index, query, query_id, purpose, k, sieve }.among(&slots)
    }

    /// Makes the index anew, which changes the slots: what has come in one by one is put in the order of likeness too.
    pub fn rebuild(&mut self) {
        self.index = Index::of(&mut self.items);
        self.slots = Slots::of(&self.items.ids);
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
            + self.slots.n_bytes()
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
    pub(crate) fn put(&mut self, id: u128, item: &Item) -> usize {
        let words = self.words_of(&item.tags);
        let prepared = Prepared::of(item);
        if let Some(slot) = self.slot(id) {
            self.items.replace(slot, prepared, words);
            return slot;
        }
        let slot = self.items.len();
        self.items.push(id, prepared, words);
        self.slots.insert(&self.items.ids, slot);
        slot
    }

    /// Takes an item out; the answer is whether it was there.
    pub fn remove(&mut self, id: u128) -> bool {
        // The last item moves into the gap, so that panels stay full.
        let Some(slot) = self.slots.swap_remove(&self.items.ids, id) else { return false };
        self.items.swap_remove(slot);
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
        let query = self.query(query);
        let (query, sieve) = (query.side(), filter.sieve(&self.words));
        let Self { items, index, .. } = self;
        Search { items, index, query, query_id, purpose, k, sieve }.run()
    }

    /// [`top`](Self::top) of the items with these ids, in their order; nothing for an id that is not here.
    ///
    /// Cheaper than one search for each, the more so when the items are near each other in [`ids`](Self::ids).
    pub fn top_of(&self, ids: &[u128], purpose: Purpose, k: usize) -> Vec<Ranked> {
        let here: Vec<(u128, usize)> =
            ids.iter().filter_map(|id| Some((*id, self.slot(*id)?))).collect();
        let slots: Vec<usize> = here.iter().map(|(_, slot)| *slot).collect();
        let Self { items, index, .. } = self;
        let found = Rows { items, index, purpose, k, slots: &slots }.run();
        here.into_iter().map(|(id, _)| id).zip(found).collect()
    }

    /// Says which items are recordings of one master: those with the same number, which is never 0. `None` takes the item
    /// out of its group. Nothing happens when the item is not here.
    ///
    /// A search shows only the best of a group where its filter asks for it ([`Filter::one_per_group`]).
    pub fn set_group(&mut self, id: u128, group: Option<std::num::NonZeroU64>) {
        if let Some(slot) = self.slot(id) {
            self.items.set_group(slot, group.map_or(0, std::num::NonZeroU64::get));
        }
    }

    /// The ids, in an order in which alike items are near each other (as far as the catalogue was built and has not grown since).
    pub fn ids(&self) -> &[u128] {
        &self.items.ids
    }

    /// Whether there is an item with this id.
    pub fn contains(&self, id: u128) -> bool {
        self.slot(id).is_some()
    }

    /// Says below which score an item takes no match for a purpose: that of the last of its best, when it has all of
    /// them; negative infinity when it takes any. Nothing happens when the item is not here.
    pub fn set_floor(&mut self, id: u128, purpose: Purpose, score: f64) {
        if let Some(slot) = self.slot(id) {
            self.items.floors[slot][purpose as usize] = floor_of(score);
        }
    }

    /// The items that take an item among their best, with the score: those whose floor ([`set_floor`](Self::set_floor)) it
    /// reaches, or hardly misses (floors are kept as small numbers). Best first, equal scores by ascending id; `query_id` is left out.
    pub fn takers(
        &self,
        query: &Item,
        query_id: Option<u128>,
        purpose: Purpose,
    ) -> Vec<(u128, f64)> {
        self.takers_above(query, query_id, purpose, &self.items.floors)
    }

    /// [`takers`](Self::takers) under other floors than those that were set: `floor` gives that of an item by its id.
    pub fn takers_with(
        &self,
        query: &Item,
        query_id: Option<u128>,
        purpose: Purpose,
        floor: impl Fn(u128) -> f64,
    ) -> Vec<(u128, f64)> {
        let floors: Vec<ItemFloors> =
            self.items.ids.iter().map(|id| [floor_of(floor(*id)); Purpose::ALL.len()]).collect();
        self.takers_above(query, query_id, purpose, &floors)
    }

    fn takers_above(
        &self,
        query: &Item,
        query_id: Option<u128>,
        purpose: Purpose,
        floors: &[ItemFloors],
    ) -> Vec<(u128, f64)> {
        let query = self.query(query);
        let query = query.side();
        let Self { items, index, .. } = self;
        Takers { items, index, query, query_id, purpose, floors }.run()
    }

    /// An item that need not be here, ready to be compared.
    pub(crate) fn query(&self, item: &Item) -> Query {
        let words: BTreeSet<&String> = item.tags.iter().collect();
        let numbers: BTreeSet<u32> =
            words.iter().filter_map(|&word| self.words.get(word).copied()).collect();
        Query {
            prepared: Prepared::of(item),
            numbers: numbers.into_iter().collect(),
            n_words: words.len(),
        }
    }

    /// [`top`](Self::top) of every item among the others, by ascending id.
    ///
    /// Each pair is looked at once for both sides, so this is faster than one item at a time.
    pub fn top_of_all(&self, purpose: Purpose, k: usize) -> Vec<Ranked> {
        self.top_of_all_with(purpose, k, Pruning::Heads).0
    }

    /// [`top_of_all`](Self::top_of_all) with answers that pass a filter; every item asks.
    pub fn top_of_all_where(&self, purpose: Purpose, k: usize, filter: Filter<'_>) -> Vec<Ranked> {
        self.joined(purpose, k, Pruning::Heads, filter).0
    }

    /// [`top_of_all`](Self::top_of_all) with a choice of what is left out, which changes the time it takes and
    /// nothing else, and with what was compared.
    pub fn top_of_all_with(
        &self,
        purpose: Purpose,
        k: usize,
        pruning: Pruning,
    ) -> (Vec<Ranked>, Counts) {
        self.joined(purpose, k, pruning, Filter::default())
    }

    fn joined(
        &self,
        purpose: Purpose,
        k: usize,
        pruning: Pruning,
        filter: Filter<'_>,
    ) -> (Vec<Ranked>, Counts) {
        let Self { items, index, .. } = self;
        let mut counts = Counts::default();
        let mut all: Vec<_> = if index.is_complete() {
            let sieve = filter.sieve(&self.words);
            let (bests, counted) = Join::new(items, index, purpose, k, pruning, sieve).run();
            counts = counted;
            items.ids.iter().copied().zip(bests.into_iter().map(Best::ranked)).collect()
        } else {
            let search = |slot: usize| {
                let (id, query) = (items.ids[slot], items.side(slot));
                let (query_id, sieve) = (Some(id), filter.sieve(&self.words));
                (id, Search { items, index, query, query_id, purpose, k, sieve }.run())
            };
            (0..items.len()).map(search).collect()
        };
        all.sort_unstable_by_key(|(id, _)| *id);
        (all, counts)
    }

    /// Where the item with an id is.
    fn slot(&self, id: u128) -> Option<usize> {
        self.slots.get(&self.items.ids, id)
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
