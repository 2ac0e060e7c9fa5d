//! The best matches of one item among many, exactly.

use crate::{
    Item, Purpose, best::Best, block::Block, facets::lanes::LANES, prepared::Prepared,
    search::Query,
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
    /// are left out as well. Scores are those of [`score`](crate::score), bit for bit.
    pub fn top(
        &self,
        query: &Item,
        query_id: Option<u128>,
        purpose: Purpose,
        k: usize,
    ) -> Vec<(u128, f64)> {
        let query = Query::new(&self.ids, &self.tags, &self.words, query, query_id, purpose, k);
        self.blocks
            .par_chunks(BLOCKS_PER_TASK)
            .enumerate()
            .map(|(chunk, blocks)| query.search(chunk * BLOCKS_PER_TASK, blocks))
            .reduce(|| Best::new(k), Best::merge)
            .ranked
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
