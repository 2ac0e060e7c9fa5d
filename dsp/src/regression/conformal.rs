//! Intervals around predictions, from errors on observations that had no part in the fit.

/// Half the width of an interval around a prediction that holds the truth with probability `coverage` or more, if the next
/// observation is like those that `residuals` (truth less prediction) are from: the ⌈(n + 1) · coverage⌉-th smallest
/// magnitude.
///
/// `None` when there are too few for that coverage, or one is not finite.
///
/// # Source
///
/// Lei et al. (2018), "Distribution-free predictive inference for regression", *JASA* 113(523), section 2.2.
pub fn half_width(residuals: &[f64], coverage: f64) -> Option<f64> {
    let mut magnitudes: Vec<f64> = residuals.iter().map(|residual| residual.abs()).collect();
    if magnitudes.iter().any(|magnitude| !magnitude.is_finite()) {
        return None;
    }
    magnitudes.sort_by(f64::total_cmp);
    let rank = ((magnitudes.len() + 1) as f64 * coverage).ceil() as usize;
    magnitudes.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fixtures::Rng;

    #[test]
    fn takes_the_rank_that_the_theorem_names() {
        let residuals: Vec<f64> =
            (1..=19).map(|i| f64::from(i) * f64::from(1 - 2 * (i % 2))).collect();
        // ⌈20 · 0.9⌉ = 18.
        assert_eq!(half_width(&residuals, 0.9), Some(18.0));
        assert_eq!(half_width(&residuals[..8], 0.9), None);
        assert_eq!(half_width(&[], 0.9), None);
        assert_eq!(half_width(&[f64::NAN; 30], 0.5), None);
    }

    #[test]
    fn covers_what_it_says() {
        // 2 000 trials of 39 and one more: 0.9 within 3 deviations of a proportion, sqrt(0.9 · 0.1 / 2 000) = 0.0067.
        let mut rng = Rng::new(7);
        let mut draw = || (0..3).map(|_| rng.unit()).sum::<f64>() - 1.5;
        let n_covered = (0..2_000)
            .filter(|_| {
                let residuals: Vec<f64> = (0..39).map(|_| draw()).collect();
                draw().abs() <= half_width(&residuals, 0.9).unwrap()
            })
            .count();
        let share = n_covered as f64 / 2_000.0;
        assert!((share - 0.9).abs() < 0.02, "{share}");
    }
}
