//! Spectral contrast.

use std::ops::Range;

use multiversion::multiversion;

use crate::lanes::larger;
use crate::scale::bin_to_hz;

/// Number of bands: one up to 200 Hz and six octaves from there.
pub const CONTRAST_BANDS: usize = 7;
/// Upper edge of the first band, Hz.
const FIRST_EDGE_HZ: f64 = 200.0;
/// Share of the bins of a band that make its peak, and its valley.
const QUANTILE: f64 = 0.02;
/// Bins that are compared side by side.
const LANES: usize = 8;
/// Most bins in a peak; enough for transforms of 8192 samples.
const MAX_RANKS: usize = 64;

/// Mean of the strongest and of the weakest bins in octave bands of a magnitude spectrum.
///
/// # Source
///
/// Jiang et al. (2002), "Music type classification by spectral contrast feature", ICME. Bands, their shared bins and
/// the number of bins in a peak are those of `librosa.feature.spectral_contrast` 0.11.0
/// (`fixtures/golden/spectral.json`).
#[derive(Debug, Clone)]
pub struct Contrast {
    /// Bins of each band, and how many of them make a peak.
    bands: [(Range<usize>, usize); CONTRAST_BANDS],
    n_bins: usize,
}

impl Contrast {
    /// Bands for transforms of `n_fft` samples.
    pub fn new(rate_hz: u32, n_fft: usize) -> Self {
        let n_bins = n_fft / 2 + 1;
        let hz = |bin: usize| bin_to_hz(bin as f64, n_fft, rate_hz.into());
        let bands = std::array::from_fn(|band| {
            let upper = FIRST_EDGE_HZ * f64::from(1 << band);
            let lower = if band == 0 { 0.0 } else { upper / 2.0 };
            let inside = |&bin: &usize| lower <= hz(bin) && hz(bin) <= upper;
            let first = (0..n_bins).find(inside).unwrap_or(n_bins);
            let n = (first..n_bins).take_while(inside).count();
            // Each band but the first takes the bin below it too; the last one runs to the end.
            let first = if band == 0 { first } else { first.saturating_sub(1) };
            let is_last = band == CONTRAST_BANDS - 1;
            let end = if is_last { n_bins } else { first + n + usize::from(band > 0) };
            let ranks = (QUANTILE * (end - first.min(end)) as f64).round_ties_even();
            // Each band but the last gives its top bin to the next.
            let end = if is_last { end } else { end.saturating_sub(1) };
            (first.min(end)..end, (ranks as usize).clamp(1, MAX_RANKS))
        });
        Self { bands, n_bins }
    }

    /// Peak and valley of each band, in the unit of `magnitude`; 0 where a band has no bins.
    ///
    /// # Shapes and units
    ///
    /// `magnitude` is `[n_fft / 2 + 1]`; a shorter one gives zeros.
    pub fn peaks_and_valleys(&self, magnitude: &[f32]) -> [(f32, f32); CONTRAST_BANDS] {
        if magnitude.len() < self.n_bins {
            return [(0.0, 0.0); CONTRAST_BANDS];
        }
        std::array::from_fn(|band| {
            let (range, ranks) = &self.bands[band];
            extremes(&magnitude[range.clone()], *ranks)
        })
    }
}

/// Means of the `ranks` largest and of the `ranks` smallest values.
fn extremes(values: &[f32], ranks: usize) -> (f32, f32) {
    let ranks = ranks.min(values.len());
    // Networks of a few sizes, made for the bands of 2048 samples at 22 050 Hz.
    let sum = match ranks {
        0 => return (0.0, 0.0),
        1 => largest::<1>,
        2 => largest::<2>,
        3 => largest::<3>,
        4..=6 => largest::<6>,
        7..=9 => largest::<9>,
        _ => largest::<MAX_RANKS>,
    };
    (sum(values, ranks, 1.0) / ranks as f32, -sum(values, ranks, -1.0) / ranks as f32)
}

/// Sum of the `ranks <= N` largest values, each times `sign`.
///
/// Every lane keeps its own `N` largest in order, by comparisons without branches; the largest of all are then taken
/// from the heads of the lanes.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn largest<const N: usize>(values: &[f32], ranks: usize, sign: f32) -> f32 {
    let mut columns = [[f32::NEG_INFINITY; LANES]; N];
    // The largest network would be far too long as straight code, so it is a loop.
    let depth = if N == MAX_RANKS { ranks } else { N };
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut last = [f32::NEG_INFINITY; LANES];
    for (last, value) in last.iter_mut().zip(rest) {
        *last = sign * value;
    }
    for chunk in chunks {
        let mut x = [0f32; LANES];
        for i in 0..LANES {
            x[i] = sign * chunk[i];
        }
        sink(&mut columns, depth, x);
    }
    sink(&mut columns, depth, last);
    let (mut sum, mut left) = (0.0, ranks);
    while left > 0 {
        let heads = columns[0];
        let best = heads.into_iter().fold(f32::NEG_INFINITY, larger);
        // Every lane with this head moves up, chosen without a branch or an index.
        let n_equal: usize = heads.iter().map(|&head| usize::from(head >= best)).sum();
        for row in 0..depth {
            let next = columns.get(row + 1).copied().unwrap_or([f32::NEG_INFINITY; LANES]);
            for i in 0..LANES {
                columns[row][i] = if heads[i] >= best { next[i] } else { columns[row][i] };
            }
        }
        for _ in 0..n_equal.min(left) {
            sum += best;
        }
        left = left.saturating_sub(n_equal);
    }
    sum
}

/// Lets each value sink to its place in its lane; the smallest falls out.
#[inline(always)]
#[expect(clippy::inline_always, reason = "takes on the instruction set of its caller")]
fn sink<const N: usize>(columns: &mut [[f32; LANES]; N], depth: usize, mut x: [f32; LANES]) {
    for row in &mut columns[..depth] {
        for i in 0..LANES {
            let is_larger = x[i] > row[i];
            let (above, below) = if is_larger { (x[i], row[i]) } else { (row[i], x[i]) };
            row[i] = above;
            x[i] = below;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_agree_with_sorting() {
        let mut state = 7u32;
        for n in [1usize, 2, 15, 16, 17, 100, 429] {
            let values: Vec<f32> = (0..n)
                .map(|_| {
                    state = state.wrapping_mul(1664525).wrapping_add(1013904223);
                    (state >> 8) as f32
                })
                .collect();
            let mut sorted = values.clone();
            sorted.sort_by(f32::total_cmp);
            for ranks in [1, 3, 9] {
                let k = ranks.min(n);
                let mean = |values: &[f32]| values.iter().sum::<f32>() / k as f32;
                let (high, low) = extremes(&values, ranks);
                assert!((high / mean(&sorted[n - k..]) - 1.0).abs() < 1e-5);
                assert!((low / mean(&sorted[..k]) - 1.0).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn bands_are_those_of_librosa() {
        let contrast = Contrast::new(22050, 2048);
        let expected = [0..18, 18..37, 37..74, 74..148, 148..297, 297..594, 594..1025];
        for ((range, _), expected) in contrast.bands.iter().zip(expected) {
            assert_eq!(*range, expected);
        }
    }

    #[test]
    fn a_flat_spectrum_has_no_contrast() {
        for (peak, valley) in Contrast::new(22050, 2048).peaks_and_valleys(&[0.5; 1025]) {
            assert!((peak - valley).abs() < 1e-6);
        }
    }

    #[test]
    fn low_rates_have_empty_bands() {
        let contrast = Contrast::new(4000, 256);
        let bands = contrast.peaks_and_valleys(&[1.0; 129]);
        assert!(bands.iter().all(|(peak, valley)| peak.is_finite() && valley.is_finite()));
        assert_eq!(contrast.peaks_and_valleys(&[]), [(0.0, 0.0); CONTRAST_BANDS]);
    }
}
