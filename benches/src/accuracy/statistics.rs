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
        Self::of_statistic(n, |places| {
            (n > 0).then(|| places.iter().map(|&i| values[i]).sum::<f64>() / n as f64)
        })
    }

    /// Of any statistic of `n` observations, given their places, some of them repeated; `None` where there is none of all.
    /// Resamples without one are left out.
    pub fn of_statistic(n: usize, statistic: impl Fn(&[usize]) -> Option<f64>) -> Option<Self> {
        let all: Vec<usize> = (0..n).collect();
        let mean = statistic(&all)?;
        let mut rng = Rng::new(SEED);
        let mut places = vec![0; n];
        let mut found: Vec<f64> = (0..N_RESAMPLES)
            .filter_map(|_| {
                for place in &mut places {
                    *place = rng.below(n);
                }
                statistic(&places)
            })
            .collect();
        found.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = (found.len().saturating_sub(1) as f64 * share).round() as usize;
            found.get(place).copied().unwrap_or(mean)
        };
        Some(Self { n, mean, low: at(TAIL), high: at(1.0 - TAIL) })
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
