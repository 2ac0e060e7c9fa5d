//! Principal axes of vectors: coordinates in which the first few hold most of a distance.

/// Sweeps of Jacobi's method; off the diagonal 64 × 64 matrices are down to rounding after eight.
const N_SWEEPS: usize = 10;

/// An orthonormal system with an origin. Distances are the same in its coordinates as before.
#[derive(Debug, Clone)]
pub(super) struct Axes<const N: usize> {
    origin: [f32; N],
    axes: Box<[[f32; N]; N]>,
}

impl<const N: usize> Axes<N> {
    /// The coordinates as they are.
    pub(super) fn identity() -> Self {
        let mut axes = Box::new([[0.0; N]; N]);
        for (index, axis) in axes.iter_mut().enumerate() {
            axis[index] = 1.0;
        }
        Self { origin: [0.0; N], axes }
    }

    /// The principal axes of a sample, that of most variance first; the identity for fewer vectors than say
    /// anything of so many dimensions.
    pub(super) fn of(sample: &[[f32; N]]) -> Self {
        if sample.len() < 2 * N {
            return Self::identity();
        }
        let n = sample.len() as f64;
        let mut mean = [0.0_f64; N];
        for vector in sample {
            mean.iter_mut().zip(vector).for_each(|(sum, value)| *sum += f64::from(*value) / n);
        }
        let mut covariance = vec![[0.0_f64; N]; N];
        for vector in sample {
            let centred: [f64; N] = std::array::from_fn(|i| f64::from(vector[i]) - mean[i]);
            for (row, a) in covariance.iter_mut().zip(centred) {
                row.iter_mut().zip(centred).for_each(|(sum, b)| *sum += a * b / n);
            }
        }
        let (variances, vectors) = eigen(covariance);
        let mut order: Vec<usize> = (0..N).collect();
        order.sort_by(|&a, &b| variances[b].total_cmp(&variances[a]));
        let mut axes = Box::new([[0.0; N]; N]);
        for (axis, index) in axes.iter_mut().zip(order) {
            *axis = std::array::from_fn(|i| vectors[i][index] as f32);
        }
        Self { origin: mean.map(|value| value as f32), axes }
    }

    /// The coordinates of a vector.
    pub(super) fn coordinates(&self, vector: &[f32; N]) -> [f32; N] {
        let centred: [f32; N] = std::array::from_fn(|i| vector[i] - self.origin[i]);
        std::array::from_fn(|axis| {
            // Eight sums side by side, so that the machine need not wait for each addition.
            let mut sums = [0.0_f32; 8];
            for (a, b) in self.axes[axis].chunks_exact(8).zip(centred.chunks_exact(8)) {
                for lane in 0..8 {
                    sums[lane] += a[lane] * b[lane];
                }
            }
            sums.iter().sum()
        })
    }
}

/// Eigenvalues and eigenvectors (in columns) of a symmetric matrix, by cyclic Jacobi rotations
/// (Golub & Van Loan, "Matrix Computations", section 8.5).
fn eigen<const N: usize>(mut matrix: Vec<[f64; N]>) -> ([f64; N], Vec<[f64; N]>) {
    let mut vectors = vec![[0.0; N]; N];
    for (index, row) in vectors.iter_mut().enumerate() {
        row[index] = 1.0;
    }
    for _ in 0..N_SWEEPS {
        for p in 0..N {
            for q in p + 1..N {
                if matrix[p][q].abs() < f64::MIN_POSITIVE {
                    continue;
                }
                let half = (matrix[q][q] - matrix[p][p]) / (2.0 * matrix[p][q]);
                let tangent = half.signum() / (half.abs() + half.hypot(1.0));
                let cosine = 1.0 / tangent.hypot(1.0);
                let sine = tangent * cosine;
                for row in matrix.iter_mut().chain(&mut vectors) {
                    let (a, b) = (row[p], row[q]);
                    row[p] = cosine * a - sine * b;
                    row[q] = sine * a + cosine * b;
                }
                let (above, below) = matrix.split_at_mut(q);
                for (a, b) in above[p].iter_mut().zip(&mut below[0]) {
                    (*a, *b) = (cosine * *a - sine * *b, sine * *a + cosine * *b);
                }
            }
        }
    }
    (std::array::from_fn(|i| matrix[i][i]), vectors)
}

#[cfg(test)]
mod tests {
    use super::*;
    use fixtures::Rng;

    fn sample() -> Vec<[f32; 8]> {
        let mut rng = Rng::new(1);
        (0..200)
            .map(|_| {
                let common = rng.normal() * 3.0;
                std::array::from_fn(|i| (common * (i as f64 - 2.0) + rng.normal()) as f32)
            })
            .collect()
    }

    #[test]
    fn distances_stay() {
        let sample = sample();
        let axes = Axes::of(&sample);
        let distance = |a: &[f32; 8], b: &[f32; 8]| {
            a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum::<f32>().sqrt()
        };
        for pair in sample.windows(2) {
            let turned = distance(&axes.coordinates(&pair[0]), &axes.coordinates(&pair[1]));
            assert!((turned - distance(&pair[0], &pair[1])).abs() < 1e-4);
        }
    }

    #[test]
    fn variance_falls_from_axis_to_axis() {
        let sample = sample();
        let axes = Axes::of(&sample);
        let turned: Vec<[f32; 8]> = sample.iter().map(|v| axes.coordinates(v)).collect();
        let variances: [f32; 8] =
            std::array::from_fn(|i| turned.iter().map(|v| v[i] * v[i]).sum::<f32>());
        assert!(variances.is_sorted_by(|a, b| a >= b), "{variances:?}");
        assert!(variances[0] > 10.0 * variances[1]);
    }

    #[test]
    fn a_small_sample_has_no_axes() {
        let axes = Axes::of(&[[1.0; 8]; 15]);
        assert!(axes.coordinates(&[2.0; 8]).iter().all(|value| (value - 2.0).abs() < f32::EPSILON));
    }
}
