//! What a model makes of a report.

use std::borrow::Cow;

use dsp::emotion::Method;
use dsp::regression::scaler::score;
use dsp::{Analysis, Contribution, Dimension, Interval};

use super::document::{EmotionModel, TrainedDimension};
use super::features::model_features;
use crate::Report;

/// Hex digits of a model's SHA-256 in reports.
const N_DIGITS: usize = 12;

/// A feature as a model sees it.
struct Seen {
    name: &'static str,
    /// Its standard score; `None` when it is unknown.
    score: Option<f64>,
}

impl EmotionModel {
    /// Puts the model's values in the place of the rule's, where the emotion is known. `report` is that of `analysis`;
    /// `sha256` is that of [`EmotionModel::to_json`], in hex, and becomes part of the method.
    pub fn apply(&self, sha256: &str, report: &Report, analysis: &mut Analysis) {
        let Ok(emotion) = &analysis.emotion else { return };
        let known = model_features(report);
        let seen: Vec<Seen> = self
            .features
            .iter()
            .filter_map(|feature| {
                let (name, value) = *known.iter().find(|(name, _)| *name == feature.name)?;
                let score = value.map(|value| score(((feature.mean, feature.deviation), value)));
                Some(Seen { name, score })
            })
            .collect();
        let dimensions = self.dimensions().map(|(_, it)| it.map(|it| dimension(it, &seen)));
        let method = self.method(sha256, &emotion.method);
        analysis.emotion =
            Ok(emotion.clone().with_dimensions(method, dimensions, &analysis.expression));
    }

    /// "mood 1 0123456789ab (valence, arousal); rule/2, reference/2".
    fn method(&self, sha256: &str, rule: &Method) -> Method {
        let digits: String = sha256.chars().take(N_DIGITS).collect();
        let made = self.dimensions().into_iter().filter_map(|(name, it)| it.map(|_| name));
        let names = made.collect::<Vec<_>>().join(", ");
        let (name, version, rule) = (&self.name, &self.version, &rule.name);
        // 24 bits, so that a 32-bit float holds the number exactly; 0 is the rule.
        let number = digits.get(..6).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        Method {
            name: Cow::Owned(format!("{name} {version} {digits} ({names}); {rule}")),
            number: number.unwrap_or_default().max(1),
        }
    }
}

fn dimension(trained: &TrainedDimension, seen: &[Seen]) -> Dimension {
    let TrainedDimension { intercept, weights, half_width, coverage, score, .. } = trained;
    let (mut known, mut total) = (0.0, 0.0);
    let mut contributions = Vec::with_capacity(seen.len());
    for (weight, seen) in weights.iter().zip(seen) {
        total += weight.abs();
        if let Some(z) = seen.score {
            known += weight.abs();
            contributions.push(Contribution { feature: seen.name, amount: weight * z, z });
        }
    }
    let sum: f64 = contributions.iter().map(|it| it.amount).sum();
    let value = (intercept + sum).clamp(-1.0, 1.0);
    // Where the end of the range cuts the value, the contributions share what is left, so that they still add up.
    if (intercept + sum).abs() > 1.0 {
        let scale = (value - intercept) / sum;
        for contribution in &mut contributions {
            contribution.amount *= scale;
        }
    }
    contributions.sort_by(|a, b| b.amount.abs().total_cmp(&a.amount.abs()));
    Dimension {
        value,
        confidence: score.pearson.max(0.0) * if total > 0.0 { known / total } else { 1.0 },
        intercept: *intercept,
        contributions,
        interval: Some(Interval {
            low: (value - half_width).max(-1.0),
            high: (value + half_width).min(1.0),
            coverage: *coverage,
        }),
    }
}
