//! Measures by file.

use std::collections::BTreeMap;

use serde::Serialize;

use super::estimate::Estimate;
use super::layout::{Recording, Set};
use super::metrics::calibration::Claim;
use super::metrics::{MEASURES, Measure, tempo};

/// Our name in the tables.
pub const OURS: &str = "consort";

/// All that is known about one recording after the run.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// Set it belongs to.
    pub set: String,
    /// Name within the set.
    pub file: String,
    /// By system, ours among them.
    pub systems: BTreeMap<String, Scores>,
    /// Systems whose figures are the ones to reach.
    pub rivals: Vec<String>,
    /// Our tempo as a claim, where the tempo is known.
    pub tempo_claim: Option<Claim>,
    /// Our key as a claim, where the key is known.
    pub key_claim: Option<Claim>,
    /// What we said, for the record.
    pub ours: Estimate,
}

/// Measures of one system for one recording; what it was not asked is missing.
pub type Scores = BTreeMap<Measure, f64>;

/// A row of the JSON output.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row<'a> {
    set: &'a str,
    file: &'a str,
    tempo_bpm: Option<f64>,
    tempo_confidence: f64,
    tonic: Option<u8>,
    mode: Option<&'static str>,
    key_confidence: f64,
    scores: BTreeMap<&'a str, BTreeMap<&'static str, f64>>,
}

impl Scored {
    /// Scores `ours` and what the peers of `set` said.
    pub fn new(set: &Set, recording: &Recording, ours: Estimate) -> Self {
        let truth = &recording.truth;
        let scores = |estimate: &Estimate| -> Scores {
            let values = MEASURES.iter().map(|measure| (*measure, measure.of(truth, estimate)));
            values.filter_map(|(measure, value)| value.map(|value| (measure, value))).collect()
        };
        let mut systems = BTreeMap::from([(OURS.to_owned(), scores(&ours))]);
        for peer in &set.peers {
            if let Some(estimate) = peer.estimates.get(&recording.file) {
                systems.insert(peer.name.clone(), scores(estimate));
            }
        }
        let rivals = set.peers.iter().filter(|peer| peer.is_rival());
        Self {
            set: set.name.clone(),
            file: recording.file.clone(),
            systems,
            rivals: rivals.map(|peer| peer.name.clone()).collect(),
            tempo_claim: truth.tempo_bpm.map(|truth| Claim {
                confidence: ours.tempo_confidence,
                is_right: ours.tempo_bpm.known().is_some_and(|bpm| tempo::accuracy_1(truth, *bpm)),
            }),
            key_claim: truth.key.map(|truth| Claim {
                confidence: ours.key_confidence,
                is_right: ours.key.known() == Some(&truth),
            }),
            ours,
        }
    }

    /// Whether anything is known about the recording that can be measured.
    pub fn is_judged(&self) -> bool {
        self.systems.values().any(|scores| !scores.is_empty())
    }

    /// This recording in the JSON output.
    pub fn row(&self) -> Row<'_> {
        let named = |scores: &Scores| {
            scores.iter().map(|(measure, value)| (measure.name(), *value)).collect()
        };
        let key = self.ours.key.known();
        Row {
            set: &self.set,
            file: &self.file,
            tempo_bpm: self.ours.tempo_bpm.known().copied(),
            tempo_confidence: self.ours.tempo_confidence,
            tonic: key.map(|key| key.tonic),
            mode: key.map(|key| match key.mode {
                dsp::Mode::Major => "major",
                dsp::Mode::Minor => "minor",
            }),
            key_confidence: self.ours.key_confidence,
            scores: self.systems.iter().map(|(name, s)| (name.as_str(), named(s))).collect(),
        }
    }
}
