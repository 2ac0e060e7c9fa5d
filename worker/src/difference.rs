//! What a run changes: the pairs before against the pairs after.

use std::collections::HashMap;

/// A pair whose score changed by more than this has moved: less is not seen in a score of two digits.
pub(crate) const MOVED_BY: f32 = 0.01;

/// The lists of an owner for one purpose, before and after.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    numbers: HashMap<u128, u32>,
    /// By the number of the track: before, and after where that is different.
    lists: Vec<(List, Option<List>)>,
}

type List = Box<[(u32, f32)]>;

impl Lists {
    /// Takes in the list of a track: one of before, which is one of after too unless another comes.
    pub(crate) fn put(
        &mut self,
        track: u128,
        entries: impl Iterator<Item = (u128, f64)>,
        is_before: bool,
    ) {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "less than 2^-24 of a score is no difference"
        )]
        let entries: List =
            entries.map(|(other, score)| (self.number(other), score as f32)).collect();
        let number = self.number(track) as usize;
        let list = &mut self.lists[number];
        if is_before {
            list.0 = entries;
        } else {
            list.1 = Some(entries);
        }
    }

    fn number(&mut self, track: u128) -> u32 {
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(track).or_insert(next);
        if number == next {
            self.lists.push((Box::default(), None));
        }
        number
    }

    /// Each pair once, ascending: the numbers of both in one, and the score.
    fn pairs(&self, is_before: bool) -> Vec<(u64, f32)> {
        let mut pairs: Vec<(u64, f32)> = Vec::new();
        for (track, (before, after)) in (0_u32..).zip(&self.lists) {
            let list = after.as_ref().filter(|_| !is_before).unwrap_or(before);
            pairs.extend(list.iter().map(|(other, score)| {
                let (low, high) = (track.min(*other), track.max(*other));
                (u64::from(low) << 32 | u64::from(high), *score)
            }));
        }
        pairs.sort_unstable_by_key(|pair| pair.0);
        pairs.dedup_by_key(|pair| pair.0);
        pairs
    }
}

/// What is different.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Difference {
    /// Pairs of after that were none before.
    pub(crate) n_gained: usize,
    /// Pairs of before that are none any more.
    pub(crate) n_lost: usize,
    /// Pairs of both.
    pub(crate) n_shared: usize,
    /// Pairs of both whose score changed by more than [`MOVED_BY`].
    pub(crate) n_moved: usize,
    /// Spearman's correlation of the scores of the pairs of both, −1 to 1; `None` for fewer than two, or when all scores are equal.
    pub(crate) rank_correlation: Option<f64>,
}

/// Compares pairs before and after.
pub(crate) fn difference(lists: &Lists) -> Difference {
    let (before, after) = (lists.pairs(true), lists.pairs(false));
    let mut shared: Vec<(f32, f32)> = Vec::new();
    let mut left = before.iter().peekable();
    for (pair, score) in &after {
        while left.next_if(|(other, _)| other < pair).is_some() {}
        if let Some((_, old)) = left.next_if(|(other, _)| other == pair) {
            shared.push((*old, *score));
        }
    }
    Difference {
        n_gained: after.len() - shared.len(),
        n_lost: before.len() - shared.len(),
        n_shared: shared.len(),
        n_moved: shared.iter().filter(|(old, new)| (old - new).abs() > MOVED_BY).count(),
        rank_correlation: correlation(
            &ranks(shared.iter().map(|pair| pair.0)),
            &ranks(shared.iter().map(|pair| pair.1)),
        ),
    }
}

/// Place of each value in ascending order; equal ones share the mean of their places.
#[expect(clippy::cast_precision_loss, reason = "there are fewer than 2^52 pairs")]
fn ranks(values: impl Iterator<Item = f32>) -> Vec<f64> {
    let values: Vec<f32> = values.collect();
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    for equal in order.chunk_by(|a, b| values[*a].to_bits() == values[*b].to_bits()) {
        let mean = first as f64 + (equal.len() - 1) as f64 / 2.0;
        for place in equal {
            ranks[*place] = mean;
        }
        first += equal.len();
    }
    ranks
}

/// Pearson's correlation.
#[expect(clippy::cast_precision_loss, reason = "there are fewer than 2^52 pairs")]
fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    // The mean of ranks does not depend on ties.
    let mean = (a.len() as f64 - 1.0) / 2.0;
    let sum = |a: &[f64], b: &[f64]| -> f64 {
        a.iter().zip(b).map(|(x, y)| (x - mean) * (y - mean)).sum()
    };
    let spread = (sum(a, a) * sum(b, b)).sqrt();
    (a.len() > 1 && spread > 0.0).then(|| (sum(a, b) / spread).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(before: &[(u128, &[(u128, f64)])], after: &[(u128, &[(u128, f64)])]) -> Lists {
        let mut lists = Lists::default();
        for (is_before, all) in [(true, before), (false, after)] {
            for (track, list) in all {
                lists.put(*track, list.iter().copied(), is_before);
            }
        }
        lists
    }

    // By hand: pairs 1-2, 1-3, 2-3 before; 1-2 (moved), 1-3 (not), 1-4 after.
    #[test]
    fn counts_pairs_once_from_whichever_side() {
        let before: [(u128, &[(u128, f64)]); 3] =
            [(1, &[(2, 0.9), (3, 0.5)]), (2, &[(1, 0.9)]), (3, &[(2, 0.4)])];
        let after: [(u128, &[(u128, f64)]); 3] =
            [(1, &[(3, 0.505)]), (4, &[(1, 0.3)]), (3, &[(1, 0.505)])];
        let mut lists = lists(&before, &after);
        lists.put(2, [(1, 0.8)].into_iter(), false);
        let found = difference(&lists);
        assert_eq!((found.n_gained, found.n_lost, found.n_shared, found.n_moved), (1, 1, 2, 1));
        assert_eq!(found.rank_correlation, Some(1.0));
    }

    #[test]
    fn what_has_not_changed_is_no_difference() {
        let before: [(u128, &[(u128, f64)]); 2] = [(1, &[(2, 0.9), (3, 0.5)]), (2, &[(1, 0.9)])];
        let found = difference(&lists(&before, &[]));
        let counts = (found.n_gained, found.n_lost, found.n_shared, found.n_moved);
        assert_eq!(counts, (0, 0, 2, 0));
        assert_eq!(difference(&Lists::default()).rank_correlation, None);
    }

    // scipy 1.11: spearmanr([0.1, 0.2, 0.2, 0.4, 0.5], [0.3, 0.1, 0.4, 0.4, 0.9]) is 0.7631578947368421.
    #[test]
    fn ranks_share_their_places() {
        let before: [(u128, &[(u128, f64)]); 1] =
            [(0, &[(1, 0.1), (2, 0.2), (3, 0.2), (4, 0.4), (5, 0.5)])];
        let after: [(u128, &[(u128, f64)]); 1] =
            [(0, &[(1, 0.3), (2, 0.1), (3, 0.4), (4, 0.4), (5, 0.9)])];
        let found = difference(&lists(&before, &after)).rank_correlation.unwrap();
        assert!((found - 0.763_157_894_736_842_1).abs() < 1e-12, "{found}");
    }
}
