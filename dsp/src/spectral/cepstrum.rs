//! Decibels and cepstra of mel spectra.

use std::f64::consts::PI;

use multiversion::multiversion;
use ndarray::Array2;

use crate::lanes;

/// Decibels per octave of power.
const DB_PER_LOG2: f32 = 3.0103;

/// Decibels of powers, none lower than `floor_db`, in place.
pub fn power_to_db(power: &mut [f32], floor_db: f32) {
    decibels(power, floor_db, 10f32.powf(floor_db / 10.0).max(f32::MIN_POSITIVE));
}

/// Decibels of a whole spectrogram, none more than `range_db` below its largest.
///
/// # Source
///
/// `librosa.power_to_db` 0.11.0 with `ref=1`, `amin=1e-10`, `top_db=range_db`.
pub fn spectrogram_to_db(power: &mut Array2<f32>, range_db: f32) {
    for mut row in power.rows_mut() {
        power_to_db(row.as_slice_mut().expect("rows of a new array are contiguous"), -100.0);
    }
    let floor = power.iter().copied().fold(f32::MIN, f32::max) - range_db;
    power.mapv_inplace(|db| db.max(floor));
}

/// The first coefficients of the orthonormal cosine transform (DCT-II).
///
/// # Examples
///
/// ```
/// let dct = dsp::spectral::cepstrum::Dct::<2>::new(4);
/// let [mean, slope] = dct.apply(&[1.0; 4]);
/// assert!((mean - 2.0).abs() < 1e-6 && slope.abs() < 1e-6);
/// ```
#[derive(Debug, Clone)]
pub struct Dct<const N: usize> {
    /// One row per input value.
    basis: Vec<[f32; N]>,
}

impl<const N: usize> Dct<N> {
    /// Transform of `n` values to `N` coefficients.
    pub fn new(n: usize) -> Self {
        let scale = |k: usize| (if k == 0 { 1.0 } else { 2.0 } / n as f64).sqrt();
        let cosine = |i: usize, k: usize| (PI * k as f64 * (i as f64 + 0.5) / n as f64).cos();
        let basis =
            (0..n).map(|i| std::array::from_fn(|k| (scale(k) * cosine(i, k)) as f32)).collect();
        Self { basis }
    }

    /// Coefficients of `values`; of a longer slice, the rest is not read.
    pub fn apply(&self, values: &[f32]) -> [f32; N] {
        transform(&self.basis, values)
    }
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn decibels(power: &mut [f32], floor_db: f32, least: f32) {
    for value in power {
        let db = DB_PER_LOG2 * lanes::log2(lanes::larger(*value, least));
        *value = lanes::larger(db, floor_db);
    }
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn transform<const N: usize>(basis: &[[f32; N]], values: &[f32]) -> [f32; N] {
    let mut sums = [0f32; N];
    for (row, value) in basis.iter().zip(values) {
        for (sum, weight) in sums.iter_mut().zip(row) {
            *sum += value * weight;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decibels_agree_with_the_formula() {
        let mut values: Vec<f32> = (-40..40i16).map(|i| 10f32.powf(f32::from(i) / 10.0)).collect();
        power_to_db(&mut values, -30.0);
        for (i, db) in (-40..40i16).zip(&values) {
            assert!((db - f32::from(i.max(-30))).abs() < 1e-4, "{i} became {db}");
        }
    }

    #[test]
    fn zero_is_the_floor() {
        let mut values = [0.0, f32::MIN_POSITIVE / 4.0];
        power_to_db(&mut values, -100.0);
        assert!(values.iter().all(|db| (db + 100.0).abs() < 1e-4));
    }

    #[test]
    fn transform_is_orthonormal() {
        let dct = Dct::<16>::new(16);
        let values: Vec<f32> = (0..16i16).map(|i| f32::from(i * i % 7)).collect();
        let energy = |x: &[f32]| x.iter().map(|x| x * x).sum::<f32>();
        assert!((energy(&values) - energy(&dct.apply(&values))).abs() < 1e-3);
    }
}
