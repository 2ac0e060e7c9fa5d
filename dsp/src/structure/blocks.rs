//! Boundaries: the cut into stretches of bars that are like themselves.

use multiversion::multiversion;

use super::bars::{Bar, N_BAR};
use crate::lanes::LANES;

/// Bars up to this far apart are compared.
const BAND: usize = 7;
/// Longest stretch, bars.
const LONGEST: usize = 32;
/// The usual length of a stretch, bars.
const USUAL: usize = 8;

/// A cut of bars into stretches.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Cut {
    /// Bars with which stretches begin, the first being 0, and the number of bars at the end.
    pub(crate) borders: Vec<usize>,
    /// Its score per bar; only cuts of one recording can be compared.
    pub(crate) score: f64,
}

/// The cut into stretches of 1 to 32 bars with the largest sum of scores. The score of a stretch of n bars is the sum of the
/// similarities of its bars that are at most 7 apart, over n, less a penalty for lengths that are
/// no multiple of 8, 4 or 2.
///
/// # Source
///
/// Marmoret, Cohen and Bimbot (2023), "Barwise music structure analysis with the correlation block-matching
/// segmentation algorithm", TISMIR 6(1), with a kernel of 7 bands and the similarity exp(−d²), where d² is 1 on
/// average.
pub(crate) fn cut(bars: &[Bar]) -> Cut {
    let n = bars.len();
    // For each bar the similarities to the next ones, summed up.
    let ahead: Vec<[f64; BAND]> = (0..n)
        .map(|bar| {
            let mut sum = 0.0;
            std::array::from_fn(|lag| {
                if let Some(other) = bars.get(bar + lag + 1) {
                    sum += f64::from(-squared_distance(&bars[bar], other)).exp();
                }
                sum
            })
        })
        .collect();
    // Both orders of each pair.
    let score = |from: usize, to: usize| {
        let pairs: f64 = (from..to - 1).map(|bar| ahead[bar][(to - bar - 2).min(BAND - 1)]).sum();
        2.0 * pairs / (to - from) as f64
    };
    let usual = (USUAL..=n).map(|to| score(to - USUAL, to)).fold(1.0, f64::max);
    let mut best = vec![(0.0, 0); n + 1];
    for to in 1..=n {
        let candidates = (to.saturating_sub(LONGEST)..to)
            .map(|from| (best[from].0 + score(from, to) - usual * penalty(to - from), from));
        best[to] = candidates
            .reduce(|best, next| if next.0 > best.0 { next } else { best })
            .unwrap_or_default();
    }
    let mut borders = vec![n];
    while let Some(&to) = borders.last().filter(|&&to| to > 0) {
        borders.push(best[to].1);
    }
    borders.reverse();
    Cut { borders, score: best[n].0 / n.max(1) as f64 }
}

/// What a length costs, as a share of the best stretch of 8 bars.
fn penalty(n_bars: usize) -> f64 {
    match n_bars {
        USUAL => 0.0,
        n if n.is_multiple_of(4) => 0.25,
        n if n.is_multiple_of(2) => 0.5,
        _ => 1.0,
    }
}

/// Squared distance of two bars.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
pub(crate) fn squared_distance(a: &Bar, b: &Bar) -> f32 {
    let mut lanes = [0f32; LANES];
    for at in (0..N_BAR).step_by(LANES) {
        for i in 0..LANES {
            let distance = a[at + i] - b[at + i];
            lanes[i] += distance * distance;
        }
    }
    lanes.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A bar of one kind.
    fn bar(kind: usize) -> Bar {
        std::array::from_fn(|i| if i % 5 == kind { 0.25 } else { 0.0 })
    }

    #[test]
    fn blocks_are_found_where_the_bars_change() {
        let form = [(0, 8), (1, 8), (0, 8), (2, 4), (1, 16)];
        let bars: Vec<Bar> =
            form.iter().flat_map(|&(kind, n)| (0..n).map(move |_| bar(kind))).collect();
        let borders = cut(&bars).borders;
        for border in [0, 8, 16, 24, 28, 44] {
            assert!(borders.contains(&border), "{border} is not in {borders:?}");
        }
    }

    #[test]
    fn few_bars_have_an_answer() {
        assert_eq!(cut(&[]).borders, [0]);
        assert_eq!(cut(&[bar(0)]).borders, [0, 1]);
        assert_eq!(cut(&[bar(0), bar(0)]).borders, [0, 2]);
    }

    #[test]
    fn distance_is_the_sum_of_squares() {
        let expected: f32 = bar(0).iter().zip(&bar(1)).map(|(a, b)| (a - b) * (a - b)).sum();
        assert!((squared_distance(&bar(0), &bar(1)) - expected).abs() < 1e-4);
    }
}
