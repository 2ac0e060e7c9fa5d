//! Nested cross-validation with grouped folds.

use super::conformal::half_width;
use super::folds::grouped_folds;
use super::ridge::{Ridge, fit_path};
use super::scaler::Scaler;

/// Penalties that are tried, in the units of scikit-learn's `alpha` on standard scores.
pub const PENALTIES: [f64; 13] =
    [0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1_000.0, 3_000.0, 10_000.0, 30_000.0, 100_000.0];
/// Folds, outer and inner; fewer where there are fewer groups.
const N_FOLDS: usize = 5;

/// Observations: features, target and group of each.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Observations {
    /// Features of each, `None` where unknown; all of one length.
    pub rows: Vec<Vec<Option<f64>>>,
    /// What is to be predicted.
    pub targets: Vec<f64>,
    /// Number of the group that each belongs to.
    pub groups: Vec<usize>,
}

/// What became of observations that had no part in the fit, nor in the choice of the penalty.
#[derive(Debug, Clone, PartialEq)]
pub struct Nested {
    /// Prediction of each observation, by the model of the four other folds.
    pub predictions: Vec<f64>,
    /// Penalty that was chosen in each outer fold.
    pub penalties: Vec<f64>,
    /// Share of observations within the interval that their own outer fold was promised; `None` when one of the folds is
    /// too small for the coverage.
    pub covered: Option<f64>,
}

impl Observations {
    fn some(&self, is_member: impl Fn(usize) -> bool) -> Self {
        let members = || (0..self.targets.len()).filter(|&i| is_member(i));
        Self {
            rows: members().map(|i| self.rows[i].clone()).collect(),
            targets: members().map(|i| self.targets[i]).collect(),
            groups: members().map(|i| self.groups[i]).collect(),
        }
    }

    /// Scaler and one model for each penalty.
    fn fit(&self, penalties: &[f64]) -> (Scaler, Vec<Option<Ridge>>) {
        let rows: Vec<_> = self.rows.iter().map(Vec::as_slice).collect();
        let scaler = Scaler::of(&rows);
        let scores: Vec<Vec<f64>> = self.rows.iter().map(|row| scaler.scores(row)).collect();
        let models = fit_path(&scores, &self.targets, penalties);
        (scaler, models)
    }
}

/// Predictions of all observations for each penalty, each by the model of the other folds; `None` for a penalty that
/// could not be solved everywhere.
fn out_of_fold(all: &Observations, folds: &[usize], penalties: &[f64]) -> Vec<Option<Vec<f64>>> {
    let mut predictions = vec![Some(vec![0.0; all.targets.len()]); penalties.len()];
    for fold in 0..folds.iter().max().map_or(0, |last| last + 1) {
        let (scaler, models) = all.some(|i| folds[i] != fold).fit(penalties);
        for (prediction, model) in predictions.iter_mut().zip(models) {
            let Some(model) = model else {
                *prediction = None;
                continue;
            };
            if let Some(values) = prediction {
                for i in (0..folds.len()).filter(|&i| folds[i] == fold) {
                    values[i] = model.value(&scaler.scores(&all.rows[i]));
                }
            }
        }
    }
    predictions
}

/// The penalty of [`PENALTIES`] with the smallest squared error in grouped cross-validation, the larger of equal ones, and
/// the residuals (target less prediction) of its folds. `None` with fewer than two groups.
pub fn best_penalty(all: &Observations) -> Option<(f64, Vec<f64>)> {
    let folds = grouped_folds(&all.groups, N_FOLDS);
    if folds.iter().all(|&fold| fold == 0) {
        return None;
    }
    let mut best: Option<(f64, f64, Vec<f64>)> = None;
    for (penalty, predictions) in PENALTIES.iter().zip(out_of_fold(all, &folds, &PENALTIES)) {
        let Some(predictions) = predictions else { continue };
        let residuals: Vec<f64> =
            all.targets.iter().zip(&predictions).map(|(t, p)| t - p).collect();
        let error: f64 = residuals.iter().map(|residual| residual * residual).sum();
        if best.as_ref().is_none_or(|(_, least, _)| error <= *least) {
            best = Some((*penalty, error, residuals));
        }
    }
    best.map(|(penalty, _, residuals)| (penalty, residuals))
}

/// Predicts each observation with a model that has neither seen it nor any of its group: scaler, penalty and interval come
/// from the other outer folds alone, the penalty by [`best_penalty`] within them. `limits` cuts predictions.
///
/// `None` with fewer than three groups.
///
/// # Source
///
/// Varma and Simon (2006), *BMC Bioinformatics* 7:91, on why the choice of a penalty needs folds of its own.
pub fn nested(all: &Observations, coverage: f64, limits: (f64, f64)) -> Option<Nested> {
    let folds = grouped_folds(&all.groups, N_FOLDS);
    let n_folds = folds.iter().max().map_or(0, |last| last + 1);
    let mut found =
        Nested { predictions: vec![0.0; folds.len()], penalties: Vec::new(), covered: None };
    let mut n_covered = Some(0_usize);
    for fold in 0..n_folds {
        let rest = all.some(|i| folds[i] != fold);
        let (penalty, residuals) = best_penalty(&rest)?;
        let half_width = half_width(&residuals, coverage);
        let (scaler, mut models) = rest.fit(&[penalty]);
        let model = models.pop().flatten()?;
        for i in (0..folds.len()).filter(|&i| folds[i] == fold) {
            let value = model.value(&scaler.scores(&all.rows[i]));
            let is_covered = half_width.map(|half| (all.targets[i] - value).abs() <= half);
            n_covered =
                n_covered.zip(is_covered).map(|(n, is_covered)| n + usize::from(is_covered));
            found.predictions[i] = value.clamp(limits.0, limits.1);
        }
        found.penalties.push(penalty);
    }
    found.covered = n_covered.map(|n| n as f64 / folds.len().max(1) as f64);
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::super::Agreement;
    use super::*;
    use fixtures::Rng;

    const ALL: (f64, f64) = (f64::MIN, f64::MAX);

    /// `n` observations of `p` features in groups of four; the target is `signal` · first feature + noise.
    fn made_up(n: usize, p: usize, signal: f64) -> Observations {
        let mut rng = Rng::new(5);
        let rows: Vec<Vec<Option<f64>>> =
            (0..n).map(|_| (0..p).map(|_| Some(rng.normal())).collect()).collect();
        let targets =
            rows.iter().map(|row| signal * row[0].unwrap_or(0.0) + rng.normal()).collect();
        Observations { rows, targets, groups: (0..n).map(|i| i / 4).collect() }
    }

    #[test]
    fn what_is_there_is_found_and_intervals_cover() {
        let all = made_up(400, 20, 1.0);
        let nested = nested(&all, 0.9, ALL).unwrap();
        let agreement = Agreement::of(&all.targets, &nested.predictions).unwrap();
        // The best possible R² is 1/2; 20 features of 320 observations cost about a sixteenth of the rest.
        assert!((agreement.r2 - 0.5).abs() < 0.1, "{agreement:?}");
        // A proportion of 400 scatters by 0.015.
        assert!((nested.covered.unwrap() - 0.9).abs() < 0.045, "{:?}", nested.covered);
    }

    #[test]
    fn noise_is_not_taken_for_signal() {
        let all = made_up(120, 60, 0.0);
        let nested = nested(&all, 0.9, ALL).unwrap();
        let r2 = Agreement::of(&all.targets, &nested.predictions).unwrap().r2;
        // The mean of the other folds is as good as it gets; without nesting this would be above 0.
        assert!((-0.2..=0.05).contains(&r2), "{r2}");
        assert!(nested.penalties.iter().all(|&penalty| penalty >= 100.0), "{:?}", nested.penalties);
    }

    #[test]
    fn a_group_never_predicts_itself() {
        // The target is a property of the group alone, and a feature names the group: torn groups would reveal it.
        let mut rng = Rng::new(9);
        let of_group: Vec<f64> = (0..20).map(|_| rng.normal()).collect();
        let groups: Vec<usize> = (0..100).map(|i| i / 5).collect();
        let row = |&group: &usize| (0..20).map(|g| Some(f64::from(u8::from(g == group)))).collect();
        let all = Observations {
            rows: groups.iter().map(row).collect(),
            targets: groups.iter().map(|&group| of_group[group]).collect(),
            groups,
        };
        let predictions = nested(&all, 0.9, ALL).unwrap().predictions;
        assert!(Agreement::of(&all.targets, &predictions).is_none_or(|it| it.r2 < 0.05));
    }

    #[test]
    fn the_order_of_features_and_a_repetition_change_nothing() {
        let all = made_up(60, 5, 1.0);
        assert_eq!(nested(&all, 0.9, ALL), nested(&all, 0.9, ALL));
        let mut turned = all.clone();
        turned.rows.iter_mut().for_each(|row| row.reverse());
        let (a, b) = (nested(&all, 0.9, ALL).unwrap(), nested(&turned, 0.9, ALL).unwrap());
        for (a, b) in a.predictions.iter().zip(&b.predictions) {
            assert!((a - b).abs() < 1e-10);
        }
    }

    #[test]
    fn too_few_groups_are_refused() {
        let mut all = made_up(20, 3, 1.0);
        all.groups = vec![0; 20];
        assert_eq!(nested(&all, 0.9, ALL), None);
        assert_eq!(best_penalty(&all), None);
        all.groups = (0..20).map(|i| i / 10).collect();
        assert_eq!(nested(&all, 0.9, ALL), None);
        assert_eq!(
            nested(&Observations::default(), 0.9, ALL).map(|it| it.predictions),
            Some(vec![])
        );
    }
}
