//! Formants: resonances of the vocal tract.

use std::f64::consts::TAU;

use super::LOW_RATE_HZ;
use super::linear_prediction::ORDER;
use super::roots::roots;

/// Formants that are told.
pub(super) const N_FORMANTS: usize = 3;
/// Lowest and highest frequency of a formant, Hz (Eyben et al. 2016: 50 to 5450).
const RANGE_HZ: (f64, f64) = (90.0, 5_450.0);
/// A wider root is the slope of the spectrum rather than a resonance, Hz.
const MAX_BANDWIDTH_HZ: f64 = 700.0;

/// One resonance.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Formant {
    /// Frequency, Hz.
    pub(super) hz: f64,
    /// Bandwidth, 3 dB down, Hz.
    pub(super) bandwidth_hz: f64,
}

/// The lowest formants of a whitening filter, ascending; `None` if there are fewer.
///
/// A root `r·e^{jφ}` has the frequency `φ·rate / 2π` and the bandwidth `−ln r·rate / π` (Markel and Gray 1976, *Linear
/// Prediction of Speech*, ch. 7).
pub(super) fn formants(coefficients: &[f64; ORDER + 1]) -> Option<[Formant; N_FORMANTS]> {
    let roots = roots(coefficients)?;
    let mut found = [Formant::default(); ORDER];
    let mut n = 0;
    for (&re, &im) in roots.re.iter().zip(&roots.im).take(ORDER) {
        // The other half of the plane mirrors this one.
        if im <= 0.0 {
            continue;
        }
        let hz = im.atan2(re) / TAU * LOW_RATE_HZ;
        let radius = re.hypot(im).max(f64::MIN_POSITIVE);
        let bandwidth_hz = -radius.ln() * 2.0 * LOW_RATE_HZ / TAU;
        let is_resonance = (0.0..MAX_BANDWIDTH_HZ).contains(&bandwidth_hz);
        if (RANGE_HZ.0..RANGE_HZ.1).contains(&hz) && is_resonance {
            found[n] = Formant { hz, bandwidth_hz };
            n += 1;
        }
    }
    let found = &mut found[..n];
    found.sort_by(|a, b| a.hz.total_cmp(&b.hz));
    found.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whitening filter of resonances, each with its frequency and bandwidth.
    fn filter(resonances: &[(f64, f64)]) -> [f64; ORDER + 1] {
        let mut all = vec![1.0];
        for &(hz, bandwidth_hz) in resonances {
            let radius = (-TAU / 2.0 * bandwidth_hz / LOW_RATE_HZ).exp();
            let factor = [1.0, -2.0 * radius * (TAU * hz / LOW_RATE_HZ).cos(), radius * radius];
            let mut product = vec![0.0; all.len() + 2];
            for (i, a) in all.iter().enumerate() {
                for (j, b) in factor.iter().enumerate() {
                    product[i + j] += a * b;
                }
            }
            all = product;
        }
        all.resize(ORDER + 1, 0.0);
        all.try_into().unwrap()
    }

    #[test]
    fn are_the_resonances_of_the_filter() {
        let vowel =
            [(730.0, 60.0), (1_090.0, 100.0), (2_440.0, 120.0), (3_400.0, 200.0), (4_500.0, 250.0)];
        let found = formants(&filter(&vowel)).unwrap();
        for (formant, (hz, bandwidth_hz)) in found.iter().zip(vowel) {
            assert!((formant.hz - hz).abs() < 0.5, "{formant:?}");
            assert!((formant.bandwidth_hz - bandwidth_hz).abs() < 0.5, "{formant:?}");
        }
    }

    #[test]
    fn a_flat_spectrum_has_none() {
        assert_eq!(formants(&filter(&[])), None);
    }
}
