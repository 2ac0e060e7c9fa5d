//! How well predictions agree with the truth.

/// Agreement of predictions with a truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agreement {
    /// Pearson's correlation, −1..=1.
    pub pearson: f64,
    /// Spearman's correlation: Pearson's of the ranks, equal values sharing theirs, −1..=1.
    pub spearman: f64,
    /// Coefficient of determination, at most 1: 1 − Σ (truth − prediction)² / Σ (truth − its mean)².
    pub r2: f64,
    /// Lin's concordance correlation, −1..=1: 1 only where prediction and truth are the same.
    pub concordance: f64,
    /// Root of the mean squared error, in units of the truth.
    pub rmse: f64,
}

impl Agreement {
    /// Of `predictions` with `truths`; `None` for fewer than two, or when either is constant or not finite.
    ///
    /// # Source
    ///
    /// Lin (1989), *Biometrics* 45(1), for the concordance, with population moments. The others as scipy's `pearsonr` and
    /// `spearmanr` and scikit-learn's `r2_score`, equal within 1e-12.
    pub fn of(truths: &[f64], predictions: &[f64]) -> Option<Self> {
        let (truth, prediction) = (Moments::of(truths)?, Moments::of(predictions)?);
        let n = truths.len() as f64;
        let covariance = covariance(truths, predictions, truth.mean, prediction.mean);
        let squares: f64 = truths.iter().zip(predictions).map(|(t, p)| (t - p) * (t - p)).sum();
        let distance = truth.mean - prediction.mean;
        let ranks = (ranks(truths), ranks(predictions));
        let (r, s) = (Moments::of(&ranks.0)?, Moments::of(&ranks.1)?);
        let of_ranks = self::covariance(&ranks.0, &ranks.1, r.mean, s.mean);
        Some(Self {
            pearson: (covariance / (truth.variance * prediction.variance).sqrt()).clamp(-1.0, 1.0),
            spearman: (of_ranks / (r.variance * s.variance).sqrt()).clamp(-1.0, 1.0),
            r2: 1.0 - squares / (n * truth.variance),
            concordance: 2.0 * covariance
                / (truth.variance + prediction.variance + distance * distance),
            rmse: (squares / n).sqrt(),
        })
    }
}

struct Moments {
    mean: f64,
    variance: f64,
}

impl Moments {
    fn of(values: &[f64]) -> Option<Self> {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
        // Below this the deviation is the rounding of the mean.
        let is_constant = variance.sqrt() <= 1e-14 * mean.abs();
        (values.len() > 1 && variance.is_finite() && variance > 0.0 && !is_constant)
            .then_some(Self { mean, variance })
    }
}

fn covariance(a: &[f64], b: &[f64], mean_a: f64, mean_b: f64) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - mean_a) * (b - mean_b)).sum::<f64>() / a.len() as f64
}

/// Ranks from 1; equal values have the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    for equal in order.chunk_by(|&a, &b| values[a] <= values[b] && values[b] <= values[a]) {
        let mean = start as f64 + (equal.len() + 1) as f64 / 2.0;
        for &i in equal {
            ranks[i] = mean;
        }
        start += equal.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRUTHS: [f64; 8] = [0.1, -0.4, 0.35, 0.8, -0.9, 0.35, 0.0, 0.6];
    const PREDICTIONS: [f64; 8] = [0.2, -0.1, 0.3, 0.5, -0.6, 0.1, 0.2, 0.2];

    #[test]
    fn equal_lists_agree() {
        let agreement = Agreement::of(&TRUTHS, &TRUTHS).unwrap();
        assert!((agreement.pearson - 1.0).abs() < 1e-12 && agreement.rmse < 1e-12);
        assert!((agreement.concordance - 1.0).abs() < 1e-12 && (agreement.r2 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_shift_costs_concordance_and_not_correlation() {
        // Truth 0, 1 and prediction 1, 2: variance 1/4, distance 1: 2/4 / (1/4 + 1/4 + 1) = 1/3; R² 1 − 2 / (1/2) = −3.
        let agreement = Agreement::of(&[0.0, 1.0], &[1.0, 2.0]).unwrap();
        assert!((agreement.pearson - 1.0).abs() < 1e-12);
        assert!((agreement.concordance - 1.0 / 3.0).abs() < 1e-12);
        assert!((agreement.r2 + 3.0).abs() < 1e-12 && (agreement.rmse - 1.0).abs() < 1e-12);
    }

    #[test]
    fn equals_scipy_and_scikit_learn() {
        // scipy 1.14.1 (pearsonr, spearmanr), scikit-learn 1.5.2 (r2_score), numpy 2.1.3 (the rest).
        let agreement = Agreement::of(&TRUTHS, &PREDICTIONS).unwrap();
        let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert!(close(agreement.pearson, 0.9209315882528615), "{agreement:?}");
        assert!(close(agreement.spearman, 0.7854091098781055), "{agreement:?}");
        assert!(close(agreement.r2, 0.7433784579164213), "{agreement:?}");
        assert!(close(agreement.concordance, 0.8110918544194108), "{agreement:?}");
        assert!(close(agreement.rmse, 0.26100766272276377), "{agreement:?}");
    }

    #[test]
    fn equal_values_share_their_rank() {
        assert_eq!(ranks(&[2.0, 1.0, 2.0, 5.0, -0.0, 0.0]), [4.5, 3.0, 4.5, 6.0, 1.5, 1.5]);
    }

    #[test]
    fn what_does_not_vary_has_no_agreement() {
        assert_eq!(Agreement::of(&[0.1; 9], &[0.1; 9]), None);
        assert_eq!(Agreement::of(&[0.1], &[0.2]), None);
        assert_eq!(Agreement::of(&[], &[]), None);
        assert_eq!(Agreement::of(&[0.0, f64::NAN], &[0.0, 1.0]), None);
    }
}
