//! Logistic regression with a ridge, for a handful of features.

/// Newton steps; the tenth already moves nothing.
const N_STEPS: usize = 25;

/// What separates the rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Logistic {
    /// What each feature adds to the logarithm of the odds.
    pub weights: Vec<f64>,
    /// The odds of a row of zeros.
    pub offset: f64,
}

impl Logistic {
    /// Fits rows of features with their class and weight by Newton's method; `ridge` is the penalty of squared weights, over
    /// that of one row.
    pub fn fit(rows: &[(Vec<f64>, bool, f64)], ridge: f64) -> Self {
        let n = rows.first().map_or(0, |row| row.0.len());
        // The offset is the last one.
        let mut all = vec![0.0; n + 1];
        for _ in 0..N_STEPS {
            let mut system = vec![vec![0.0; n + 2]; n + 1];
            for (i, row) in system.iter_mut().enumerate().take(n) {
                row[i] = ridge;
                row[n + 1] = -ridge * all[i];
            }
            for (features, is_it, weight) in rows {
                let x = |i: usize| features.get(i).copied().unwrap_or(1.0);
                let sum: f64 = (0..=n).map(|i| all[i] * x(i)).sum();
                let p = (1.0 + (-sum).exp()).recip();
                let error = f64::from(u8::from(*is_it)) - p;
                let curvature = (p * (1.0 - p)).max(1e-9);
                for (i, row) in system.iter_mut().enumerate() {
                    row[n + 1] += weight * error * x(i);
                    for (j, cell) in row.iter_mut().enumerate().take(n + 1) {
                        *cell += weight * curvature * x(i) * x(j);
                    }
                }
            }
            for (value, step) in all.iter_mut().zip(solve(system)) {
                *value += step;
            }
        }
        let offset = all.pop().unwrap_or(0.0);
        Self { weights: all, offset }
    }

    /// Logarithm of the odds of a row.
    pub fn odds(&self, features: &[f64]) -> f64 {
        let terms = self.weights.iter().zip(features).map(|(weight, x)| weight * x);
        self.offset + terms.sum::<f64>()
    }
}

/// Solution of a linear system with the right side as last column, by elimination with row exchange.
fn solve(mut system: Vec<Vec<f64>>) -> Vec<f64> {
    let n = system.len();
    for column in 0..n {
        let pivot = (column..n)
            .max_by(|a, b| system[*a][column].abs().total_cmp(&system[*b][column].abs()))
            .unwrap_or(column);
        system.swap(column, pivot);
        let head = system[column].clone();
        for (i, row) in system.iter_mut().enumerate() {
            if i != column {
                let factor = row[column] / head[column];
                row.iter_mut().zip(&head).for_each(|(cell, above)| *cell -= factor * above);
            }
        }
    }
    (0..n).map(|i| system[i][n] / system[i][i]).collect()
}

/// Area under the receiver operating characteristic: how often a member of the class is above one that is not, ties
/// counting half (the statistic of Mann and Whitney). `None` without both.
pub fn area_under_curve(members: &[f64], others: &[f64]) -> Option<f64> {
    let above = |a: f64, b: f64| {
        if a > b {
            1.0
        } else if a < b {
            0.0
        } else {
            0.5
        }
    };
    let sum: f64 = members.iter().map(|&a| others.iter().map(|&b| above(a, b)).sum::<f64>()).sum();
    let n = members.len() * others.len();
    (n > 0).then(|| sum / n as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    // The maximum of the likelihood of one binary feature is the logarithm of the ratio of odds of its table.
    #[test]
    fn one_binary_feature_has_the_log_odds_ratio() {
        let mut rows = Vec::new();
        for (x, is_it, n) in [(0.0, false, 30), (0.0, true, 10), (1.0, false, 20), (1.0, true, 60)]
        {
            rows.extend((0..n).map(|_| (vec![x], is_it, 1.0)));
        }
        let fit = Logistic::fit(&rows, 0.0);
        assert!((fit.offset - (10f64 / 30.0).ln()).abs() < 1e-9);
        assert!((fit.weights[0] - (3f64 / (10.0 / 30.0)).ln()).abs() < 1e-9);
        assert!((fit.odds(&[1.0]) - 3f64.ln()).abs() < 1e-9);
    }

    #[test]
    fn area_counts_pairs_in_the_right_order() {
        assert_eq!(area_under_curve(&[2.0, 3.0], &[0.0, 1.0]), Some(1.0));
        assert_eq!(area_under_curve(&[0.0, 3.0], &[1.0, 0.0]), Some(0.625));
        assert_eq!(area_under_curve(&[1.0], &[]), None);
    }
}
