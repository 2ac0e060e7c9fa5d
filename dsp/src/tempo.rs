//! Tempo hypotheses: which periods the accents support, and which of them a listener taps.

use crate::cues::Cues;
use crate::evidence::Evidence;
use crate::onset::ONSET_FPS;
use crate::periodicity::Periodicity;

/// Searched range, BPM. The prior, not this window, decides between octaves.
const RANGE_BPM: (f64, f64) = (30.0, 300.0);
/// Grid points per octave.
const GRID: f64 = 72.0;
/// Peaks of the comb score whose relatives are weighed.
const N_PEAKS: usize = 4;
/// Metrical relatives of a peak, as factors of its period.
const RELATIVES: [f64; 9] = [1.0, 2.0, 0.5, 3.0, 1.0 / 3.0, 1.5, 2.0 / 3.0, 4.0, 0.25];
/// Two periods closer than this are one.
const SAME: f64 = 0.03;

/// Weight of equal beats with nothing between them: then there is no other level to tap. Fitted by nothing
/// but metronomes.
const LONELY: f64 = 20.0;
/// Emptiness between the beats from which on it counts, natural logarithm: metronomes of 40 to 250 BPM reach 5.6, seven
/// of 635 pieces of music 4.1 to 5.3, the others less than 4.
const LONELY_FROM: f64 = 5.0;

/// Emptiness between the beats that music reaches, natural logarithm; what is emptier is for [`LONELY`] to weigh.
const EMPTIEST: f64 = -2.0;

/// Weights of [`terms`].
const WEIGHTS: [f64; 23] = [
    12.044, 20.26, 0.026, -3.325, 1.498, -2.082, -1.165, 2.122, 0.247, 1.5, 2.449, -3.677, 1.509,
    -0.622, 0.427, 1.773, -0.405, -1.301, -1.045, 4.49, 3.155, 0.713, -0.797,
];

/// A beat period with its support.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Hypothesis {
    /// Frames per beat.
    pub(crate) period: f64,
    /// Probability among all hypotheses, 0..=1.
    pub(crate) probability: f64,
    /// What speaks for it.
    pub(crate) cues: Cues,
}

/// All hypotheses, most likely first; empty when nothing repeats.
///
/// Peaks of a comb over the autocorrelation and their metrical relatives are weighed by a conditional
/// logistic model. The weights were fitted on 635 development recordings (bands of 80 styles, chorales, quartets, game
/// music, drum loops). On pieces and styles that are held out from the fit the first hypothesis is within 4 % in 88 of 100,
/// and its probability is right as often as it says (expected calibration error 0.02).
pub(crate) fn hypotheses(evidence: &Evidence<'_>) -> Vec<Hypothesis> {
    let grid = comb_scores(&evidence.pulse);
    let mut peaks: Vec<(f64, f64)> =
        grid.windows(3).filter(|w| w[1].1 > w[0].1 && w[1].1 >= w[2].1).map(|w| w[1]).collect();
    peaks.sort_by(|a, b| b.1.total_cmp(&a.1));
    peaks.truncate(N_PEAKS);

    let mut periods: Vec<f64> = Vec::new();
    for period in peaks.iter().flat_map(|peak| RELATIVES.map(|factor| peak.0 * factor)) {
        // The best point of the grid nearby: relatives of a rounded period are off by more than it.
        let near = grid.iter().filter(|point| same(point.0, period));
        if let Some(&(period, _)) = near.max_by(|a, b| a.1.total_cmp(&b.1))
            && periods.iter().all(|&known| !same(known, period))
        {
            periods.push(period);
        }
    }
    let weighed: Vec<(f64, Cues, f64)> = periods
        .into_iter()
        .map(|period| {
            let cues = Cues::new(evidence, period);
            (period, cues, support(&cues, evidence))
        })
        .collect();
    let top = weighed.iter().map(|w| w.2).fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = weighed.iter().map(|w| (w.2 - top).exp()).sum();
    let mut found: Vec<Hypothesis> = weighed
        .into_iter()
        .map(|(period, cues, support)| Hypothesis {
            period,
            cues,
            probability: (support - top).exp() / total,
        })
        .collect();
    found.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    found
}

/// Whether two periods are the same tempo.
fn same(a: f64, b: f64) -> bool {
    (a / b - 1.0).abs() < SAME
}

/// Log support of a hypothesis.
fn support(cues: &Cues, evidence: &Evidence<'_>) -> f64 {
    let weighed: f64 = WEIGHTS.iter().zip(terms(cues, evidence)).map(|(w, term)| w * term).sum();
    let lonely = (-cues.between - LONELY_FROM).max(0.0) * (1.0 - 5.0 * cues.inequality).max(0.0);
    weighed + LONELY * lonely
}

/// What [`WEIGHTS`] weigh. The first four are the soft prior, whose centre rises with drums.
pub(crate) fn terms(cues: &Cues, evidence: &Evidence<'_>) -> [f64; WEIGHTS.len()] {
    let [quarter, half, one, two, four, eight] = cues.pulse;
    let [change_one, change_two, change_four] = cues.changes;
    [
        cues.octaves * (evidence.high_share - 0.3),
        cues.octaves * (evidence.low_share - 0.15),
        cues.octaves,
        cues.octaves * cues.octaves,
        cues.on_beat,
        quarter,
        half,
        one,
        two,
        four,
        eight,
        cues.odd_beats,
        change_one,
        change_two,
        change_four,
        cues.bars,
        cues.thirds,
        cues.high_astray,
        cues.mid_astray,
        cues.bass_on_beat,
        cues.bass_by_four,
        cues.between.max(EMPTIEST),
        cues.onsets_per_beat * cues.onsets_per_beat,
    ]
}

/// Period and comb score on a logarithmic grid: periodicity after one to four beats under a weak
/// log-normal prior. Used to find candidates, not to choose among them.
fn comb_scores(periodicity: &Periodicity) -> Vec<(f64, f64)> {
    let n = ((RANGE_BPM.1 / RANGE_BPM.0).log2() * GRID) as usize;
    (0..=n)
        .map(|i| {
            let bpm = RANGE_BPM.0 * 2_f64.powf(i as f64 / GRID);
            let period = 60.0 * ONSET_FPS / bpm;
            let comb: f64 =
                [1.0, 2.0, 3.0, 4.0].iter().map(|k| periodicity.after(k * period)).sum();
            let octaves = (bpm / 118.0).log2() / 0.8;
            (period, (comb / 4.0).max(1e-6).ln() - 0.5 * octaves * octaves)
        })
        .collect()
}
