//! F-measure of times (Dixon 2007, JNMR 36(1); Davies, Degara and Plumbley 2009, C4DM-TR-09-06, section 4.1).

/// Half width of the window around a reference time, s.
pub const WINDOW_S: f64 = 0.07;
/// Times before this do not count: a listener needs some beats to find the pulse.
pub const TRIM_S: f64 = 5.0;

/// The times from [`TRIM_S`] on.
pub fn trimmed(times_s: &[f64]) -> Vec<f64> {
    times_s.iter().copied().filter(|time| *time >= TRIM_S).collect()
}

/// Harmonic mean of precision and recall, where each time is matched once at most; both lists ascending, 0 if one is
/// empty. Equal to `mir_eval` 0.8.2 `beat.f_measure`.
pub fn f_measure(truth_s: &[f64], estimate_s: &[f64]) -> f64 {
    let n_total = truth_s.len() + estimate_s.len();
    if n_total == 0 { 0.0 } else { 2.0 * n_matched(truth_s, estimate_s) as f64 / n_total as f64 }
}

/// Size of the largest matching. With windows of one width the earliest free partner is never a mistake.
fn n_matched(truth_s: &[f64], estimate_s: &[f64]) -> usize {
    let mut left = estimate_s.iter().peekable();
    let mut n = 0;
    for truth in truth_s {
        while left.next_if(|estimate| **estimate < truth - WINDOW_S).is_some() {}
        n += usize::from(left.next_if(|estimate| **estimate <= truth + WINDOW_S).is_some());
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_times_are_perfect_and_none_are_zero() {
        let beats = [5.0, 5.5, 6.0];
        assert_eq!(f_measure(&beats, &beats).to_bits(), 1f64.to_bits());
        assert_eq!(f_measure(&beats, &[]).to_bits(), 0f64.to_bits());
        assert_eq!(f_measure(&[], &[]).to_bits(), 0f64.to_bits());
    }

    #[test]
    fn half_the_beats_have_a_recall_of_one_half() {
        let beats: Vec<f64> = (0..20).map(f64::from).collect();
        let half: Vec<f64> = (0..10).map(|i| 2.0 * f64::from(i)).collect();
        assert!((f_measure(&beats, &half) - 2.0 / 3.0).abs() < 1e-12);
        assert!((f_measure(&half, &beats) - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn one_estimate_matches_one_reference() {
        // Both references are within reach of the one estimate.
        assert!((f_measure(&[1.0, 1.1], &[1.05]) - 2.0 / 3.0).abs() < 1e-12);
        // The first estimate has to take the first reference, or one would be left over.
        assert_eq!(f_measure(&[1.0, 1.1], &[1.05, 1.06]).to_bits(), 1f64.to_bits());
        assert_eq!(f_measure(&[1.0], &[1.0701]).to_bits(), 0f64.to_bits());
    }
}
