//! The best matches of one item among many, exactly.

use crate::{
    Item, Purpose,
    best::Best,
    block::Block,
    facets::lanes::LANES,
    prepared::Prepared,
    search::{Query, Search},
};
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap};

/// Blocks that one task takes at a time: enough to outweigh handing it out.
const BLOCKS_PER_TASK: usize = 64;

/// Items by id, ready to be searched.
#[derive(Debug, Default)]
pub struct Catalogue {
    blocks: Vec<Block>,
    /// Id of each slot; slot `i` is lane `i % LANES` of block `i / LANES`.
    ids: Vec<u128>,
    /// Tags of each slot, as ascending numbers of words.
    tags: Vec<Box<[u32]>>,
    slots: HashMap<u128, usize>,
    words: HashMap<String, u32>,
}

impl Catalogue {
    /// A catalogue of these items; of two with the same id the later stays.
    pub fn new(items: impl IntoIterator<Item = (u128, Item)>) -> Self {
        let mut catalogue = Self::default();
        for (id, item) in items {
            catalogue.insert(id, &item);
        }
        catalogue
    }

    /// Number of items.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are no items.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Adds an item, or replaces the one with this id.
    pub fn insert(&mut self, id: u128, item: &Item) {
        let tags = self.words_of(&item.tags);
        let prepared = Prepared::new(&item.descriptor);
        let slot = *self.slots.entry(id).or_insert(self.ids.len());
        if slot == self.ids.len() {
            self.ids.push(id);
            self.tags.push(tags);
            if slot.is_multiple_of(LANES) {
                self.blocks.push(Block::empty());
            }
        } else {
            self.tags[slot] = tags;
        }
        self.blocks[slot / LANES].set(slot % LANES, &prepared);
    }

    /// Takes an item out; the answer is whether it was there.
    pub fn remove(&mut self, id: u128) -> bool {
        let Some(slot) = self.slots.remove(&id) else { return false };
        let last = self.ids.len() - 1;
        // The last item moves into the gap, so that blocks stay full.
        if let Some(moved) = self.blocks[last / LANES].get(last % LANES)
            && slot != last
        {
            self.blocks[slot / LANES].set(slot % LANES, &moved);
            self.slots.insert(self.ids[last], slot);
        }
        self.ids.swap_remove(slot);
        self.tags.swap_remove(slot);
        self.blocks[last / LANES].clear(last % LANES);
        if last.is_multiple_of(LANES) {
            self.blocks.pop();
        }
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
        let words: BTreeSet<&String> = query.tags.iter().collect();
        let numbers: BTreeSet<u32> =
            words.iter().filter_map(|&word| self.words.get(word).copied()).collect();
        let query = Query {
            item: Prepared::new(&query.descriptor),
            id: query_id,
            words: numbers.into_iter().collect(),
            n_words: words.len(),
        };
        let search = Search::new(&self.ids, &self.tags, purpose);
        self.blocks
            .par_chunks(BLOCKS_PER_TASK)
            .enumerate()
            .map(|(chunk, blocks)| {
                let mut best = Best::new(k);
                for (index, block) in blocks.iter().enumerate() {
                    let slot = (chunk * BLOCKS_PER_TASK + index) * LANES;
                    search.block(&query, slot, block, &mut best);
                }
                best
            })
            .reduce(|| Best::new(k), Best::merge)
            .ranked()
    }

    /// [`top`](Self::top) of every item among the others, by ascending id.
    ///
    /// Several items go through a block while it is in the cache, so this is faster than one at a time.
    pub fn top_of_all(&self, purpose: Purpose, k: usize) -> Vec<(u128, Vec<(u128, f64)>)> {
        let search = Search::new(&self.ids, &self.tags, purpose);
        let mut all: Vec<_> = self
            .blocks
            .par_iter()
            .enumerate()
            .flat_map_iter(|(index, block)| {
                let queries: Vec<Query> = self.queries(index * LANES, block);
                let mut bests: Vec<Best> = queries.iter().map(|_| Best::new(k)).collect();
                for (index, block) in self.blocks.iter().enumerate() {
                    for (query, best) in queries.iter().zip(&mut bests) {
                        search.block(query, index * LANES, block, best);
                    }
                }
                let ids: Vec<u128> = queries.iter().filter_map(|query| query.id).collect();
                ids.into_iter().zip(bests.into_iter().map(Best::ranked))
            })
            .collect();
        all.sort_unstable_by_key(|(id, _)| *id);
        all
    }

    /// The items of a block as queries.
    fn queries(&self, first_slot: usize, block: &Block) -> Vec<Query> {
        (0..LANES)
            .filter_map(|lane| {
                let item = block.get(lane)?;
                let words = self.tags[first_slot + lane].clone();
                let n_words = words.len();
                Some(Query { item, id: Some(self.ids[first_slot + lane]), words, n_words })
            })
            .collect()
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
