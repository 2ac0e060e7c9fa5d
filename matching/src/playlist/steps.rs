//! The best way through recordings that stand in a row.

/// Score that a step counts as having at least: what does not go together at all is far, and not infinitely far.
const LEAST: f64 = 1e-9;

/// Scores of the steps between recordings in a row, from each to all that come later.
#[derive(Debug, Clone)]
pub(crate) struct Steps {
    n: usize,
    scores: Vec<f64>,
}

impl Steps {
    /// `scores` are those of (0, 1), (0, 2), …, (1, 2), … of `n` recordings.
    pub(crate) fn new(n: usize, scores: Vec<f64>) -> Self {
        debug_assert_eq!(scores.len(), n * n.saturating_sub(1) / 2);
        Self { n, scores }
    }

    /// Score of the step from one to a later one.
    pub(crate) fn score(&self, from: usize, to: usize) -> f64 {
        self.scores[from * (2 * self.n - from - 1) / 2 + (to - from - 1)]
    }

    /// The way of `length` from the first to the last, always forwards, whose weakest step is strongest; of several the
    /// one whose scores have the largest product, of equals the one that keeps to the earlier.
    ///
    /// `length` is at least 2, and at most the number of recordings.
    pub(crate) fn best(&self, length: usize) -> Vec<usize> {
        let weakest = self.strongest_weakest(length);
        let mut costs = vec![f64::INFINITY; self.n];
        costs[0] = 0.0;
        let mut came_from = Vec::with_capacity(length);
        for stop in 1..length {
            let (mut next, mut back) = (vec![f64::INFINITY; self.n], vec![0; self.n]);
            for to in self.stops(stop, length) {
                for from in self.stops(stop - 1, length).take_while(|from| *from < to) {
                    let score = self.score(from, to);
                    let cost = costs[from] - score.max(LEAST).ln();
                    if score >= weakest && cost < next[to] {
                        (next[to], back[to]) = (cost, from);
                    }
                }
            }
            costs = next;
            came_from.push(back);
        }
        let mut way = vec![self.n - 1];
        for back in came_from.iter().rev() {
            way.push(back[way[way.len() - 1]]);
        }
        way.reverse();
        way
    }

    /// The largest score that every step of some way of this length reaches.
    fn strongest_weakest(&self, length: usize) -> f64 {
        let mut reached = vec![f64::NEG_INFINITY; self.n];
        reached[0] = f64::INFINITY;
        for stop in 1..length {
            let mut next = vec![f64::NEG_INFINITY; self.n];
            for to in self.stops(stop, length) {
                next[to] = self
                    .stops(stop - 1, length)
                    .take_while(|from| *from < to)
                    .map(|from| reached[from].min(self.score(from, to)))
                    .fold(f64::NEG_INFINITY, f64::max);
            }
            reached = next;
        }
        reached[self.n - 1]
    }

    /// What can stand at a stop: so many have to come before, and so many after.
    fn stops(&self, stop: usize, length: usize) -> std::ops::RangeInclusive<usize> {
        match stop {
            0 => 0..=0,
            stop if stop + 1 == length => self.n - 1..=self.n - 1,
            stop => stop..=self.n - (length - stop),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// All ways of a length, by the weakest step and then the product: the slow oracle.
    fn every_way(n: usize, length: usize) -> Vec<Vec<usize>> {
        let inner: Vec<usize> = (1..n - 1).collect();
        let mut ways = Vec::new();
        for chosen in 0..1_u32 << inner.len() {
            if chosen.count_ones() as usize != length - 2 {
                continue;
            }
            let middle = inner.iter().copied().filter(|stop| chosen >> (stop - 1) & 1 == 1);
            ways.push(std::iter::once(0).chain(middle).chain([n - 1]).collect());
        }
        ways
    }

    fn weakest(steps: &Steps, way: &[usize]) -> f64 {
        way.windows(2).map(|pair| steps.score(pair[0], pair[1])).fold(1.0, f64::min)
    }

    fn cost(steps: &Steps, way: &[usize]) -> f64 {
        way.windows(2).map(|pair| -steps.score(pair[0], pair[1]).max(LEAST).ln()).sum()
    }

    /// Always on to the best that is left, as long as enough are left after it.
    fn greedy(steps: &Steps, length: usize) -> Vec<usize> {
        let mut way = vec![0];
        for stop in 1..length {
            let here = way[stop - 1];
            let next = steps.stops(stop, length).filter(|next| *next > here);
            let best = next.max_by(|a, b| steps.score(here, *a).total_cmp(&steps.score(here, *b)));
            way.push(best.unwrap());
        }
        way
    }

    proptest! {
        #[test]
        fn is_the_best_of_all_ways(
            n in 2..9_usize,
            length in 2..9_usize,
            scores in prop::collection::vec(0..12_u8, 36),
        ) {
            let length = length.min(n);
            // Few different scores, so that many ways tie.
            let scores = scores[..n * (n - 1) / 2].iter().map(|s| f64::from(*s) / 11.0).collect();
            let steps = Steps::new(n, scores);
            let best = steps.best(length);
            prop_assert_eq!(best.len(), length);
            prop_assert_eq!((best[0], best[length - 1]), (0, n - 1));
            prop_assert!(best.windows(2).all(|pair| pair[0] < pair[1]));
            let all = every_way(n, length);
            let strongest = all.iter().map(|way| weakest(&steps, way)).fold(0.0, f64::max);
            prop_assert!(weakest(&steps, &best) >= strongest);
            let ties = all.iter().filter(|way| weakest(&steps, way) >= strongest);
            let least = ties.map(|way| cost(&steps, way)).fold(f64::INFINITY, f64::min);
            // Sums of a few logarithms.
            prop_assert!(cost(&steps, &best) <= least + 1e-9);
            prop_assert!(weakest(&steps, &best) >= weakest(&steps, &greedy(&steps, length)));
        }
    }

    #[test]
    fn two_are_one_step() {
        assert_eq!(Steps::new(2, vec![0.0]).best(2), [0, 1]);
        assert_eq!(Steps::new(3, vec![0.1, 0.9, 0.1]).best(2), [0, 2]);
        assert_eq!(Steps::new(3, vec![0.1, 0.9, 0.1]).best(3), [0, 1, 2]);
    }
}
