//! Chroma filter bank.

use multiversion::multiversion;

use crate::lanes::inner_products;
use crate::scale::{bin_to_hz, hz_to_octave};
use crate::{Error, Result};

/// Pitch classes, C first.
pub const PITCH_CLASSES: usize = 12;
/// Centre of the weight over octaves, octaves above A0: A5 = 880 Hz.
const CENTRE_OCTAVE: f64 = 5.0;
/// Width of the weight over octaves.
const OCTAVE_WIDTH: f64 = 2.0;
/// Pitch classes that are folded side by side.
const ROWS: usize = 4;
/// Steps from A, where octaves are counted from, up to C.
const A_TO_C: usize = 3;

/// Gaussian filters that fold the bins of a power spectrum to pitch classes.
///
/// # Source
///
/// Agrees with `librosa.filters.chroma` 0.11.0 within 1e-6 (`fixtures/golden/spectral.json`).
#[derive(Debug, Clone)]
pub struct ChromaFilterBank {
    n_bins: usize,
    /// One row of `n_bins` per pitch class, C first.
    weights: Vec<f32>,
}

impl ChromaFilterBank {
    /// Filters for transforms of `n_fft` samples; `tuning` is in shares of a semitone.
    ///
    /// # Errors
    ///
    /// [`Error::TooSmall`] if `n_fft < 4`.
    pub fn new(rate_hz: u32, n_fft: usize, tuning: f64) -> Result<Self> {
        if n_fft < 4 {
            return Err(Error::TooSmall { what: "transform length", actual: n_fft, min: 4 });
        }
        let n_bins = n_fft / 2 + 1;
        let classes = PITCH_CLASSES as f64;
        let position = |bin: usize| {
            let hz = bin_to_hz(bin as f64, n_fft, rate_hz.into());
            classes * hz_to_octave(hz, tuning)
        };
        // Bin 0 has no pitch; librosa puts it one and a half octaves below bin 1.
        let places: Vec<f64> = std::iter::once(position(1) - 1.5 * classes)
            .chain((1..=n_bins).map(position))
            .collect();
        let mut weights = vec![0f32; PITCH_CLASSES * n_bins];
        for (bin, place) in places.windows(2).enumerate() {
            let width = (place[1] - place[0]).max(1.0);
            let column: [f64; PITCH_CLASSES] = std::array::from_fn(|class| {
                let half = classes / 2.0;
                // The distance within −6..6 semitones.
                let distance =
                    (place[0] - class as f64 + half + 10.0 * classes).rem_euclid(classes) - half;
                (-0.5 * (2.0 * distance / width).powi(2)).exp()
            });
            let norm = column.iter().map(|w| w * w).sum::<f64>().sqrt();
            let octave = (place[0] / classes - CENTRE_OCTAVE) / OCTAVE_WIDTH;
            let emphasis = (-0.5 * octave * octave).exp();
            for (class, weight) in column.iter().enumerate() {
                let row = (class + PITCH_CLASSES - A_TO_C) % PITCH_CLASSES;
                weights[row * n_bins + bin] = (weight / norm * emphasis) as f32;
            }
        }
        Ok(Self { n_bins, weights })
    }

    /// Weights of one pitch class, by bin.
    pub fn row(&self, class: usize) -> &[f32] {
        &self.weights[class * self.n_bins..][..self.n_bins]
    }

    /// Chroma of one power spectrum, largest 1 (all 0 for silence).
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`] if `power` is not `[n_fft / 2 + 1]`.
    pub fn apply(&self, power: &[f32]) -> Result<[f32; PITCH_CLASSES]> {
        if power.len() != self.n_bins {
            return Err(Error::LengthMismatch {
                what: "power spectrum",
                actual: power.len(),
                expected: self.n_bins,
            });
        }
        let mut chroma = fold(&self.weights, power);
        let largest = chroma.iter().copied().fold(0f32, f32::max);
        if largest > f32::MIN_POSITIVE {
            for value in &mut chroma {
                *value /= largest;
            }
        }
        Ok(chroma)
    }
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn fold(weights: &[f32], power: &[f32]) -> [f32; PITCH_CLASSES] {
    let n = power.len();
    let mut chroma = [0f32; PITCH_CLASSES];
    let (groups, _) = chroma.as_chunks_mut::<ROWS>();
    for (values, rows) in groups.iter_mut().zip(weights.chunks_exact(ROWS * n)) {
        *values = inner_products(std::array::from_fn(|i| &rows[i * n..][..n]), power);
    }
    chroma
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_lands_on_its_pitch_class() {
        let bank = ChromaFilterBank::new(22050, 8192, 0.0).unwrap();
        for (class, hz) in [(0, 523.25), (4, 659.26), (9, 440.0), (11, 987.77)] {
            let mut power = vec![0.0; 4097];
            power[(hz * 8192.0 / 22050.0f64).round() as usize] = 2.0;
            let chroma = bank.apply(&power).unwrap();
            assert!((chroma[class] - 1.0).abs() < 1e-6, "{hz} Hz: {chroma:?}");
        }
    }

    #[test]
    fn silence_has_no_chroma() {
        let bank = ChromaFilterBank::new(22050, 2048, 0.0).unwrap();
        assert!(bank.apply(&[0.0; 1025]).unwrap().iter().all(|&value| value <= 0.0));
        assert!(bank.apply(&[0.0; 1024]).is_err());
        assert!(ChromaFilterBank::new(22050, 2, 0.0).is_err());
    }
}
