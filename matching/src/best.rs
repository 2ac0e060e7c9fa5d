//! The best of many scored items.

use std::cmp::Ordering;
use std::collections::HashSet;

/// Up to so many places a new one is put in its order at once; with more they are sorted out now and then.
const MAX_ORDERED: usize = 64;

/// An item with its score.
#[derive(Debug, Clone, Copy)]
struct Kept {
    id: u128,
    score: f64,
    /// Of several with the same number only the best is kept; 0 stands alone.
    group: u64,
}

/// The best `k` so far, and some that are not.
pub(crate) struct Best {
    kept: Vec<Kept>,
    k: usize,
    /// Score of the last of `k`; below it nothing can get in any more.
    floor: f64,
}

impl Best {
    pub(crate) fn new(k: usize) -> Self {
        let floor = if k == 0 { f64::INFINITY } else { f64::NEG_INFINITY };
        Self { kept: Vec::new(), k, floor }
    }

    /// Score below which nothing can get in any more.
    pub(crate) fn floor(&self) -> f64 {
        self.floor
    }

    /// Takes in an item; one that was offered before with the same score changes nothing. Of those with the same
    /// group only the best stays, but for group 0.
    pub(crate) fn offer(&mut self, id: u128, group: u64, score: f64) {
        if score < self.floor {
            return;
        }
        let new = Kept { id, score, group };
        if self.k <= MAX_ORDERED {
            let place = self.kept.partition_point(|kept| better(kept, &new).is_lt());
            if self.kept.get(place).is_some_and(|kept| kept.id == id) {
                return;
            }
            if group != 0
                && let Some(same) = self.kept.iter().position(|kept| kept.group == group)
            {
                if same < place {
                    return;
                }
                self.kept.remove(same);
            }
            self.kept.insert(place, new);
            self.kept.truncate(self.k);
        } else {
            self.kept.push(new);
            if self.kept.len() < self.k.saturating_add(self.k / 2) {
                return;
            }
            self.sort_out();
        }
        if self.kept.len() == self.k
            && let Some(last) = self.kept.last()
        {
            self.floor = last.score;
        }
    }

    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.kept.extend(other.kept);
        self.sort_out();
        self
    }

    /// The best `k`, best first, equal scores by ascending id.
    pub(crate) fn ranked(mut self) -> Vec<(u128, f64)> {
        self.sort_out();
        self.kept.into_iter().map(|kept| (kept.id, kept.score)).collect()
    }

    /// Drops what is not among the best `k`.
    fn sort_out(&mut self) {
        self.kept.sort_unstable_by(better);
        self.kept.dedup_by_key(|kept| kept.id);
        if self.kept.iter().any(|kept| kept.group != 0) {
            let mut groups = HashSet::new();
            self.kept.retain(|kept| kept.group == 0 || groups.insert(kept.group));
        }
        self.kept.truncate(self.k);
    }
}

/// Best first, equal scores by ascending id: a total order, so the answer does not depend on who came when.
fn better(a: &Kept, b: &Kept) -> Ordering {
    b.score.total_cmp(&a.score).then(a.id.cmp(&b.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Sorting everything is the oracle, and leaving out whose group was there before.
    #[test]
    fn keeps_the_best_and_breaks_ties_by_id() {
        let offers: Vec<(u128, f64)> = (0..500_u128)
            .map(|i| (i * 7_919 % 499, f64::from((i * 31 % 97) as u8) / 97.0))
            .filter(|(id, _)| *id != 0)
            .collect();
        for n_groups in [0, 5, 60, 400] {
            let group = |id: u128| id.checked_rem(n_groups).unwrap_or_default() as u64;
            let mut sorted = offers.clone();
            sorted.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            let mut seen = HashSet::new();
            sorted.retain(|(id, _)| group(*id) == 0 || seen.insert(group(*id)));
            for k in [0, 1, 2, 40, 80, 498, 1_000] {
                let half = |range: std::ops::Range<usize>| {
                    let mut best = Best::new(k);
                    for &(id, score) in &offers[range] {
                        best.offer(id, group(id), score);
                        best.offer(id, group(id), score);
                    }
                    best
                };
                let best = half(0..300).merge(half(200..498));
                assert_eq!(best.ranked(), sorted[..k.min(sorted.len())]);
            }
        }
    }

    #[test]
    fn the_floor_is_the_last_that_is_kept() {
        let mut best = Best::new(2);
        for (id, score, floor) in
            [(1, 0.5, f64::NEG_INFINITY), (2, 0.7, 0.5), (3, 0.6, 0.6), (4, 0.1, 0.6)]
        {
            best.offer(id, 0, score);
            assert_eq!(best.floor().to_bits(), f64::to_bits(floor), "{id}");
        }
        assert_eq!(best.ranked(), [(2, 0.7), (3, 0.6)]);
    }
}
