//! One item compared with many.

use crate::{
    Item, Purpose,
    best::Best,
    block::Block,
    facets::{
        lanes::{Compared, LANES},
        tags,
    },
    kernel,
    pooling::{self, Weights, pool},
    prepared::Prepared,
    reference,
    score::terms,
};
use std::collections::{BTreeSet, HashMap};

/// One search.
pub(crate) struct Query<'a> {
    ids: &'a [u128],
    tags: &'a [Box<[u32]>],
    item: Prepared,
    id: Option<u128>,
    purpose: Purpose,
    weights: Weights,
    /// Numbers of the query's words that have one, ascending.
    words: Vec<u32>,
    /// All words of the query.
    n_words: usize,
    k: usize,
}

impl<'a> Query<'a> {
    pub(crate) fn new(
        ids: &'a [u128],
        tags: &'a [Box<[u32]>],
        numbers: &HashMap<String, u32>,
        item: &Item,
        id: Option<u128>,
        purpose: Purpose,
        k: usize,
    ) -> Self {
        let words: BTreeSet<&String> = item.tags.iter().collect();
        let mut known: Vec<u32> =
            words.iter().filter_map(|&word| numbers.get(word).copied()).collect();
        known.sort_unstable();
        Self {
            ids,
            tags,
            item: Prepared::new(&item.descriptor),
            id,
            purpose,
            weights: pooling::weights(purpose),
            words: known,
            n_words: words.len(),
            k,
        }
    }

    /// The best of some blocks, of which the first holds slot `first_block * LANES`.
    pub(crate) fn search(&self, first_block: usize, blocks: &[Block]) -> Best {
        let mut best = Best::new(self.k);
        for (offset, block) in blocks.iter().enumerate() {
            self.search_block((first_block + offset) * LANES, block, &mut best);
        }
        best
    }

    fn search_block(&self, first_slot: usize, block: &Block, best: &mut Best) {
        let tags = self.compared_tags(first_slot);
        let comparison =
            kernel::compare(&self.item.rows, block, &tags, &self.weights, reference::tables());
        for lane in 0..LANES {
            if block.analysis_version[lane] != Some(self.item.analysis_version) {
                continue;
            }
            let id = self.ids[first_slot + lane];
            let identical = block.identity[lane] == self.item.identity;
            let hopeless = f64::from(comparison.rough[lane]) < best.least_evidence;
            if self.id == Some(id) || (hopeless && !identical) {
                continue;
            }
            let pooled = pool(self.purpose, &self.weights, &terms(&comparison, lane));
            if identical {
                best.offer(id, 1.0);
            } else if pooled.evidence.is_some() {
                best.offer(id, pooled.score);
            }
        }
    }

    fn compared_tags(&self, first_slot: usize) -> Compared {
        let mut compared = Compared::ABSENT;
        if self.n_words > 0 {
            for (lane, tags) in self.tags[first_slot..].iter().take(LANES).enumerate() {
                if !tags.is_empty() {
                    let n_shared =
                        tags.iter().filter(|word| self.words.binary_search(word).is_ok()).count();
                    let n_all = self.n_words + tags.len() - n_shared;
                    compared.raw[lane] = tags::overlap(n_shared, n_all);
                    compared.confidence[lane] = 1.0;
                }
            }
        }
        compared
    }
}
