//! Tempo hypotheses: which periods the onset envelope supports, and which of them a listener taps.

use crate::onset::ONSET_FPS;
use crate::periodicity;

/// Centre of the soft prior, BPM.
const PRIOR_BPM: f64 = 118.0;
/// Width of the soft prior, octaves.
const PRIOR_OCTAVES: f64 = 0.8;
/// Searched range, BPM.
const RANGE_BPM: (f64, f64) = (30.0, 300.0);
/// Grid points per octave.
const GRID: f64 = 72.0;

/// A period with its support.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Hypothesis {
    /// Frames per beat.
    pub(crate) period: f64,
    /// Log of the support.
    pub(crate) score: f64,
}

/// Up to three hypotheses, best first, from a periodicity curve over lags.
pub(crate) fn hypotheses(curve: &[f32]) -> Vec<Hypothesis> {
    let n = ((RANGE_BPM.1 / RANGE_BPM.0).log2() * GRID) as usize;
    let score = |period: f64| {
        let comb: f64 =
            [1.0, 2.0, 3.0, 4.0].iter().map(|k| periodicity::at(curve, k * period)).sum();
        let octaves = (60.0 * ONSET_FPS / period / PRIOR_BPM).log2() / PRIOR_OCTAVES;
        (comb / 4.0).max(1e-6).ln() - 0.5 * octaves * octaves
    };
    let scores: Vec<(f64, f64)> = (0..=n)
        .map(|i| {
            let bpm = RANGE_BPM.0 * 2_f64.powf(i as f64 / GRID);
            let period = 60.0 * ONSET_FPS / bpm;
            (period, score(period))
        })
        .collect();
    let mut peaks: Vec<Hypothesis> = scores
        .windows(3)
        .filter(|w| w[1].1 > w[0].1 && w[1].1 >= w[2].1)
        .map(|w| Hypothesis { period: w[1].0, score: w[1].1 })
        .collect();
    peaks.sort_by(|a, b| b.score.total_cmp(&a.score));
    peaks.truncate(3);
    peaks
}
