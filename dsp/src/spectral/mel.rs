//! Mel filter bank.

use multiversion::multiversion;

use crate::scale::{bin_to_hz, hz_to_mel, hz_to_mel_htk, mel_htk_to_hz, mel_to_hz};
use crate::{Error, Result};

/// Weights are padded to a multiple of this.
const LANES: usize = 8;

/// Scale on which the bands are equally wide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MelScale {
    /// [`hz_to_mel`].
    Slaney,
    /// [`hz_to_mel_htk`].
    Htk,
}

impl MelScale {
    fn mel(self, hz: f64) -> f64 {
        match self {
            Self::Slaney => hz_to_mel(hz),
            Self::Htk => hz_to_mel_htk(hz),
        }
    }

    fn hz(self, mel: f64) -> f64 {
        match self {
            Self::Slaney => mel_to_hz(mel),
            Self::Htk => mel_htk_to_hz(mel),
        }
    }
}

/// Size of the triangles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MelNorm {
    /// Unit area in Hz.
    Area,
    /// Unit height.
    Peak,
}

/// What a bank of mel filters looks like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MelDesign {
    /// Rate of the samples, Hz.
    pub rate_hz: u32,
    /// Transform length in samples, 16 or more.
    pub n_fft: usize,
    /// Filters, 1 or more.
    pub n_bands: usize,
    /// Where the first triangle begins, Hz, 0 or more.
    pub min_hz: f64,
    /// Where the last one ends, Hz, above `min_hz`.
    pub max_hz: f64,
    /// Scale on which the bands are equally wide.
    pub scale: MelScale,
    /// Size of the triangles.
    pub norm: MelNorm,
}

/// Triangular filters; as [`MelFilterBank::new`] makes them, on Slaney's mel scale and each of unit area in Hz.
///
/// Only the bins under a triangle are stored.
///
/// # Source
///
/// Slaney (1998), Auditory Toolbox. Agrees with `librosa.filters.mel` 0.11.0 within 1e-6
/// (`fixtures/golden/spectral.json`).
///
/// # Examples
///
/// ```
/// let bank = dsp::spectral::mel::MelFilterBank::new(22050, 2048, 128)?;
/// let mut bands = vec![0.0; 128];
/// bank.apply(&[1.0; 1025], &mut bands)?;
/// // Every triangle has area 1, sampled every 22050 / 2048 Hz.
/// assert!((bands[100] - 2048.0 / 22050.0).abs() < 1e-3);
/// # Ok::<(), dsp::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct MelFilterBank {
    n_bins: usize,
    /// First bin and range in `weights` of each band.
    bands: Vec<(usize, std::ops::Range<usize>)>,
    weights: Vec<f32>,
}

impl MelFilterBank {
    /// `n_bands` filters from 0 Hz to the Nyquist frequency for transforms of `n_fft` samples.
    ///
    /// # Errors
    ///
    /// [`Error::TooSmall`] if `n_fft < 16` or `n_bands` is 0.
    pub fn new(rate_hz: u32, n_fft: usize, n_bands: usize) -> Result<Self> {
        let (min_hz, max_hz) = (0.0, f64::from(rate_hz) / 2.0);
        let (scale, norm) = (MelScale::Slaney, MelNorm::Area);
        Self::designed(&MelDesign { rate_hz, n_fft, n_bands, min_hz, max_hz, scale, norm })
    }

    /// The filters of a design. Those of `librosa.filters.mel` 0.11.0 with the same `fmin`, `fmax`, `htk` and `norm`.
    ///
    /// # Errors
    ///
    /// [`Error::TooSmall`] if `n_fft < 16` or `n_bands` is 0, and for a band of nearly all bins unless `n_fft` is a multiple
    /// of 16.
    pub fn designed(design: &MelDesign) -> Result<Self> {
        let MelDesign { rate_hz, n_fft, n_bands, min_hz, max_hz, scale, norm } = *design;
        for (what, actual, min) in
            [("transform length", n_fft, 2 * LANES), ("number of mel bands", n_bands, 1)]
        {
            if actual < min {
                return Err(Error::TooSmall { what, actual, min });
            }
        }
        let rate = f64::from(rate_hz);
        let n_bins = n_fft / 2 + 1;
        let (bottom, top) = (scale.mel(min_hz), scale.mel(max_hz));
        let corners: Vec<f64> = (0..n_bands + 2)
            .map(|i| scale.hz(bottom + (top - bottom) * i as f64 / (n_bands + 1) as f64))
            .collect();
        let mut bands = Vec::with_capacity(n_bands);
        let mut weights = Vec::new();
        for corner in corners.windows(3) {
            let weight = |bin: usize| {
                let hz = bin_to_hz(bin as f64, n_fft, rate);
                let rise = (hz - corner[0]) / (corner[1] - corner[0]);
                let fall = (corner[2] - hz) / (corner[2] - corner[1]);
                let weight = rise.min(fall).max(0.0);
                match norm {
                    MelNorm::Area => weight * 2.0 / (corner[2] - corner[0]),
                    MelNorm::Peak => weight,
                }
            };
            let first = (0..n_bins).find(|&bin| weight(bin) > 0.0).unwrap_or(0);
            let n = (first..n_bins).take_while(|&bin| weight(bin) > 0.0).count();
            let padded = n.max(1).next_multiple_of(LANES);
            // Bins under zero weights are read as well, so they must exist.
            let Some(last_start) = n_bins.checked_sub(padded) else {
                let (what, min) = ("transform length for a band so wide", 2 * (padded - 1));
                return Err(Error::TooSmall { what, actual: n_fft, min });
            };
            let first = first.min(last_start);
            let start = weights.len();
            weights.extend((first..first + padded).map(|bin| weight(bin) as f32));
            bands.push((first, start..start + padded));
        }
        Ok(Self { n_bins, bands, weights })
    }

    /// Number of bands.
    pub fn n_bands(&self) -> usize {
        self.bands.len()
    }

    /// First bin of a band and its weights from there on; zeros may surround the triangle.
    pub fn band(&self, band: usize) -> (usize, &[f32]) {
        let (first, range) = &self.bands[band];
        (*first, &self.weights[range.clone()])
    }

    /// Weighted sums of one spectrum, written to `bands`.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`] if `spectrum` is not `[n_fft / 2 + 1]` or `bands` not `[n_bands]`.
    pub fn apply(&self, spectrum: &[f32], bands: &mut [f32]) -> Result<()> {
        for (what, actual, expected) in [
            ("spectrum", spectrum.len(), self.n_bins),
            ("mel bands", bands.len(), self.bands.len()),
        ] {
            if actual != expected {
                return Err(Error::LengthMismatch { what, actual, expected });
            }
        }
        apply(&self.bands, &self.weights, spectrum, bands);
        Ok(())
    }
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn apply(
    ranges: &[(usize, std::ops::Range<usize>)],
    weights: &[f32],
    spectrum: &[f32],
    bands: &mut [f32],
) {
    for (band, (first, range)) in bands.iter_mut().zip(ranges) {
        let (weights, _) = weights[range.clone()].as_chunks::<LANES>();
        let (bins, _) = spectrum[*first..].as_chunks::<LANES>();
        let mut lanes = [0f32; LANES];
        for (w, x) in weights.iter().zip(bins) {
            for i in 0..LANES {
                lanes[i] += w[i] * x[i];
            }
        }
        *band = lanes.iter().sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn triangles_have_unit_area() {
        let bank = MelFilterBank::new(22050, 16384, 40).unwrap();
        for band in 0..40 {
            let (_, weights) = bank.band(band);
            let area: f64 = weights.iter().map(|&w| f64::from(w)).sum::<f64>() * 22050.0 / 16384.0;
            assert!((area - 1.0).abs() < 0.01, "band {band} has area {area}");
        }
    }

    #[test]
    fn bands_of_no_bin_are_zero() {
        let bank = MelFilterBank::new(22050, 64, 128).unwrap();
        let mut bands = vec![1.0; 128];
        bank.apply(&[1.0; 33], &mut bands).unwrap();
        assert!(bands.iter().any(|&band| band <= 0.0));
        assert!(bands.iter().all(|&band| band.is_finite()));
    }

    /// Sums of the weights of some bands.
    const GOLDEN: [(usize, f32); 5] =
        [(0, 0.9485615), (5, 1.140749), (20, 1.974256), (40, 3.980733), (63, 8.945044)];

    // Sums of `librosa.filters.mel(sr=16000, n_fft=512, n_mels=64, fmin=125, fmax=7500, htk=True, norm=None)` 0.11.0; 1e-5 because
    // weights are 32-bit floats.
    #[test]
    fn bands_of_other_designs_are_those_of_librosa() {
        let design = MelDesign {
            rate_hz: 16_000,
            n_fft: 512,
            n_bands: 64,
            min_hz: 125.0,
            max_hz: 7500.0,
            scale: MelScale::Htk,
            norm: MelNorm::Peak,
        };
        let bank = MelFilterBank::designed(&design).unwrap();
        let mut sums = vec![0.0; 64];
        bank.apply(&[1.0; 257], &mut sums).unwrap();
        for (band, sum) in GOLDEN {
            assert!((sums[band] - sum).abs() < 1e-5, "band {band}: {} against {sum}", sums[band]);
        }
        assert!(bank.band(40).1.iter().all(|&weight| (0.0..=1.0).contains(&weight)));
    }

    #[test]
    fn rejects_wrong_sizes() {
        assert!(MelFilterBank::new(22050, 8, 10).is_err());
        assert!(MelFilterBank::new(22050, 2048, 0).is_err());
        let bank = MelFilterBank::new(22050, 64, 4).unwrap();
        assert!(bank.apply(&[0.0; 32], &mut [0.0; 4]).is_err());
        assert!(bank.apply(&[0.0; 33], &mut [0.0; 5]).is_err());
    }
}
