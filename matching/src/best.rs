//! The best of many scored items.

use std::cmp::Ordering;

/// What the rough evidence of the kernel may be off by, many times over.
const ROUGH_MARGIN: f64 = 1e-2;
/// Fewest spare places: below this, sorting out often costs more than it saves.
const LEAST_SPARE: usize = 32;

/// The best `k` so far, and some that are not.
///
/// Items are kept as they come and sorted out when as many again have come: whatever `k`, an item costs
/// the same on average.
pub(crate) struct Best {
    kept: Vec<(u128, f64)>,
    k: usize,
    /// Below this evidence nothing can get in any more.
    pub(crate) least_evidence: f64,
}

impl Best {
    pub(crate) fn new(k: usize) -> Self {
        let least_evidence = if k == 0 { f64::INFINITY } else { f64::NEG_INFINITY };
        Self { kept: Vec::new(), k, least_evidence }
    }

    pub(crate) fn offer(&mut self, id: u128, score: f64) {
        self.kept.push((id, score));
        if self.kept.len() >= self.k.saturating_add(self.k.max(LEAST_SPARE)) {
            self.sort_out();
        }
    }

    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.kept.extend(other.kept);
        self.sort_out();
        self
    }

    /// The best `k`, best first, equal scores by ascending id.
    pub(crate) fn ranked(mut self) -> Vec<(u128, f64)> {
        self.kept.sort_unstable_by(better);
        self.kept.truncate(self.k);
        self.kept
    }

    /// Drops what is not among the best `k`.
    fn sort_out(&mut self) {
        if self.kept.len() <= self.k {
            return;
        }
        let Some(place) = self.k.checked_sub(1) else { return self.kept.clear() };
        let (_, &mut (_, least), _) = self.kept.select_nth_unstable_by(place, better);
        self.kept.truncate(self.k);
        // The gate only lowers a score, so evidence bounds it from above.
        self.least_evidence = logit(least) - ROUGH_MARGIN;
    }
}

/// Best first, equal scores by ascending id: a total order, so the answer does not depend on who came when.
fn better(a: &(u128, f64), b: &(u128, f64)) -> Ordering {
    b.1.total_cmp(&a.1).then(a.0.cmp(&b.0))
}

/// Evidence of a score without a gate; ±∞ at the ends.
fn logit(score: f64) -> f64 {
    (score / (1.0 - score)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pooling::sigmoid;

    #[test]
    fn logit_undoes_sigmoid() {
        for evidence in [-5.8, -0.1, 0.0, 2.5] {
            assert!((logit(sigmoid(evidence)) - evidence).abs() < 1e-9);
        }
        assert!(logit(0.0) == f64::NEG_INFINITY && logit(1.0) == f64::INFINITY);
    }

    // Sorting everything is the oracle.
    #[test]
    fn keeps_the_best_and_breaks_ties_by_id() {
        let offers: Vec<(u128, f64)> = (0..500_u128)
            .map(|i| (i * 7_919 % 499, f64::from((i * 31 % 97) as u8) / 97.0))
            .collect();
        let mut sorted = offers.clone();
        sorted.sort_by(better);
        for k in [0, 1, 2, 40, 499, 500, 1_000] {
            let half = |range: std::ops::Range<usize>| {
                let mut best = Best::new(k);
                offers[range].iter().for_each(|&(id, score)| best.offer(id, score));
                best
            };
            let best = half(0..300).merge(half(300..500));
            assert_eq!(best.ranked(), sorted[..k.min(500)]);
        }
    }
}
