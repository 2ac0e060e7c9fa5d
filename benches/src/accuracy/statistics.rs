//! Means with intervals.

use fixtures::Rng;
use serde::Serialize;

/// Resamples; the ends of an interval then move by less than a tenth of its width from seed to seed.
const N_RESAMPLES: usize = 2_000;
/// The same data give the same interval.
const SEED: u64 = 1;
/// Share of the resamples below and above the interval.
const TAIL: f64 = 0.025;

/// A mean and its 95 % percentile bootstrap interval (Efron and Tibshirani 1993, chapter 13).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Mean {
    /// Values.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Mean {
    /// Of `values`; `None` if there are none. Give differences by file for a paired comparison.
    pub fn of(values: &[f64]) -> Option<Self> {
        let n = values.len();
        let mean = |sum: f64| sum / n as f64;
        if n == 0 {
            return None;
        }
        let mut rng = Rng::new(SEED);
        let mut means: Vec<f64> =
            (0..N_RESAMPLES).map(|_| mean((0..n).map(|_| values[rng.below(n)]).sum())).collect();
        means.sort_by(f64::total_cmp);
        let at = |share: f64| means[((N_RESAMPLES - 1) as f64 * share).round() as usize];
        Some(Self { n, mean: mean(values.iter().sum()), low: at(TAIL), high: at(1.0 - TAIL) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_leave_no_doubt() {
        let mean = Mean::of(&[0.5; 30]).unwrap();
        assert_eq!(mean, Mean { n: 30, mean: 0.5, low: 0.5, high: 0.5 });
        assert_eq!(Mean::of(&[]), None);
    }

    #[test]
    fn the_interval_of_a_proportion_is_that_of_the_normal_distribution() {
        let values: Vec<f64> = (0..400).map(|i| f64::from(i % 5 == 0)).collect();
        let mean = Mean::of(&values).unwrap();
        assert!((mean.mean - 0.2).abs() < 1e-12);
        // 1.96 sqrt(0.2 * 0.8 / 400) = 0.0392; the ends of 2 000 resamples scatter by about 0.001.
        assert!(
            (mean.high - 0.2392).abs() < 0.006 && (mean.low - 0.1608).abs() < 0.006,
            "{mean:?}"
        );
    }
}
