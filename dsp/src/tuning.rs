//! Tuning: where the pitches lie between the semitones of A4 = 440 Hz.

use crate::hpcp::{BINS, Peak};

/// Circular mean of the deviation of pitches from the nearest semitone.
///
/// A circular mean has no preferred side: a histogram loses half a bin, and breaks in two at a
/// quarter tone.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Tuning {
    cos: f64,
    sin: f64,
    total: f64,
}

impl Tuning {
    /// Takes the peaks of one frame.
    pub(crate) fn add(&mut self, peaks: &[Peak]) {
        for peak in peaks {
            let (sin, cos) = (std::f64::consts::TAU * peak.pitch * 12.0 / BINS as f64).sin_cos();
            let weight = f64::from(peak.weight);
            self.cos += weight * cos;
            self.sin += weight * sin;
            self.total += weight;
        }
    }

    /// Semitones above A4 = 440 Hz, −0.5..=0.5; 0 without a peak.
    pub(crate) fn semitones(&self) -> f64 {
        if self.total > 0.0 { self.sin.atan2(self.cos) / std::f64::consts::TAU } else { 0.0 }
    }

    /// How much the pitches agree, 0 (anywhere between the semitones) to 1 (all on one scale).
    pub(crate) fn agreement(&self) -> f64 {
        if self.total > 0.0 { self.cos.hypot(self.sin) / self.total } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_common_deviation() {
        let mut tuning = Tuning::default();
        for semitone in [0.0, 4.0, 7.0, 12.0] {
            tuning.add(&[Peak { pitch: (semitone - 0.3) * 3.0, weight: 1.0, is_bass: false }]);
        }
        assert!((tuning.semitones() + 0.3).abs() < 1e-9);
        assert!((tuning.agreement() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_is_in_tune() {
        assert!(Tuning::default().semitones().abs() < 1e-12);
        assert!(Tuning::default().agreement().abs() < 1e-12);
    }
}
