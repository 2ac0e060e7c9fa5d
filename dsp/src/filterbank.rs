//! The numeric kernels of the onset envelope: a logarithmic filter bank, compression and rises.
//!
//! Each kernel is compiled for several instruction sets. None of them fuses or reorders operations, so
//! that all give the same bits.

use multiversion::multiversion;
use rustfft::num_complex::Complex;

/// Filters per octave (Böck & Widmer 2013).
const BANDS_PER_OCTAVE: i32 = 24;
/// Lowest and highest filter centre, Hz.
const RANGE_HZ: (f64, f64) = (30.0, 10_000.0);
/// Borders between the low, the middle and the high envelope, Hz.
const BORDERS_HZ: (f64, f64) = (200.0, 3_000.0);

/// Sparse bank of triangular filters with logarithmically spaced centres.
pub(crate) struct FilterBank {
    filters: Vec<Filter>,
    weights: Vec<f32>,
    /// Index of the first filter of the middle and of the high band.
    pub(crate) borders: (usize, usize),
    /// Centre of each filter, Hz.
    pub(crate) centres_hz: Vec<f64>,
    /// Bins from 0 that any filter reads.
    n_bins: usize,
    /// Room for the sums of each filter, side by side.
    lanes: Vec<[f32; LANES]>,
}

/// Values that are summed side by side.
const LANES: usize = 8;

/// First bin of one filter and the number of weights, in units of [`LANES`]: zeros stand after the triangle, or before it
/// where the spectrum ends.
type Filter = (usize, usize);

impl FilterBank {
    pub(crate) fn new(rate_hz: f64, n_fft: usize) -> Self {
        let bin_hz = rate_hz / n_fft as f64;
        let mut centres: Vec<usize> = Vec::new();
        let top_hz = RANGE_HZ.1.min(rate_hz / 2.0 - bin_hz);
        for step in 0.. {
            let hz = RANGE_HZ.0 * 2_f64.powf(f64::from(step) / f64::from(BANDS_PER_OCTAVE));
            if hz > top_hz {
                break;
            }
            let bin = (hz / bin_hz).round() as usize;
            // Low filters share a bin: one of them is enough.
            if bin > 0 && centres.last() != Some(&bin) {
                centres.push(bin);
            }
        }
        let (mut filters, mut weights) = (Vec::new(), Vec::new());
        for w in centres.windows(3) {
            let (left, centre, right) = (w[0], w[1], w[2]);
            let n = (right - left - 1).next_multiple_of(LANES);
            let first = (left + 1).min(n_fft / 2 + 1 - n);
            filters.push((first, n / LANES));
            weights.extend((first..first + n).map(|bin| {
                if bin <= centre {
                    bin.saturating_sub(left) as f32 / (centre - left) as f32
                } else {
                    right.saturating_sub(bin) as f32 / (right - centre) as f32
                }
            }));
        }
        let centres_hz: Vec<f64> = centres.windows(3).map(|w| w[1] as f64 * bin_hz).collect();
        let border = |hz: f64| centres_hz.iter().filter(|&&centre_hz| centre_hz < hz).count();
        let borders = (border(BORDERS_HZ.0), border(BORDERS_HZ.1));
        let n_bins = filters.last().map_or(0, |&(bin, n)| bin + LANES * n);
        let lanes = vec![[0.0; LANES]; filters.len()];
        Self { filters, weights, borders, centres_hz, n_bins, lanes }
    }

    pub(crate) fn len(&self) -> usize {
        self.filters.len()
    }

    /// Bands of two frames whose windowed samples were the real and the imaginary part of one transform.
    pub(crate) fn apply(
        &mut self,
        spectrum: &[Complex<f32>],
        magnitudes: &mut [Vec<f32>; 2],
        bands: &mut [Vec<f32>; 2],
    ) {
        let [first, second] = magnitudes;
        separate(spectrum, &mut first[..self.n_bins], &mut second[..self.n_bins]);
        for (magnitude, bands) in magnitudes.iter().zip(bands) {
            filter(magnitude, &self.filters, &self.weights, &mut self.lanes, bands);
        }
    }
}

/// Magnitudes of the spectra of two real signals `x` and `y` from the spectrum of `x + i·y`: the part that
/// is conjugate symmetric belongs to `x`, the rest to `y`. Bin 0 is not read by any filter and is left.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn separate(spectrum: &[Complex<f32>], first: &mut [f32], second: &mut [f32]) {
    let n = first.len();
    let mirrored = spectrum[spectrum.len() - n + 1..].iter().rev();
    let magnitudes = first[1..].iter_mut().zip(&mut second[1..]);
    for ((z, w), (x, y)) in spectrum[1..n].iter().zip(mirrored).zip(magnitudes) {
        let (re, im) = (z.re + w.re, z.im - w.im);
        *x = 0.5 * (re * re + im * im).sqrt();
        let (re, im) = (z.re - w.re, z.im + w.im);
        *y = 0.5 * (re * re + im * im).sqrt();
    }
}

/// Two windowed frames as the real and the imaginary part of one signal; the energy of each frame.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
pub(crate) fn windowed(
    first: &[f32],
    second: &[f32],
    window: &[f32],
    pair: &mut [Complex<f32>],
) -> [f32; 2] {
    for (((z, &x), &y), &w) in pair.iter_mut().zip(first).zip(second).zip(window) {
        *z = Complex::new(x * w, y * w);
    }
    [dot(first, first), dot(second, second)]
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn filter(
    magnitude: &[f32],
    filters: &[Filter],
    weights: &[f32],
    lanes: &mut [[f32; LANES]],
    bands: &mut [f32],
) {
    let (mut weights, _) = weights.as_chunks::<LANES>();
    for (lanes, &(bin, n)) in lanes.iter_mut().zip(filters) {
        let (ours, others) = weights.split_at(n);
        weights = others;
        let (bins, _) = magnitude[bin..].as_chunks::<LANES>();
        let mut sums = [0f32; LANES];
        for (x, w) in bins.iter().zip(ours) {
            for i in 0..LANES {
                sums[i] += x[i] * w[i];
            }
        }
        *lanes = sums;
    }
    // By halves, and apart from the products: compilers that see a tree there give up the wide lanes.
    for (band, lanes) in bands.iter_mut().zip(&*lanes) {
        let four: [f32; 4] = std::array::from_fn(|i| lanes[i] + lanes[i + 4]);
        *band = (four[0] + four[2]) + (four[1] + four[3]);
    }
}

/// Sum of the rises from `before` to `now`.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
pub(crate) fn rise(now: &[f32], before: &[f32], rises: &mut [f32]) -> f32 {
    for ((rise, &now), &before) in rises.iter_mut().zip(now).zip(before) {
        *rise = larger(now - before, 0.0);
    }
    sum(rises)
}

/// `log2(1 + gain · band)` of each band in place, and its rise over the largest of the three nearest bands
/// of the frame before; `previous` has one band more on either side. Low, middle and high sums.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
pub(crate) fn compressed_rises(
    bands: &mut [f32],
    gain: f32,
    previous: &[f32],
    rises: &mut [f32],
    borders: (usize, usize),
) -> [f32; 3] {
    for band in bands.iter_mut() {
        *band = log2_1p(gain * *band);
    }
    for ((rise, &band), before) in rises.iter_mut().zip(&*bands).zip(previous.windows(3)) {
        *rise = larger(band - larger(before[0], larger(before[1], before[2])), 0.0);
    }
    let (low, mid, high) = (&rises[..borders.0], &rises[borders.0..borders.1], &rises[borders.1..]);
    [sum(low), sum(mid), sum(high)]
}

/// Mean of the bands.
pub(crate) fn mean(bands: &[f32]) -> f32 {
    sum(bands) / bands.len() as f32
}

/// Sum of products in eight interleaved parts: one running sum would wait for itself.
#[expect(
    clippy::inline_always,
    reason = "only inlined code is compiled for the caller's instruction set"
)]
#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut parts = [0.0_f32; 8];
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a8.remainder().iter().zip(b8.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a8.zip(b8) {
        for ((part, a), b) in parts.iter_mut().zip(a).zip(b) {
            *part += a * b;
        }
    }
    parts.iter().sum::<f32>() + rest
}

/// Sum in eight interleaved parts.
#[expect(
    clippy::inline_always,
    reason = "only inlined code is compiled for the caller's instruction set"
)]
#[inline(always)]
fn sum(values: &[f32]) -> f32 {
    let mut parts = [0.0_f32; 8];
    let chunks = values.chunks_exact(8);
    let rest: f32 = chunks.remainder().iter().sum();
    for chunk in chunks {
        for (part, v) in parts.iter_mut().zip(chunk) {
            *part += v;
        }
    }
    parts.iter().sum::<f32>() + rest
}

/// The larger of two numbers; without the care of `f32::max` for NaN, which costs three instructions.
#[expect(
    clippy::inline_always,
    reason = "only inlined code is compiled for the caller's instruction set"
)]
#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// `log2(1 + x)` for `x >= 0` within 2e-5: the logarithm of the library costs more than the transform.
#[expect(
    clippy::inline_always,
    reason = "only inlined code is compiled for the caller's instruction set"
)]
#[inline(always)]
fn log2_1p(x: f32) -> f32 {
    let y = 1.0 + x;
    let bits = y.to_bits();
    let exponent = (bits >> 23).cast_signed() - 127;
    let t = f32::from_bits((bits & 0x007f_ffff) | 0x3f80_0000) - 1.0;
    // Minimax fit of log2(1 + t) on 0..1 that is exact at both ends.
    let p = 0.441_916_87 + t * (-0.267_178 + t * (0.148_423_54 - t * 0.045_147_04));
    exponent as f32 + t + t * (1.0 - t) * p
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fast_logarithm_is_close() {
        for i in 0..20_000 {
            let x = i as f32 * 0.01;
            assert!((log2_1p(x) - (1.0 + x).log2()).abs() < 4e-5, "at {x}");
        }
        assert!(log2_1p(0.0).abs() < 1e-9);
    }

    #[test]
    fn filters_cover_the_range_in_order() {
        let bank = FilterBank::new(22_050.0, 1024);
        assert!(
            bank.borders.0 > 4 && bank.borders.0 < bank.borders.1 && bank.borders.1 < bank.len()
        );
        assert!(bank.filters.windows(2).all(|w| w[0].0 < w[1].0));
        assert!(bank.weights.iter().all(|&w| (0.0..=1.0).contains(&w)));
        // Each is one triangle with its top at its centre, and whatever else it reads counts nothing.
        let mut rest = bank.weights.as_slice();
        for (&(bin, n), hz) in bank.filters.iter().zip(&bank.centres_hz) {
            let (weights, others) = rest.split_at(LANES * n);
            rest = others;
            let centre = (hz * 1024.0 / 22_050.0).round() as usize - bin;
            assert!((weights[centre] - 1.0).abs() < 1e-6, "{hz} Hz: {weights:?}");
            assert!(weights[..centre].is_sorted() && weights[centre..].is_sorted_by(|a, b| a >= b));
            assert!(LANES * n - weights.iter().filter(|&&w| w > 0.0).count() < LANES, "{hz} Hz");
        }
    }

    #[test]
    fn two_real_signals_come_apart() {
        let (n, tau) = (64, std::f32::consts::TAU / 64.0);
        let mut pair: Vec<Complex<f32>> = (0..n)
            .map(|i| Complex::new((5.0 * tau * i as f32).cos(), 3.0 * (9.0 * tau * i as f32).sin()))
            .collect();
        rustfft::FftPlanner::new().plan_fft_forward(n).process(&mut pair);
        let (mut first, mut second) = (vec![0.0; 30], vec![0.0; 30]);
        separate(&pair, &mut first, &mut second);
        for bin in 1..30 {
            let (x, y) = (if bin == 5 { 32.0 } else { 0.0 }, if bin == 9 { 96.0 } else { 0.0 });
            assert!((first[bin] - x).abs() < 1e-3 && (second[bin] - y).abs() < 1e-3, "{bin}");
        }
    }

    #[test]
    fn flat_bands_do_not_rise() {
        let mut bands = vec![0.5; 40];
        let previous = vec![log2_1p(1.0); 42];
        let mut rises = vec![0.0; 40];
        let sums = compressed_rises(&mut bands, 2.0, &previous, &mut rises, (10, 30));
        assert!(sums.iter().all(|s| s.abs() < 1e-6));
        assert!((rise(&[3.0, 1.0], &[1.0, 2.0], &mut [0.0; 2]) - 2.0).abs() < 1e-6);
    }
}
