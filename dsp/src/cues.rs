//! Cues that tell which of several metrical levels a listener taps.

use crate::accents::Accents;
use crate::onset::ONSET_FPS;
use crate::periodicity::{Periodicity, at};

/// Beats of a window in which phase and period are held fixed.
const BEATS_PER_WINDOW: f64 = 12.0;
/// Shortest window, frames.
const MIN_WINDOW: f64 = 600.0;
/// Fine tuning of the period inside a window, as factors.
const DETUNE: [f64; 5] = [0.985, 0.9925, 1.0, 1.0075, 1.015];
/// Tempo from which octaves are counted, BPM.
const CENTRE_BPM: f64 = 120.0;

/// Places between two beats where divisions of the beat fall.
const BETWEEN: [f64; 5] = [0.25, 1.0 / 3.0, 0.5, 2.0 / 3.0, 0.75];

/// What one beat period would mean for the recording. Ratios are natural logarithms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cues {
    /// Octaves above [`CENTRE_BPM`].
    pub(crate) octaves: f64,
    /// Periodicity after half a beat, one and four beats, over the strongest periodicity.
    pub(crate) half: f64,
    pub(crate) one: f64,
    pub(crate) four: f64,
    /// Accents on the beats.
    pub(crate) on_beat: f64,
    /// Middle-band accents between the beats over those on the beats.
    pub(crate) off_beat: f64,
    /// Accents anywhere between the beats over those on the beats, all bands.
    pub(crate) between: f64,
    /// 0..=1: how much the middle band differs from one beat to the next (a backbeat does).
    pub(crate) alternation: f64,
    /// 0..=1: the largest difference of any band from one beat to the next.
    pub(crate) inequality: f64,
    /// Onsets per beat, natural logarithm.
    pub(crate) onsets_per_beat: f64,
}

impl Cues {
    /// Cues of beats `period` frames apart.
    pub(crate) fn new(
        accents: &Accents,
        periodicity: &Periodicity,
        onset_rate_hz: f64,
        period: f64,
    ) -> Self {
        let curve = &periodicity.curve;
        let top = periodicity.strongest().max(1e-6);
        let repeats = |beats: f64| at(curve, beats * period) / top;
        let fold = Fold::new(accents, period);
        Self {
            octaves: (60.0 * ONSET_FPS / period / CENTRE_BPM).log2(),
            half: repeats(0.5),
            one: repeats(1.0),
            four: repeats(4.0),
            on_beat: log_ratio(fold.on_beat.iter().sum(), 1.2),
            off_beat: log_ratio(fold.off_beat_mid, fold.on_beat[1]),
            between: log_ratio(fold.between, fold.on_beat.iter().sum()),
            alternation: fold.alternation[1],
            inequality: fold.alternation.iter().copied().fold(0.0, f64::max),
            onsets_per_beat: (onset_rate_hz * period / ONSET_FPS).max(1e-3).ln(),
        }
    }
}

/// Natural logarithm of a ratio, tame when either side vanishes.
fn log_ratio(a: f64, b: f64) -> f64 {
    ((a + 0.05) / (b + 0.05)).ln()
}

/// Mean accents at fixed places of the beat.
struct Fold {
    on_beat: [f64; 3],
    off_beat_mid: f64,
    /// Largest sum over the bands at any of [`BETWEEN`].
    between: f64,
    alternation: [f64; 3],
}

impl Fold {
    /// Lays a pulse train of `period` over each window, where it meets the most accents.
    fn new(accents: &Accents, period: f64) -> Self {
        let n = accents.len() as f64;
        let window = (period * BEATS_PER_WINDOW).max(MIN_WINDOW).min(n);
        let n_windows = (n / window).floor().max(1.0);
        let mut fold =
            Self { on_beat: [0.0; 3], off_beat_mid: 0.0, between: 0.0, alternation: [0.0; 3] };
        let mut start = 0.0;
        for _ in 0..n_windows as usize {
            let end = (start + window).min(n - 1.0);
            let (first, p) = best_train(&accents.sum, start, end, period);
            let mean = |band: usize, offset: f64, step: f64| {
                pulse_mean(&accents.bands[band], first + offset * p, step * p, end, 2)
            };
            for band in 0..3 {
                let (even, odd) = (mean(band, 0.0, 2.0), mean(band, 1.0, 2.0));
                fold.on_beat[band] += 0.5 * (even + odd);
                fold.alternation[band] += (even - odd).abs() / (even + odd + 0.2);
            }
            fold.off_beat_mid += mean(1, 0.5, 1.0);
            fold.between += BETWEEN
                .map(|phase| (0..3).map(|band| mean(band, phase, 1.0)).sum::<f64>())
                .into_iter()
                .fold(0.0, f64::max);
            start += window;
        }
        for sum in fold.on_beat.iter_mut().chain(&mut fold.alternation) {
            *sum /= n_windows;
        }
        fold.off_beat_mid /= n_windows;
        fold.between /= n_windows;
        fold
    }
}

/// First pulse and period of the train near `period` with the largest mean.
fn best_train(envelope: &[f32], start: f64, end: f64, period: f64) -> (f64, f64) {
    let mut best = (f64::NEG_INFINITY, start, period);
    for factor in DETUNE {
        let p = period * factor;
        for phase in 0..p as usize {
            let mean = pulse_mean(envelope, start + phase as f64, p, end, 0);
            if mean > best.0 {
                best = (mean, start + phase as f64, p);
            }
        }
    }
    (best.1, best.2)
}

/// Mean over pulses from `first` to `end`, each the largest value within `reach` frames.
fn pulse_mean(envelope: &[f32], first: f64, step: f64, end: f64, reach: usize) -> f64 {
    let (mut sum, mut n, mut t) = (0.0, 0.0_f64, first);
    while t < end {
        let i = t as usize;
        let near = &envelope[i.saturating_sub(reach)..(i + reach + 1).min(envelope.len())];
        sum += f64::from(near.iter().copied().fold(0.0, f32::max));
        n += 1.0;
        t += step;
    }
    sum / n.max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onset::OnsetEnvelope;
    use crate::sketch::Sketch;

    /// Pulses every `period` frames in all bands.
    fn pulses(period: usize) -> Accents {
        let train: Vec<f32> = (0..3000).map(|n| f32::from(n % period == 7)).collect();
        Accents::new(&OnsetEnvelope {
            low: train.clone(),
            mid: train.clone(),
            high: train.clone(),
            rise: train,
            n_loud_frames: 3000,
            sketch: Sketch::default(),
        })
    }

    #[test]
    fn right_period_has_accents_on_all_beats() {
        let accents = pulses(50);
        let periodicity = Periodicity::new(&accents.sum);
        let right = Cues::new(&accents, &periodicity, 2.0, 50.0);
        let fast = Cues::new(&accents, &periodicity, 2.0, 25.0);
        assert!(right.alternation < 0.05, "{right:?}");
        assert!(fast.alternation > 0.8, "{fast:?}");
        assert!(right.off_beat < -2.0, "{right:?}");
        assert!(right.one > 0.9 && right.half < 0.3, "{right:?}");
        assert!(right.onsets_per_beat.abs() < 1e-9);
    }
}
