//! Items compared with blocks of many.

use crate::{
    Purpose,
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

/// What is searched for.
pub(crate) struct Query {
    pub(crate) item: Prepared,
    /// Left out of the answer.
    pub(crate) id: Option<u128>,
    /// Numbers of the words that have one, ascending.
    pub(crate) words: Box<[u32]>,
    /// All words, with and without a number.
    pub(crate) n_words: usize,
}

/// What is searched, and how.
pub(crate) struct Search<'a> {
    ids: &'a [u128],
    tags: &'a [Box<[u32]>],
    purpose: Purpose,
    weights: Weights,
}

impl<'a> Search<'a> {
    pub(crate) fn new(ids: &'a [u128], tags: &'a [Box<[u32]>], purpose: Purpose) -> Self {
        Self { ids, tags, purpose, weights: pooling::weights(purpose) }
    }

    /// Offers the items of one block, whose first is in `first_slot`, to the best of a query.
    pub(crate) fn block(&self, query: &Query, first_slot: usize, block: &Block, best: &mut Best) {
        let tags = self.compared_tags(query, first_slot);
        let comparison =
            kernel::compare(&query.item.rows, block, &tags, &self.weights, reference::tables());
        for lane in 0..LANES {
            if block.analysis_version[lane] != Some(query.item.analysis_version) {
                continue;
            }
            let id = self.ids[first_slot + lane];
            let identical = block.identity[lane] == query.item.identity;
            let hopeless = f64::from(comparison.rough[lane]) < best.least_evidence;
            if query.id == Some(id) || (hopeless && !identical) {
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

    fn compared_tags(&self, query: &Query, first_slot: usize) -> Compared {
        let mut compared = Compared::ABSENT;
        if query.n_words == 0 {
            return compared;
        }
        for (lane, tags) in self.tags[first_slot..].iter().take(LANES).enumerate() {
            if !tags.is_empty() {
                let n_shared =
                    tags.iter().filter(|word| query.words.binary_search(word).is_ok()).count();
                let n_all = query.n_words + tags.len() - n_shared;
                compared.raw[lane] = tags::overlap(n_shared, n_all);
                compared.confidence[lane] = 1.0;
            }
        }
        compared
    }
}
