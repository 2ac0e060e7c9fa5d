//! Pairs scored as a single pair is, several at a time.

use crate::{
    Purpose, Weighting,
    block::Block,
    facet::{Facet, N_FACETS, N_MEASURED},
    facets::{lanes::LANES, tags},
    items::Side,
    kernel::{self, Beside},
    pooling::pool,
    prepared::rows,
    reference,
    score::terms,
};
use std::ops::Range;

/// Scores pairs for one purpose; holds the memory that it needs.
pub(crate) struct Exact {
    weighting: Weighting,
    /// The rows that count.
    ranges: Vec<Range<usize>>,
    one: Block,
    other: Block,
}

impl Exact {
    pub(crate) fn new(purpose: Purpose) -> Self {
        Self::by(purpose.into())
    }

    /// Under weights of the caller's.
    pub(crate) fn by(weighting: Weighting) -> Self {
        let ranges = Facet::ALL
            .into_iter()
            .take(N_MEASURED)
            .filter(|&facet| weighting.weight(facet) > 0.0)
            .map(rows)
            .collect();
        Self { weighting, ranges, one: Block::empty(), other: Block::empty() }
    }

    /// Scores of up to [`LANES`] pairs; `None` where nothing compares.
    pub(crate) fn scores(&mut self, pairs: &[(Side<'_>, Side<'_>)]) -> [Option<f64>; LANES] {
        let mut beside = Beside::ABSENT;
        for (lane, (one, other)) in pairs.iter().enumerate() {
            for range in &self.ranges {
                self.one.set_rows(lane, range.clone(), one.rows);
                self.other.set_rows(lane, range.clone(), other.rows);
            }
            // Tags and embeddings cost nothing where they are not there.
            compare_beside(lane, one, other, &mut beside);
        }
        let tables = reference::tables();
        let weights = self.weighting.weights();
        let comparison = kernel::compare(&self.one, &self.other, &beside, weights, tables);
        let mut scores = [None; LANES];
        for (lane, (score, (one, other))) in scores.iter_mut().zip(pairs).enumerate() {
            if one.analysis_version != other.analysis_version {
                continue;
            }
            if one.identity == other.identity {
                *score = Some(1.0);
                continue;
            }
            let terms: [_; N_FACETS] = terms(&comparison, lane);
            let pooled = pool(self.weighting.purpose(), weights, &terms);
            *score = pooled.evidence.map(|_| pooled.score);
        }
        scores
    }
}

/// Compares what two items have beside their descriptors.
pub(crate) fn compare_beside(lane: usize, one: &Side<'_>, other: &Side<'_>, beside: &mut Beside) {
    if one.n_words > 0 && other.n_words > 0 {
        let n_shared = n_shared(one.words, other.words);
        let n_all = one.n_words + other.n_words - n_shared;
        beside.tags.raw[lane] = tags::overlap(n_shared, n_all);
        beside.tags.confidence[lane] = 1.0;
    }
    if let (Some(one), Some(other)) = (one.direction, other.direction)
        && one.is_comparable(other)
    {
        beside.embedding.raw[lane] = one.percentile(other);
        beside.embedding.confidence[lane] = 1.0;
    }
}

/// How many numbers two ascending lists share.
pub(crate) fn n_shared(mut one: &[u32], mut other: &[u32]) -> usize {
    let mut n = 0;
    while let ([a, ..], [b, ..]) = (one, other) {
        n += usize::from(a == b);
        (one, other) = (&one[usize::from(a <= b)..], &other[usize::from(b <= a)..]);
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_two_lists_share() {
        assert_eq!(n_shared(&[1, 3, 5, 9], &[0, 3, 4, 5, 8]), 2);
        assert_eq!(n_shared(&[], &[1]), 0);
        assert_eq!(n_shared(&[7], &[7]), 1);
    }
}
