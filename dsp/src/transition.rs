//! How likely one interval between beats follows another.

use multiversion::multiversion;

use crate::lanes::LANES;

/// Stiffness of the tempo (λ of Krebs, Böck & Widmer, who take 100). Accents alone mislead more often than what a network
/// has learnt, so the tempo has to be trusted more.
const STIFFNESS: f64 = 400.0;
/// Largest change of the interval from one beat to the next, as a factor.
const MAX_CHANGE: f64 = 0.12;

/// Rows that are searched at once: a best score that is stored and read again for each row takes most of the time.
const TOGETHER: usize = 4;

/// Penalties of changing from one of a range of beat intervals to another.
pub(crate) struct Transition {
    /// Largest distance of two intervals that may follow one another, frames.
    reach: usize,
    /// Intervals, and padding up to whole lanes.
    n_padded: usize,
    /// Row `offset`: log-probability of coming to each interval from the one `offset − reach` after it; −∞ where that
    /// cannot be.
    penalties: Vec<f32>,
}

impl Transition {
    /// Between intervals of `shortest`, `shortest + 1`, … frames, `n` of them.
    pub(crate) fn new(shortest: usize, n: usize) -> Self {
        let change = |from: usize, to: usize| {
            ((shortest + to) as f64 / (shortest + from) as f64 - 1.0).abs()
        };
        let reachable =
            |from: usize, to: usize| change(from, to) <= MAX_CHANGE || from.abs_diff(to) <= 1;
        let pairs = || (0..n).flat_map(move |from| (0..n).map(move |to| (from, to)));
        let reach = pairs()
            .filter(|&(from, to)| reachable(from, to))
            .fold(1, |reach, (from, to)| reach.max(from.abs_diff(to)));
        let n_padded = n.next_multiple_of(LANES);
        let n_rows = (2 * reach + 1).next_multiple_of(TOGETHER);
        let mut penalties = vec![f32::NEG_INFINITY; n_rows * n_padded];
        for from in 0..n {
            // Normalised over the intervals that can be reached from this one.
            let reached = || (0..n).filter(move |&to| reachable(from, to));
            let norm = reached().map(|to| (-STIFFNESS * change(from, to)).exp()).sum::<f64>().ln();
            for to in reached() {
                let place = (from + reach - to) * n_padded + to;
                penalties[place] = (-STIFFNESS * change(from, to) - norm) as f32;
            }
        }
        Self { reach, n_padded, penalties }
    }

    /// Scores of nothing yet.
    pub(crate) fn scores(&self) -> Scores {
        Scores {
            from: vec![f32::NEG_INFINITY; self.n_padded + 2 * self.reach + TOGETHER],
            reach: self.reach,
            best: vec![f32::NEG_INFINITY; self.n_padded],
            rows: vec![0; self.n_padded],
        }
    }

    /// Score of the best way to each interval, and the interval that it comes from; of equal ways that from the shortest.
    pub(crate) fn arrive(&self, scores: &mut Scores, best: &mut [f32], origins: &mut [u8]) {
        let Scores { from, best: found, rows, .. } = scores;
        best_ways(from, &self.penalties, found, rows);
        best.copy_from_slice(&found[..best.len()]);
        for (to, (origin, row)) in origins.iter_mut().zip(rows).enumerate() {
            *origin = (to + *row as usize).saturating_sub(self.reach) as u8;
        }
    }

    /// Log-probability of a change.
    #[cfg(test)]
    pub(crate) fn penalty(&self, from: usize, to: usize) -> f32 {
        let row = (from + self.reach).checked_sub(to).map(|offset| offset * self.n_padded);
        row.and_then(|row| self.penalties.get(row + to)).copied().unwrap_or(f32::NEG_INFINITY)
    }
}

/// Scores of intervals, and room to search in.
pub(crate) struct Scores {
    /// The scores, between paddings that nothing comes from.
    from: Vec<f32>,
    reach: usize,
    best: Vec<f32>,
    rows: Vec<u32>,
}

impl Scores {
    /// The score of each interval.
    pub(crate) fn intervals(&mut self) -> &mut [f32] {
        &mut self.from[self.reach..]
    }
}

/// For each interval the largest sum of a score and a penalty, and the row of that penalty.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn best_ways(from: &[f32], penalties: &[f32], best: &mut [f32], rows: &mut [u32]) {
    best.fill(f32::NEG_INFINITY);
    rows.fill(0);
    let n = best.len();
    let rows = &mut rows[..n];
    for (group, penalties) in penalties.chunks_exact(TOGETHER * n).enumerate() {
        let row = TOGETHER * group;
        let from: [&[f32]; TOGETHER] = std::array::from_fn(|k| &from[row + k..][..n]);
        let penalties: [&[f32]; TOGETHER] = std::array::from_fn(|k| &penalties[k * n..][..n]);
        for i in 0..n {
            let (mut top, mut top_row) = (best[i], rows[i]);
            for k in 0..TOGETHER {
                let score = from[k][i] + penalties[k][i];
                let is_better = score > top;
                top = if is_better { score } else { top };
                top_row = if is_better { (row + k) as u32 } else { top_row };
            }
            (best[i], rows[i]) = (top, top_row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_from_an_interval_add_up_to_certainty() {
        for (shortest, n) in [(4, 3), (14, 13), (142, 139)] {
            let transition = Transition::new(shortest, n);
            for from in 0..n {
                let total: f32 = (0..n).map(|to| transition.penalty(from, to).exp()).sum();
                assert!((total - 1.0).abs() < 1e-5, "{shortest}, {from}: {total}");
            }
        }
    }

    #[test]
    fn the_best_way_is_that_of_a_search_one_by_one() {
        let (shortest, n) = (36, 35);
        let transition = Transition::new(shortest, n);
        let mut scores = transition.scores();
        for seed in 1..20 {
            let noise = fixtures::noise(seed, n);
            scores.intervals()[..n].copy_from_slice(&noise);
            let (mut best_scores, mut origins) = (vec![0.0; n], vec![0; n]);
            transition.arrive(&mut scores, &mut best_scores, &mut origins);
            for to in 0..n {
                let way = |from: usize| noise[from] + transition.penalty(from, to);
                let best =
                    (0..n).fold(0, |best, from| if way(from) > way(best) { from } else { best });
                assert_eq!(usize::from(origins[to]), best);
                assert!((best_scores[to] - way(best)).abs() < f32::MIN_POSITIVE);
            }
        }
    }
}
