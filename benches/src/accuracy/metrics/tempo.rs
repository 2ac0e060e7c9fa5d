//! Tempo accuracy (Gouyon et al. 2006, IEEE TASLP 14(5), section III).

/// Relative tolerance.
const TOLERANCE: f64 = 0.04;
/// What Accuracy 2 allows besides the tempo itself.
const OCTAVES: [f64; 5] = [1.0, 2.0, 3.0, 1.0 / 2.0, 1.0 / 3.0];

/// Whether `estimate_bpm` is within 4 % of `truth_bpm`.
pub fn accuracy_1(truth_bpm: f64, estimate_bpm: f64) -> bool {
    (estimate_bpm / truth_bpm - 1.0).abs() <= TOLERANCE
}

/// Whether `estimate_bpm` is within 4 % of `truth_bpm`, its double, triple, half or third.
pub fn accuracy_2(truth_bpm: f64, estimate_bpm: f64) -> bool {
    OCTAVES.iter().any(|octave| accuracy_1(truth_bpm * octave, estimate_bpm))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_per_cent_are_allowed() {
        assert!(accuracy_1(100.0, 103.99) && accuracy_1(100.0, 96.01));
        assert!(!accuracy_1(100.0, 104.1) && !accuracy_1(100.0, 95.9));
    }

    #[test]
    fn octaves_are_allowed_by_the_second_alone() {
        for estimate in [50.0, 200.0, 300.0, 33.3] {
            assert!(!accuracy_1(100.0, estimate) && accuracy_2(100.0, estimate));
        }
        assert!(!accuracy_2(100.0, 150.0) && !accuracy_2(100.0, 67.0));
    }
}
