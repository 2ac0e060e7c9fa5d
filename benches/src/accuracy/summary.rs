//! Measures of a set, by system.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::metrics::calibration::{Claim, confident_half, expected_error};
use super::metrics::{MEASURES, Measure};
use super::score::{OURS, Scored};
use super::statistics::Mean;

/// Sets with fewer recordings are reported and not compared: the interval is wider than any difference.
pub const MIN_FILES: usize = 20;

/// A set, or all of them pooled.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// Name of the set.
    pub name: String,
    /// Recordings with a truth.
    pub n_files: usize,
    /// By system, ours first, then by name.
    pub systems: Vec<System>,
    /// Of our tempo.
    pub tempo_calibration: Option<Calibration>,
    /// Of our key.
    pub key_calibration: Option<Calibration>,
}

/// Figures of one system.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct System {
    /// Its name.
    pub name: String,
    /// Whether its figures are the ones to reach.
    pub is_rival: bool,
    /// Means, by name of the measure.
    pub means: BTreeMap<&'static str, Mean>,
    /// Ours less its, over the recordings that both answered for.
    pub differences: BTreeMap<&'static str, Mean>,
}

/// Whether a confidence means what it says; an unknown counts as wrong, with confidence 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Calibration {
    /// Recordings.
    pub n: usize,
    /// Expected calibration error, 10 bins.
    pub expected_error: f64,
    /// Share of right answers.
    pub right: f64,
    /// The same in the half with the highest confidence.
    pub right_in_confident_half: f64,
}

impl Calibration {
    fn of(claims: &[Claim]) -> Option<Self> {
        confident_half(claims).map(|(right, right_in_confident_half)| Self {
            n: claims.len(),
            expected_error: expected_error(claims),
            right,
            right_in_confident_half,
        })
    }
}

impl Summary {
    /// Of all judged recordings in `scored`.
    pub fn of(name: &str, scored: &[&Scored]) -> Self {
        let judged: Vec<&Scored> = scored.iter().copied().filter(|s| s.is_judged()).collect();
        let peers: BTreeSet<&str> = judged
            .iter()
            .flat_map(|scored| scored.systems.keys().map(String::as_str))
            .filter(|name| *name != OURS)
            .collect();
        let systems = std::iter::once(OURS).chain(peers);
        let claims = |of: fn(&Scored) -> Option<Claim>| -> Vec<Claim> {
            judged.iter().filter_map(|scored| of(scored)).collect()
        };
        Self {
            name: name.to_owned(),
            n_files: judged.len(),
            systems: systems.map(|name| System::of(name, &judged)).collect(),
            tempo_calibration: Calibration::of(&claims(|scored| scored.tempo_claim)),
            key_calibration: Calibration::of(&claims(|scored| scored.key_claim)),
        }
    }

    /// Whether there are too few recordings to compare anything.
    pub fn is_small(&self) -> bool {
        self.n_files < MIN_FILES
    }

    /// Our figures.
    pub fn ours(&self) -> Option<&System> {
        self.systems.iter().find(|system| system.name == OURS)
    }

    /// The best rival in one measure.
    pub fn best_rival(&self, measure: Measure) -> Option<Best<'_>> {
        best(self.systems.iter().filter(|system| system.is_rival), measure)
    }

    /// The best peer with a trained network in one measure.
    pub fn best_with_network(&self, measure: Measure) -> Option<Best<'_>> {
        best(self.systems.iter().filter(|system| !system.is_rival), measure)
    }
}

/// Somebody to compare with in one measure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Best<'a> {
    /// Who.
    pub system: &'a System,
    /// Its figure.
    pub mean: Mean,
    /// Ours less its.
    pub difference: Mean,
}

/// The one that we are least ahead of, by file: a peer may not have answered for every recording.
fn best<'a>(systems: impl Iterator<Item = &'a System>, measure: Measure) -> Option<Best<'a>> {
    let figures = systems.filter_map(|system| {
        let mean = *system.means.get(measure.name())?;
        let difference = *system.differences.get(measure.name())?;
        Some(Best { system, mean, difference })
    });
    figures.min_by(|a, b| a.difference.mean.total_cmp(&b.difference.mean))
}

impl System {
    fn of(name: &str, judged: &[&Scored]) -> Self {
        let mut means = BTreeMap::new();
        let mut differences = BTreeMap::new();
        for measure in MEASURES {
            let of = |scored: &Scored, system: &str| -> Option<f64> {
                scored.systems.get(system)?.get(&measure).copied()
            };
            let values: Vec<f64> = judged.iter().filter_map(|scored| of(scored, name)).collect();
            means.extend(Mean::of(&values).map(|mean| (measure.name(), mean)));
            let paired: Vec<f64> = judged
                .iter()
                .filter_map(|scored| Some(of(scored, OURS)? - of(scored, name)?))
                .collect();
            if name != OURS {
                differences.extend(Mean::of(&paired).map(|mean| (measure.name(), mean)));
            }
        }
        let is_rival = judged.iter().any(|scored| scored.rivals.iter().any(|rival| rival == name));
        Self { name: name.to_owned(), is_rival, means, differences }
    }
}

#[cfg(test)]
mod tests {
    use super::super::estimate::{Answer, Estimate};
    use super::super::layout::{Recording, Set, Truth};
    use super::super::peers::Peer;
    use super::*;

    /// Ten recordings at 100 BPM: we are right in eight, `rival` in five of the first nine.
    fn scored() -> Vec<Scored> {
        let said = |bpm| Estimate { tempo_bpm: Answer::Known(bpm), ..Estimate::unknown() };
        let recordings: Vec<Recording> = (0..10)
            .map(|i| Recording {
                file: format!("{i}.wav"),
                path: std::path::PathBuf::new(),
                truth: Truth { tempo_bpm: Some(100.0), ..Truth::default() },
            })
            .collect();
        let estimates =
            (0..9).map(|i| (format!("{i}.wav"), said(if i < 5 { 100.0 } else { 150.0 }))).collect();
        let peers = vec![Peer { name: "rival".to_owned(), estimates }];
        let set = Set { name: "set".to_owned(), recordings: Vec::new(), peers };
        let ours = |i: usize| Estimate {
            tempo_confidence: if i < 8 { 0.9 } else { 0.1 },
            ..said(if i < 8 { 101.0 } else { 150.0 })
        };
        recordings.iter().enumerate().map(|(i, r)| Scored::new(&set, r, ours(i))).collect()
    }

    #[test]
    fn differences_are_taken_where_both_answered() {
        let scored = scored();
        let summary = Summary::of("set", &scored.iter().collect::<Vec<_>>());
        let name = Measure::TempoAccuracy1.name();
        assert!((summary.ours().unwrap().means[name].mean - 0.8).abs() < 1e-12);
        let Best { system, mean, difference } =
            summary.best_rival(Measure::TempoAccuracy1).unwrap();
        assert_eq!((system.name.as_str(), mean.n, difference.n), ("rival", 9, 9));
        assert!((difference.mean - (8.0 - 5.0) / 9.0).abs() < 1e-12);
        assert_eq!(summary.best_rival(Measure::Key), None);
        assert_eq!(summary.best_with_network(Measure::TempoAccuracy1), None);
        assert!(summary.is_small());
    }

    #[test]
    fn calibration_is_of_our_own_claims() {
        let scored = scored();
        let summary = Summary::of("set", &scored.iter().collect::<Vec<_>>());
        let tempo = summary.tempo_calibration.unwrap();
        assert!((tempo.right - 0.8).abs() < 1e-12);
        assert!((tempo.right_in_confident_half - 1.0).abs() < 1e-12);
        assert!((tempo.expected_error - 0.1).abs() < 1e-12);
        assert_eq!(summary.key_calibration, None);
    }
}
