//! Emotion over time.

use super::Expression;
use super::features::{place, standardised};
use super::rule::{AROUSAL, Rule, TENSION, VALENCE};

/// Seconds before and after each that it is smoothed with, by a raised cosine.
const REACH: usize = 4;
/// Features that are known in each second.
const N_LOCAL: usize = 8;
/// Their names: of the spectra, of the harmony, and of the critical bands.
const LOCAL: [&str; N_LOCAL] = [
    "brightness",
    "spectral_flux",
    "roughness",
    "key_clarity",
    "mode",
    "harmonic_change",
    "register",
    "event_rate",
];

/// Valence, arousal and tension around one second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EmotionPoint {
    /// Unpleasant (−1) to pleasant (1).
    pub valence: f64,
    /// Calm (−1) to excited (1).
    pub arousal: f64,
    /// Relaxed (−1) to tense (1).
    pub tension: f64,
}

/// One point for each second; `None` where nothing sounds within 4 s.
///
/// The features that are known second by second are smoothed over 9 s and put into the rule in the place of those of the
/// whole; what is only known of the whole stays. The weighted sums lie around that of the whole.
pub(crate) fn curve(expression: &Expression, whole: [f64; 3]) -> Vec<Option<EmotionPoint>> {
    let rows = rows(expression);
    let smooth = smoothed(&rows);
    let rules = [VALENCE, AROUSAL, TENSION].map(|rule| Local::new(&rule));
    // Mean of what the local features add, which the whole has already.
    let added: Vec<Option<[f64; 3]>> = smooth
        .iter()
        .map(|row| row.map(|row| std::array::from_fn(|i| rules[i].sum(&row))))
        .collect();
    let n = added.iter().flatten().count().max(1) as f64;
    let mean: [f64; 3] =
        std::array::from_fn(|i| added.iter().flatten().map(|sums| sums[i]).sum::<f64>() / n);
    let value = |i: usize, sums: &[f64; 3]| {
        let rule = rules[i].rule;
        rule.squashed(rule.sum_of(whole[i]) + sums[i] - mean[i])
    };
    added
        .iter()
        .map(|sums| {
            let sums = sums.as_ref()?;
            Some(EmotionPoint {
                valence: value(0, sums),
                arousal: value(1, sums),
                tension: value(2, sums),
            })
        })
        .collect()
}

/// The part of a rule whose features are known in each second.
struct Local {
    rule: Rule,
    /// Place among the local features, place among all, weight.
    terms: Vec<(usize, usize, f64)>,
}

impl Local {
    fn new(rule: &Rule) -> Self {
        let term = |&(name, weight): &(&'static str, f64)| {
            let local = LOCAL.iter().position(|it| *it == name)?;
            Some((local, place(name), weight))
        };
        Self { rule: *rule, terms: rule.weights.iter().filter_map(term).collect() }
    }

    fn sum(&self, row: &[f64; N_LOCAL]) -> f64 {
        let terms = self.terms.iter();
        terms.map(|&(local, place, weight)| weight * standardised(place, row[local])).sum()
    }
}

/// Local features of each second that has them all.
fn rows(expression: &Expression) -> Vec<Option<[f64; N_LOCAL]>> {
    let (spectrum, harmony) = (&expression.spectrum.seconds, &expression.harmony.seconds);
    let events = &expression.envelope.events;
    (0..events.len())
        .map(|second| {
            let spectrum = spectrum.get(second).copied().flatten()?;
            let harmony = harmony.get(second).copied().flatten()?;
            let mut row = [0.0; N_LOCAL];
            let local = spectrum.iter().chain(&harmony).map(|&value| f64::from(value));
            row.iter_mut().zip(local).for_each(|(to, from)| *to = from);
            row[N_LOCAL - 1] = events[second].into();
            Some(row)
        })
        .collect()
}

fn smoothed(rows: &[Option<[f64; N_LOCAL]>]) -> Vec<Option<[f64; N_LOCAL]>> {
    (0..rows.len())
        .map(|second| {
            let near = second.saturating_sub(REACH)..(second + REACH + 1).min(rows.len());
            let (mut sums, mut total) = ([0.0; N_LOCAL], 0.0);
            for (other, row) in near.clone().zip(&rows[near]) {
                let Some(row) = row else { continue };
                let distance = second.abs_diff(other) as f64 / (REACH + 1) as f64;
                let weight = 0.5 + 0.5 * (std::f64::consts::PI * distance).cos();
                total += weight;
                sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
            }
            (total > 0.0).then(|| sums.map(|sum| sum / total))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expression(n: usize, events: impl Fn(usize) -> u16) -> Expression {
        let mut expression = Expression::default();
        expression.spectrum.seconds = vec![Some([11.0, 1.5, 0.1]); n];
        expression.harmony.seconds = vec![Some([0.7, 0.05, 0.1, 20.0]); n];
        expression.envelope.events = (0..n).map(events).collect();
        expression
    }

    #[test]
    fn what_stays_is_the_whole_throughout() {
        let points = curve(&expression(30, |_| 3), [0.2, -0.4, 0.1]);
        assert_eq!(points.len(), 30);
        for point in points {
            let point = point.unwrap();
            assert!((point.valence - 0.2).abs() < 1e-9);
            assert!((point.arousal + 0.4).abs() < 1e-9 && (point.tension - 0.1).abs() < 1e-9);
        }
    }

    #[test]
    fn more_events_excite_where_they_are() {
        let points = curve(&expression(40, |second| if second < 20 { 1 } else { 6 }), [0.0; 3]);
        let arousal = |second: usize| points[second].unwrap().arousal;
        assert!(arousal(35) > arousal(5) + 0.1);
        assert!(arousal(5) < 0.0 && arousal(35) > 0.0);
        // Smoothed: no step is larger than a third of the whole.
        let whole = arousal(39) - arousal(0);
        assert!((1..40).all(|at| arousal(at) - arousal(at - 1) < whole / 3.0));
    }

    #[test]
    fn long_silence_has_no_points() {
        let mut gap = expression(40, |_| 3);
        gap.spectrum.seconds[10..30].fill(None);
        let points = curve(&gap, [0.0; 3]);
        assert!(points[20].is_none() && points[5].is_some() && points[35].is_some());
        assert!(curve(&Expression::default(), [0.0; 3]).is_empty());
    }
}
