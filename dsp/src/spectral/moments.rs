//! Running mean, deviation and covariance.

use crate::analysis::Stats;

/// Mean and deviation of values as they come (Welford, 1962).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Moments {
    n: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    pub(crate) fn add(&mut self, value: f32) {
        let value = f64::from(value);
        self.n += 1;
        let distance = value - self.mean;
        self.mean += distance / self.n as f64;
        self.squares += distance * (value - self.mean);
    }

    /// Zeros if there were no values.
    pub(crate) fn stats(&self) -> Stats {
        let variance = self.squares / self.n.max(1) as f64;
        Stats { mean: self.mean as f32, std: variance.max(0.0).sqrt() as f32 }
    }

    /// Number of values.
    pub(crate) fn n(&self) -> u64 {
        self.n
    }

    pub(crate) fn mean(&self) -> f64 {
        self.mean
    }
}

/// Mean and covariance of vectors as they come.
#[derive(Debug, Clone)]
pub(super) struct Covariance<const N: usize> {
    n: u64,
    mean: [f64; N],
    /// Sums of products of the distances from the mean; below the diagonal unused.
    products: Box<[[f64; N]; N]>,
}

impl<const N: usize> Covariance<N> {
    pub(super) fn new() -> Self {
        Self { n: 0, mean: [0.0; N], products: Box::new([[0.0; N]; N]) }
    }

    pub(super) fn add(&mut self, vector: &[f32; N]) {
        self.n += 1;
        let n = self.n as f64;
        let before: [f64; N] = std::array::from_fn(|i| f64::from(vector[i]) - self.mean[i]);
        for (mean, distance) in self.mean.iter_mut().zip(&before) {
            *mean += distance / n;
        }
        let share = (n - 1.0) / n;
        for (i, row) in self.products.iter_mut().enumerate() {
            let weight = before[i] * share;
            for (product, distance) in row.iter_mut().zip(&before) {
                *product += weight * distance;
            }
        }
    }

    pub(super) fn stats(&self) -> [Stats; N] {
        let n = self.n.max(1) as f64;
        std::array::from_fn(|i| Stats {
            mean: self.mean[i] as f32,
            std: (self.products[i][i] / n).max(0.0).sqrt() as f32,
        })
    }

    /// Upper triangle, row by row.
    pub(super) fn upper_triangle(&self) -> Vec<f32> {
        let n = self.n.max(1) as f64;
        let rows = self.products.iter().enumerate();
        rows.flat_map(|(i, row)| row[i..].iter().map(move |sum| (sum / n) as f32)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_agree_with_the_closed_form() {
        let mut moments = Moments::default();
        for i in 1..=100u8 {
            moments.add(f32::from(i));
        }
        // Uniform on 1..=100: mean 50.5, variance (100² − 1) / 12.
        let stats = moments.stats();
        assert!((stats.mean - 50.5).abs() < 1e-5);
        assert!((stats.std - 833.25f32.sqrt()).abs() < 1e-4);
        assert_eq!(Moments::default().stats(), Stats::default());
    }

    #[test]
    fn covariance_agrees_with_two_passes() {
        let vectors: Vec<[f32; 3]> =
            (0..50i16).map(|i| [f32::from(i), f32::from(i * i % 11), f32::from(-2 * i)]).collect();
        let mut covariance = Covariance::new();
        for vector in &vectors {
            covariance.add(vector);
        }
        let mean = |i: usize| vectors.iter().map(|v| f64::from(v[i])).sum::<f64>() / 50.0;
        let mut expected = Vec::new();
        for i in 0..3 {
            for j in i..3 {
                let products = vectors
                    .iter()
                    .map(|v| (f64::from(v[i]) - mean(i)) * (f64::from(v[j]) - mean(j)));
                expected.push(products.sum::<f64>() / 50.0);
            }
        }
        for (actual, expected) in covariance.upper_triangle().iter().zip(expected) {
            assert!((f64::from(*actual) - expected).abs() < 1e-4);
        }
    }
}
