//! The best of many scored items.

use std::cmp::Ordering;

/// Up to so many places a new one is put in its order at once; with more they are sorted out now and then.
const MAX_ORDERED: usize = 64;

/// The best `k` so far, and some that are not.
pub(crate) struct Best {
    kept: Vec<(u128, f64)>,
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

    /// Takes in an item; one that was offered before with the same score changes nothing.
    pub(crate) fn offer(&mut self, id: u128, score: f64) {
        if score < self.floor {
            return;
        }
        if self.k <= MAX_ORDERED {
            let place = self.kept.partition_point(|kept| better(kept, &(id, score)).is_lt());
            if self.kept.get(place).is_none_or(|kept| kept.0 != id) {
                self.kept.insert(place, (id, score));
                self.kept.truncate(self.k);
            }
        } else {
            self.kept.push((id, score));
            if self.kept.len() < self.k.saturating_add(self.k / 2) {
                return;
            }
            self.sort_out();
        }
        if self.kept.len() == self.k
            && let Some((_, last)) = self.kept.last()
        {
            self.floor = *last;
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
        self.kept
    }

    /// Drops what is not among the best `k`.
    fn sort_out(&mut self) {
        self.kept.sort_unstable_by(better);
        self.kept.dedup_by_key(|(id, _)| *id);
        self.kept.truncate(self.k);
    }
}

/// Best first, equal scores by ascending id: a total order, so the answer does not depend on who came when.
fn better(a: &(u128, f64), b: &(u128, f64)) -> Ordering {
    b.1.total_cmp(&a.1).then(a.0.cmp(&b.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Sorting everything is the oracle.
    #[test]
    fn keeps_the_best_and_breaks_ties_by_id() {
        let offers: Vec<(u128, f64)> = (0..500_u128)
            .map(|i| (i * 7_919 % 499, f64::from((i * 31 % 97) as u8) / 97.0))
            .filter(|(id, _)| *id != 0)
            .collect();
        let mut sorted = offers.clone();
        sorted.sort_by(better);
        for k in [0, 1, 2, 40, 80, 498, 1_000] {
            let half = |range: std::ops::Range<usize>| {
                let mut best = Best::new(k);
                for &(id, score) in &offers[range] {
                    best.offer(id, score);
                    best.offer(id, score);
                }
                best
            };
            let best = half(0..300).merge(half(200..498));
            assert_eq!(best.ranked(), sorted[..k.min(498)]);
        }
    }

    #[test]
    fn the_floor_is_the_last_that_is_kept() {
        let mut best = Best::new(2);
        for (id, score, floor) in
            [(1, 0.5, f64::NEG_INFINITY), (2, 0.7, 0.5), (3, 0.6, 0.6), (4, 0.1, 0.6)]
        {
            best.offer(id, score);
            assert_eq!(best.floor().to_bits(), f64::to_bits(floor), "{id}");
        }
        assert_eq!(best.ranked(), [(2, 0.7), (3, 0.6)]);
    }
}
