//! Rounding, so that a report is short and says no more than it knows.
//!
//! Each field keeps a fixed number of decimals (`docs/report.md` lists them). A number rounded here
//! has at most 15 significant digits for every magnitude a report holds, which is what makes
//! number → JSON → number exact.

/// `value` to `decimals` places, half away from zero; `None` when it is not finite.
///
/// Negative zero becomes zero: it would print as `-0.0`.
pub(crate) fn rounded(value: impl Into<f64>, decimals: i32) -> Option<f64> {
    let value: f64 = value.into();
    let scale = 10_f64.powi(decimals);
    let rounded = (value * scale).round() / scale;
    rounded.is_finite().then_some(rounded + 0.0)
}

/// Like [`rounded`] for a list: empty when any element is not finite, because a list with a hole
/// would shift the meaning of the rest.
pub(crate) fn rounded_all<T: Into<f64> + Copy>(values: &[T], decimals: i32) -> Vec<f64> {
    values.iter().map(|&value| rounded(value, decimals)).collect::<Option<_>>().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_stated_decimals() {
        assert_eq!(rounded(1.23456, 2), Some(1.23));
        assert_eq!(rounded(-1.235, 2), Some(-1.24));
        assert_eq!(rounded(0.1_f32, 3), Some(0.1));
    }

    #[test]
    fn has_no_negative_zero() {
        assert!(rounded(-0.0001, 2).unwrap().is_sign_positive());
    }

    #[test]
    fn drops_what_is_not_finite() {
        assert_eq!(rounded(f64::NAN, 2), None);
        assert_eq!(rounded(f32::INFINITY, 2), None);
        assert_eq!(rounded(f64::MAX, 2), None);
        assert_eq!(rounded_all(&[1.0, f64::NAN], 2), Vec::<f64>::new());
        assert_eq!(rounded_all(&[1.0, 2.0], 2), vec![1.0, 2.0]);
    }
}
