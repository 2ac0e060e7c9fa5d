//! A recording as one normal distribution of its cepstrum, the classic of music similarity.

use super::heard::Cepstrum;

/// Added to each variance, as a share of it: a cepstrum that hardly moves has a covariance that cannot be inverted.
const RIDGE: f64 = 1e-6;
/// Added to each variance besides, for one that does not move at all.
const FLOOR: f64 = 1e-6;

/// A normal distribution.
#[derive(Debug, Clone, PartialEq)]
pub struct Gaussian {
    mean: Vec<f64>,
    covariance: Vec<Vec<f64>>,
    inverse: Vec<Vec<f64>>,
}

impl Gaussian {
    /// That with the mean and covariance of a cepstrum; `None` where the covariance has no inverse.
    pub fn of(cepstrum: &Cepstrum) -> Option<Self> {
        let mean: Vec<f64> = cepstrum.mean.iter().copied().map(f64::from).collect();
        let n = mean.len();
        let values: Vec<f64> = cepstrum.covariance.iter().copied().map(f64::from).collect();
        // Each row of the triangle is one shorter than the one before.
        let place = |row: usize, column: usize| row * (2 * n + 1 - row) / 2 + column - row;
        let value = |row: usize, column: usize| {
            let value = *values.get(place(row.min(column), row.max(column)))?;
            Some(if row == column { value * (1.0 + RIDGE) + FLOOR } else { value })
        };
        let covariance: Vec<Vec<f64>> = (0..n)
            .map(|row| (0..n).map(|column| value(row, column)).collect())
            .collect::<Option<_>>()?;
        let inverse = inverse(&covariance)?;
        Some(Self { mean, covariance, inverse })
    }

    /// Symmetric Kullback-Leibler divergence: the mean of both directions.
    ///
    /// # Source
    ///
    /// Mandel and Ellis (2005), Song-level features and support vector machines for music classification, ISMIR, section 3.
    pub fn divergence(&self, other: &Self) -> f64 {
        let n = self.mean.len();
        let mut sum = -2.0 * n as f64;
        for row in 0..n {
            let step = self.mean[row] - other.mean[row];
            for column in 0..n {
                let across = step * (self.mean[column] - other.mean[column]);
                sum += other.inverse[row][column] * (self.covariance[column][row] + across)
                    + self.inverse[row][column] * (other.covariance[column][row] + across);
            }
        }
        0.25 * sum
    }
}

/// Gauss and Jordan, without exchanges of rows: a covariance is positive definite or of no use.
fn inverse(matrix: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let n = matrix.len();
    let mut rows: Vec<Vec<f64>> = matrix
        .iter()
        .enumerate()
        .map(|(i, row)| {
            let unit = (0..n).map(|j| f64::from(u8::from(i == j)));
            row.iter().copied().chain(unit).collect()
        })
        .collect();
    for pivot in 0..n {
        let value = rows[pivot][pivot];
        if !(value.is_finite() && value > 0.0) {
            return None;
        }
        rows[pivot].iter_mut().for_each(|cell| *cell /= value);
        let leading = rows[pivot].clone();
        for (index, row) in rows.iter_mut().enumerate() {
            let factor = row[pivot];
            if index != pivot && factor != 0.0 {
                row.iter_mut().zip(&leading).for_each(|(cell, by)| *cell -= factor * by);
            }
        }
    }
    Some(rows.into_iter().map(|row| row[n..].to_vec()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaussian(mean: [f32; 2], covariance: [f32; 3]) -> Gaussian {
        Gaussian::of(&Cepstrum { mean: mean.to_vec(), covariance: covariance.to_vec() }).unwrap()
    }

    #[test]
    fn divergence_of_independent_dimensions_is_the_closed_form() {
        let (a, b) = (gaussian([0.0, 0.0], [1.0, 0.0, 1.0]), gaussian([1.0, 0.0], [4.0, 0.0, 1.0]));
        // KL(a,b) = ½ (¼ + ¼ − 1 + ln 4), KL(b,a) = ½ (4 + 1 − 1 − ln 4); the ridge is 1e-6.
        assert!((a.divergence(&b) - 0.5 * (0.5 * -0.5 + 0.5 * 4.0)).abs() < 1e-4);
        assert!((a.divergence(&b) - b.divergence(&a)).abs() < 1e-12);
        assert!(a.divergence(&a).abs() < 1e-12);
    }

    #[test]
    fn a_turned_space_has_the_same_divergence() {
        let (a, b) =
            (gaussian([0.0, 0.0], [2.0, 0.6, 1.0]), gaussian([1.0, 2.0], [1.0, -0.3, 3.0]));
        // By a right angle: (x, y) to (−y, x).
        let (c, d) =
            (gaussian([0.0, 0.0], [1.0, -0.6, 2.0]), gaussian([-2.0, 1.0], [3.0, 0.3, 1.0]));
        assert!((a.divergence(&b) - c.divergence(&d)).abs() < 1e-5);
    }

    #[test]
    fn what_does_not_move_can_still_be_compared() {
        let still = gaussian([1.0, 1.0], [0.0, 0.0, 0.0]);
        assert!(still.divergence(&still).abs() < 1e-9);
        let cepstrum = Cepstrum { mean: vec![0.0], covariance: vec![f32::NAN] };
        assert_eq!(Gaussian::of(&cepstrum), None);
    }
}
