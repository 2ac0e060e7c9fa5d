//! Linear regression with a penalty on the squared weights.

use super::cholesky::Cholesky;

/// A linear function of standard scores.
#[derive(Debug, Clone, PartialEq)]
pub struct Ridge {
    /// Value where all scores are 0.
    pub intercept: f64,
    /// Weight of each feature.
    pub weights: Vec<f64>,
}

impl Ridge {
    /// The value for some scores.
    pub fn value(&self, scores: &[f64]) -> f64 {
        self.intercept + self.weights.iter().zip(scores).map(|(w, z)| w * z).sum::<f64>()
    }
}

/// The minimum of Σ (target − intercept − weights · scores)² + penalty · Σ weights² for each of `penalties`, all above
/// 0; the intercept is not penalised.
///
/// `None` for a penalty that is too small for the matrix to be solved. The scale of the penalty is that of scikit-learn's
/// `Ridge(alpha=…)`.
///
/// # Source
///
/// Hoerl and Kennard (1970), *Technometrics* 12(1): normal equations, solved by Cholesky's decomposition.
pub fn fit_path(scores: &[Vec<f64>], targets: &[f64], penalties: &[f64]) -> Vec<Option<Ridge>> {
    let n_features = scores.first().map_or(0, Vec::len);
    let n = (scores.len().max(1)) as f64;
    let centre: Vec<f64> =
        (0..n_features).map(|j| scores.iter().map(|row| row[j]).sum::<f64>() / n).collect();
    let mean = targets.iter().sum::<f64>() / n;
    let mut products = vec![0.0; n_features * n_features];
    let mut right = vec![0.0; n_features];
    let mut centred = vec![0.0; n_features];
    for (row, target) in scores.iter().zip(targets) {
        for j in 0..n_features {
            centred[j] = row[j] - centre[j];
            right[j] += centred[j] * (target - mean);
        }
        for (i, line) in products.chunks_exact_mut(n_features.max(1)).enumerate() {
            for (sum, z) in line[..=i].iter_mut().zip(&centred) {
                *sum += centred[i] * z;
            }
        }
    }
    let fit = |&penalty: &f64| {
        let weights = Cholesky::of(&products, n_features, penalty)?.solve(&right);
        let shift: f64 = weights.iter().zip(&centre).map(|(w, c)| w * c).sum();
        Some(Ridge { intercept: mean - shift, weights })
    };
    penalties.iter().map(fit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fixtures::Rng;

    fn one(scores: &[Vec<f64>], targets: &[f64], penalty: f64) -> Ridge {
        fit_path(scores, targets, &[penalty]).remove(0).unwrap()
    }

    #[test]
    fn one_feature_has_its_closed_form() {
        // Centred: z = −1, 0, 1; y = −2, 0, 2: weight 4 / (2 + penalty).
        let scores = [vec![1.0], vec![2.0], vec![3.0]];
        let ridge = one(&scores, &[1.0, 3.0, 5.0], 2.0);
        assert!((ridge.weights[0] - 1.0).abs() < 1e-15);
        assert!((ridge.intercept - 1.0).abs() < 1e-15 && (ridge.value(&[2.0]) - 3.0).abs() < 1e-15);
    }

    #[test]
    fn repeated_features_share_the_weight() {
        let scores: Vec<Vec<f64>> = (0..9).map(|i| vec![f64::from(i); 2]).collect();
        let targets: Vec<f64> = (0..9).map(f64::from).collect();
        let ridge = one(&scores, &targets, 1e-6);
        assert!((ridge.weights[0] - 0.5).abs() < 1e-6 && (ridge.weights[1] - 0.5).abs() < 1e-6);
    }

    #[test]
    fn equals_scikit_learn() {
        let scores: Vec<Vec<f64>> = (0..12)
            .map(f64::from)
            .map(|i| vec![i.sin(), (2.0 * i).cos(), (3.0 * i + 1.0).sin()])
            .collect();
        let target = |i: f64| 0.5 * i.sin() - 0.25 * (2.0 * i).cos() + 0.1 * (5.0 * i).cos();
        let targets: Vec<f64> = (0..12).map(f64::from).map(target).collect();
        // scikit-learn 1.5.2, `Ridge(alpha)`: intercept, then coefficients.
        let expected = [
            (
                0.1,
                [
                    0.012623256214399841,
                    0.4323989970500308,
                    -0.22763626439390616,
                    -0.007618820309286583,
                ],
            ),
            (
                3.0,
                [
                    0.018153020772170313,
                    0.29168047026952215,
                    -0.15706182564243665,
                    -0.01891160588585481,
                ],
            ),
        ];
        for (penalty, expected) in expected {
            let ridge = one(&scores, &targets, penalty);
            let found = std::iter::once(ridge.intercept).chain(ridge.weights);
            assert!(found.zip(expected).all(|(a, b)| (a - b).abs() < 1e-12));
        }
    }

    /// Slow oracle: steepest descent with exact line search on the same objective.
    #[test]
    fn no_descent_finds_a_lower_objective() {
        let mut rng = Rng::new(3);
        let (n, p, penalty) = (60, 6, 4.0);
        let scores: Vec<Vec<f64>> =
            (0..n).map(|_| (0..p).map(|_| 4.0 * rng.unit() - 2.0).collect()).collect();
        let targets: Vec<f64> = scores.iter().map(|z| z[0] - 0.5 * z[3] + rng.unit()).collect();
        let ridge = one(&scores, &targets, penalty);
        let (mut w, mut b) = (vec![0.0; p], 0.0);
        for _ in 0..4000 {
            let rests: Vec<f64> = scores
                .iter()
                .zip(&targets)
                .map(|(z, y)| y - b - z.iter().zip(&w).map(|(z, w)| z * w).sum::<f64>())
                .collect();
            let gradient: Vec<f64> = (0..p)
                .map(|j| {
                    penalty * w[j] - scores.iter().zip(&rests).map(|(z, r)| z[j] * r).sum::<f64>()
                })
                .collect();
            // Below twice the inverse of the largest eigenvalue, which the trace bounds.
            let step = 1.0 / (f64::from(n) * p as f64 * 4.0);
            (0..p).for_each(|j| w[j] -= step * gradient[j]);
            b += rests.iter().sum::<f64>() / f64::from(n);
        }
        for (found, oracle) in ridge.weights.iter().zip(&w) {
            assert!((found - oracle).abs() < 1e-9, "{found} {oracle}");
        }
        assert!((ridge.intercept - b).abs() < 1e-9);
    }

    #[test]
    fn without_features_the_mean_is_left() {
        let ridge = one(&[vec![], vec![]], &[1.0, 2.0], 1.0);
        assert_eq!(ridge, Ridge { intercept: 1.5, weights: vec![] });
    }
}
