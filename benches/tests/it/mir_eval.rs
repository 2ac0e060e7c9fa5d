//! Golden values of `mir_eval` (`fixtures/generate/mir_eval_golden.py`).

use benches::accuracy::Key;
use benches::accuracy::metrics::beats::f_measure;
use benches::accuracy::metrics::continuity::continuity;
use benches::accuracy::metrics::key::{Fifths, score};
use dsp::Mode;
use fixtures::golden;
use serde::Deserialize;

/// Both sides divide the same counts once.
const TOLERANCE: f64 = 1e-12;

#[derive(Deserialize)]
struct Golden {
    beats: Vec<Beats>,
    keys: Vec<Keys>,
}

#[derive(Deserialize)]
struct Beats {
    name: String,
    truth_s: Vec<f64>,
    estimate_s: Vec<f64>,
    f_measure: f64,
    continuity: [f64; 4],
}

#[derive(Deserialize)]
struct Keys {
    truth_mode: String,
    interval: u8,
    mode: String,
    score: f64,
}

fn values() -> Golden {
    serde_json::from_value(golden("mir_eval")).unwrap()
}

#[test]
fn beats_are_scored_as_by_mir_eval() {
    for case in values().beats {
        let f = f_measure(&case.truth_s, &case.estimate_s);
        assert!((f - case.f_measure).abs() < TOLERANCE, "{}: {f}", case.name);
        let all = continuity(&case.truth_s, &case.estimate_s);
        let ours = [all.cml_continuous, all.cml_total, all.aml_continuous, all.aml_total];
        for (ours, theirs) in ours.iter().zip(&case.continuity) {
            assert!((ours - theirs).abs() < TOLERANCE, "{}: {all:?}", case.name);
        }
    }
}

#[test]
fn keys_are_scored_as_by_mir_eval() {
    let mode = |name: &str| if name == "major" { Mode::Major } else { Mode::Minor };
    for case in values().keys {
        let truth = Key { tonic: 7, mode: mode(&case.truth_mode) };
        let estimate = Key { tonic: (7 + case.interval) % 12, mode: mode(&case.mode) };
        let ours = score(truth, estimate, Fifths::Ascending);
        assert!((ours - case.score).abs() < TOLERANCE, "{truth:?}, {estimate:?}: {ours}");
    }
}
