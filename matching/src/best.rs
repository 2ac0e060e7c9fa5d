//! The best of many scored items.

/// What the rough evidence of the kernel may be off by, many times over.
const ROUGH_MARGIN: f64 = 1e-2;

/// The best so far, best first.
pub(crate) struct Best {
    pub(crate) ranked: Vec<(u128, f64)>,
    k: usize,
    /// Below this evidence nothing can get in any more.
    pub(crate) least_evidence: f64,
}

impl Best {
    pub(crate) fn new(k: usize) -> Self {
        let least_evidence = if k == 0 { f64::INFINITY } else { f64::NEG_INFINITY };
        Self { ranked: Vec::new(), k, least_evidence }
    }

    pub(crate) fn offer(&mut self, id: u128, score: f64) {
        let place = self
            .ranked
            .partition_point(|&(other, better)| better > score || (better >= score && other < id));
        if place >= self.k {
            return;
        }
        self.ranked.insert(place, (id, score));
        self.ranked.truncate(self.k);
        if self.ranked.len() == self.k
            && let Some(&(_, least)) = self.ranked.last()
        {
            // The gate only lowers a score, so evidence bounds it from above.
            self.least_evidence = logit(least) - ROUGH_MARGIN;
        }
    }

    pub(crate) fn merge(mut self, other: Self) -> Self {
        for (id, score) in other.ranked {
            self.offer(id, score);
        }
        self
    }
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

    #[test]
    fn keeps_the_best_and_breaks_ties_by_id() {
        let mut best = Best::new(2);
        for (id, score) in [(5, 0.5), (3, 0.5), (9, 0.7), (1, 0.1)] {
            best.offer(id, score);
        }
        assert_eq!(best.ranked, [(9, 0.7), (3, 0.5)]);
    }
}
