//! Features in standard deviations from their mean.

/// Standard scores are cut here, so that one odd feature cannot decide alone.
pub const MAX_SCORE: f64 = 3.0;
/// Features that are known in a smaller share of the observations are left out.
const MIN_KNOWN: f64 = 0.5;
/// Relative deviation below which a feature counts as constant: rounding of its own sum.
const MIN_DEVIATION: f64 = 1e-9;

/// Mean and population standard deviation of each feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Scaler {
    /// By feature; `None` for one that is constant or seldom known, which then has no part in anything.
    pub features: Vec<Option<(f64, f64)>>,
}

impl Scaler {
    /// Of the features of some observations, `None` where unknown. All rows have the same length.
    pub fn of(rows: &[&[Option<f64>]]) -> Self {
        let n_features = rows.first().map_or(0, |row| row.len());
        let n_rows = rows.len();
        let statistics = |feature: usize| {
            let known = || rows.iter().filter_map(|row| row[feature]);
            let n = known().count() as f64;
            if n < 2.0 || n < MIN_KNOWN * n_rows as f64 {
                return None;
            }
            let mean = known().sum::<f64>() / n;
            let deviation = (known().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n).sqrt();
            (deviation > MIN_DEVIATION * mean.abs().max(f64::MIN_POSITIVE))
                .then_some((mean, deviation))
        };
        Self { features: (0..n_features).map(statistics).collect() }
    }

    /// Standard scores of a row, cut at ±[`MAX_SCORE`]. What is unknown counts as the mean.
    pub fn scores(&self, row: &[Option<f64>]) -> Vec<f64> {
        let pairs = self.features.iter().zip(row);
        pairs.map(|(feature, value)| feature.zip(*value).map_or(0.0, score)).collect()
    }
}

/// The standard score of a value: ((mean, deviation), value).
pub fn score(((mean, deviation), value): ((f64, f64), f64)) -> f64 {
    ((value - mean) / deviation).clamp(-MAX_SCORE, MAX_SCORE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_have_mean_0_and_deviation_1_where_nothing_is_cut() {
        let rows: Vec<Vec<Option<f64>>> =
            (0..10).map(|i| vec![Some(f64::from(i)), Some(7.0), (i > 6).then_some(1.0)]).collect();
        let scaler = Scaler::of(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>());
        // 0 to 9: mean 4.5, variance (10² − 1) / 12.
        assert_eq!(scaler.features, [Some((4.5, 8.25_f64.sqrt())), None, None]);
        assert_eq!(scaler.scores(&[Some(4.5), Some(100.0), Some(1.0)]), [0.0, 0.0, 0.0]);
        assert_eq!(scaler.scores(&[Some(1e9), None, None]), [MAX_SCORE, 0.0, 0.0]);
        assert_eq!(scaler.scores(&[None, None, None]), [0.0, 0.0, 0.0]);
    }

    #[test]
    fn nothing_has_no_features() {
        assert!(Scaler::of(&[]).features.is_empty());
    }
}
