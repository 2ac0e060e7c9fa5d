//! Systems of linear equations with a symmetric positive definite matrix.

/// The lower triangle of the Cholesky factor of a matrix.
#[derive(Debug, Clone)]
pub(super) struct Cholesky {
    n: usize,
    /// Row by row, `n` × `n`; above the diagonal nothing is read.
    lower: Vec<f64>,
}

impl Cholesky {
    /// Factors `matrix` (row by row, `n` × `n`, of which the lower triangle is read) with `ridge` added to its diagonal.
    ///
    /// `None` when the sum is not positive definite as far as numbers of this precision tell.
    pub(super) fn of(matrix: &[f64], n: usize, ridge: f64) -> Option<Self> {
        debug_assert_eq!(matrix.len(), n * n);
        let mut lower = matrix.to_vec();
        for i in 0..n {
            lower[i * n + i] += ridge;
            for j in 0..=i {
                let dot: f64 = (0..j).map(|k| lower[i * n + k] * lower[j * n + k]).sum();
                let rest = lower[i * n + j] - dot;
                if i > j {
                    lower[i * n + j] = rest / lower[j * n + j];
                } else if rest > 0.0 && rest.is_finite() {
                    lower[i * n + i] = rest.sqrt();
                } else {
                    return None;
                }
            }
        }
        Some(Self { n, lower })
    }

    /// The vector that the matrix maps to `right`.
    pub(super) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let Self { n, lower } = self;
        let mut x = right.to_vec();
        for i in 0..*n {
            let dot: f64 = (0..i).map(|k| lower[i * n + k] * x[k]).sum();
            x[i] = (x[i] - dot) / lower[i * n + i];
        }
        for i in (0..*n).rev() {
            let dot: f64 = (i + 1..*n).map(|k| lower[k * n + i] * x[k]).sum();
            x[i] = (x[i] - dot) / lower[i * n + i];
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fixtures::Rng;

    #[test]
    fn solves_a_system_whose_solution_is_known() {
        // [4 2; 2 3] x = [2; 5] has x = [-0.5; 2].
        let factor = Cholesky::of(&[4.0, 2.0, 2.0, 3.0], 2, 0.0).unwrap();
        let x = factor.solve(&[2.0, 5.0]);
        assert!((x[0] + 0.5).abs() < 1e-15 && (x[1] - 2.0).abs() < 1e-15, "{x:?}");
    }

    #[test]
    fn multiplying_back_gives_the_right_side() {
        let (n, mut rng) = (40, Rng::new(1));
        let a: Vec<f64> = (0..n * n).map(|_| rng.unit() - 0.5).collect();
        let mut matrix = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..n {
                matrix[i * n + j] = (0..n).map(|k| a[i * n + k] * a[j * n + k]).sum();
            }
        }
        let right: Vec<f64> = (0..n).map(|_| rng.unit()).collect();
        let x = Cholesky::of(&matrix, n, 0.5).unwrap().solve(&right);
        for i in 0..n {
            let back: f64 = (0..n).map(|j| matrix[i * n + j] * x[j]).sum::<f64>() + 0.5 * x[i];
            // Condition about 30: a few hundred roundings.
            assert!((back - right[i]).abs() < 1e-12);
        }
    }

    #[test]
    fn what_is_not_positive_definite_is_refused() {
        assert!(Cholesky::of(&[1.0, 2.0, 2.0, 1.0], 2, 0.0).is_none());
        assert!(Cholesky::of(&[f64::NAN], 1, 1.0).is_none());
        assert!(Cholesky::of(&[0.0], 1, 0.0).is_none());
    }
}
