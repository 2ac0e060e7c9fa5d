//! Shape of one spectrum: where its energy lies and how evenly.

use multiversion::multiversion;

use crate::lanes::{LANES, inner_product, larger, log2, sum};

/// Share of the magnitudes below the roll-off.
const ROLLOFF_SHARE: f32 = 0.85;
/// Least power in the flatness, as in librosa.
const LEAST_POWER: f32 = 1e-10;

/// Centroid, bandwidth and roll-off of one magnitude spectrum, in bins.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Shape {
    /// Mean bin, weighted by magnitude.
    pub centroid_bins: f32,
    /// Standard deviation of the bin, weighted by magnitude.
    pub bandwidth_bins: f32,
    /// Lowest bin with at least 85 % of the magnitudes up to it.
    pub rolloff_bins: f32,
}

/// Centroid, bandwidth and roll-off of a spectrum.
///
/// # Shapes and units
///
/// | name | shape | unit | range |
/// | --- | --- | --- | --- |
/// | `magnitude` | `[n_bins]` | linear | finite, `>= 0` |
/// | result | scalars | bins | `0..n_bins`; all 0 for silence |
///
/// # Source
///
/// Agrees with `librosa.feature.spectral_centroid`, `spectral_bandwidth` (p = 2) and `spectral_rolloff`
/// 0.11.0 within 1e-4 (`fixtures/golden/spectral.json`).
///
/// # Examples
///
/// ```
/// let shape = dsp::spectral::shape::shape(&[0.0, 0.0, 3.0, 0.0]);
/// assert_eq!((shape.centroid_bins, shape.rolloff_bins), (2.0, 2.0));
/// assert!(shape.bandwidth_bins < 1e-6);
/// ```
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
pub fn shape(magnitude: &[f32]) -> Shape {
    let total = sum(magnitude);
    if total <= f32::MIN_POSITIVE {
        return Shape::default();
    }
    let (chunks, rest) = magnitude.as_chunks::<LANES>();
    let rest_start = (chunks.len() * LANES) as f32;
    let index: [f32; LANES] = std::array::from_fn(|i| i as f32);
    let mut lanes = [0f32; LANES];
    let mut start = 0.0;
    for chunk in chunks {
        for i in 0..LANES {
            lanes[i] += chunk[i] * (start + index[i]);
        }
        start += LANES as f32;
    }
    for i in 0..rest.len() {
        lanes[i] += rest[i] * (rest_start + index[i]);
    }
    let centroid = lanes.iter().sum::<f32>() / total;
    // About the centroid rather than by moments: a pure tone would cancel to nothing.
    let mut lanes = [0f32; LANES];
    let mut start = -centroid;
    for chunk in chunks {
        for i in 0..LANES {
            let distance = start + index[i];
            lanes[i] += chunk[i] * (distance * distance);
        }
        start += LANES as f32;
    }
    for i in 0..rest.len() {
        let distance = rest_start - centroid + index[i];
        lanes[i] += rest[i] * (distance * distance);
    }
    let variance = lanes.iter().sum::<f32>() / total;
    Shape {
        centroid_bins: centroid,
        bandwidth_bins: variance.max(0.0).sqrt(),
        rolloff_bins: rolloff(magnitude, ROLLOFF_SHARE * total),
    }
}

/// Lowest bin with a running sum of at least `threshold`; whole chunks are skipped first.
#[inline(always)]
#[expect(clippy::inline_always, reason = "takes on the instruction set of its caller")]
fn rolloff(magnitude: &[f32], threshold: f32) -> f32 {
    let mut below = 0.0;
    let mut bin = 0;
    for chunk in magnitude.chunks(4 * LANES) {
        let next = below + sum(chunk);
        if next >= threshold {
            for value in chunk {
                below += value;
                if below >= threshold {
                    return bin as f32;
                }
                bin += 1;
            }
        } else {
            bin += chunk.len();
        }
        below = next;
    }
    magnitude.len().saturating_sub(1) as f32
}

/// Ratio of the geometric to the arithmetic mean of a power spectrum.
///
/// Near 0.56 for the spectrum of white noise in one frame, 1 for an impulse and for silence, near 0 for a tone.
///
/// # Shapes and units
///
/// | name | shape | unit | range |
/// | --- | --- | --- | --- |
/// | `power` | `[n_bins]` | linear | finite, `>= 0` |
/// | result | scalar | none | `0.0..=1.0`; 1 if empty |
///
/// # Source
///
/// Dubnov (2004), "Generalization of spectral flatness measure for non-Gaussian linear processes", IEEE Signal
/// Processing Letters 11(8). Powers below 1e-10 are raised to it as in `librosa.feature.spectral_flatness` 0.11.0,
/// with which it agrees within 1e-4 (`fixtures/golden/spectral.json`).
///
/// # Examples
///
/// ```
/// assert!((dsp::spectral::shape::flatness(&[2.0, 2.0, 2.0]) - 1.0).abs() < 1e-6);
/// ```
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
pub fn flatness(power: &[f32]) -> f32 {
    if power.is_empty() {
        return 1.0;
    }
    let (chunks, rest) = power.as_chunks::<LANES>();
    let (mut logs, mut sums) = ([0f32; LANES], [0f32; LANES]);
    for chunk in chunks {
        for i in 0..LANES {
            let x = larger(chunk[i], LEAST_POWER);
            logs[i] += log2(x);
            sums[i] += x;
        }
    }
    for i in 0..rest.len() {
        let x = larger(rest[i], LEAST_POWER);
        logs[i] += log2(x);
        sums[i] += x;
    }
    let n = power.len() as f32;
    let geometric = (logs.iter().sum::<f32>() / n).exp2();
    (geometric / (sums.iter().sum::<f32>() / n)).min(1.0)
}

/// Sum of squares of the magnitudes of one frame divided by its length: its mean square.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
pub(super) fn mean_square(frame: &[f32]) -> f32 {
    inner_product(frame, frame) / frame.len().max(1) as f32
}

/// Square roots of powers.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
pub(super) fn magnitudes(power: &[f32], magnitude: &mut [f32]) {
    for (m, p) in magnitude.iter_mut().zip(power) {
        *m = p.sqrt();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_flat_spectrum_is_that_of_a_uniform_distribution() {
        let shape = shape(&[0.5; 1001]);
        assert!((shape.centroid_bins - 500.0).abs() < 1e-2);
        // Variance of 0..=1000: (1001² − 1) / 12.
        assert!((shape.bandwidth_bins - 288.963_1).abs() < 1e-2);
        assert!((shape.rolloff_bins - 850.0).abs() < 1.5);
        assert!((flatness(&[0.25; 1001]) - 1.0).abs() < 1e-5);
    }

    #[test]
    fn silence_and_nothing_have_no_place() {
        assert_eq!(shape(&[]), Shape::default());
        assert_eq!(shape(&[0.0; 100]), Shape::default());
        assert!((flatness(&[0.0; 100]) - 1.0).abs() < 1e-5);
    }

    #[test]
    fn one_bin_is_where_it_is() {
        for bin in [0, 15, 16, 500, 1024] {
            let mut magnitude = vec![0.0; 1025];
            magnitude[bin] = 1e-3;
            let shape = shape(&magnitude);
            assert!((shape.centroid_bins - bin as f32).abs() < 1e-3);
            assert!(shape.bandwidth_bins < 1e-2);
            assert!((shape.rolloff_bins - bin as f32).abs() < 1e-6);
        }
    }

    #[test]
    fn extremes_stay_finite() {
        for value in [1e-30, 1e15] {
            let shape = shape(&[value; 1025]);
            assert!(shape.centroid_bins.is_finite() && shape.bandwidth_bins.is_finite());
            assert!(flatness(&[value; 1025]).is_finite());
        }
    }
}
