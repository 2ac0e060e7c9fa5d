//! Cues that tell which of several metrical levels a listener taps.

use crate::accents::Accents;
use crate::evidence::Evidence;
use crate::onset::ONSET_FPS;
use crate::periodicity::Periodicity;
use crate::sketch_change::SketchChange;

/// Beats of a window in which phase and period are held fixed.
const BEATS_PER_WINDOW: f64 = 12.0;
/// Shortest window, frames.
const MIN_WINDOW: f64 = 600.0;
/// Fine tuning of the period inside a window, as factors.
const DETUNE: [f64; 5] = [0.985, 0.9925, 1.0, 1.0075, 1.015];
/// Tempo from which octaves are counted, BPM.
const CENTRE_BPM: f64 = 120.0;

/// Beats after which the pulse of the right tempo repeats, or does not: divisions, the beat, bars.
const PULSE_BEATS: [f64; 6] = [0.25, 0.5, 1.0, 2.0, 4.0, 8.0];
/// Beats after which nothing that is like a beat repeats in the right tempo. They are the beats and bars of the tempi
/// that are a third or a half off it, which dotted rhythms suggest.
const ODD_BEATS: [f64; 6] = [2.0 / 3.0, 0.75, 4.0 / 3.0, 1.5, 8.0 / 3.0, 16.0 / 3.0];
/// Beats after which bass and harmony may change again.
const CHANGE_BEATS: [f64; 3] = [1.0, 2.0, 4.0];
/// All of these, and bars of three.
const BAR_BEATS: [f64; 6] = [1.0, 2.0, 3.0, 4.0, 6.0, 8.0];
/// Accents on the beat below which a ratio to them is not trusted.
const AUDIBLE: f64 = 0.2;
/// Period from which on a place within a beat is five frames wide, frames.
const WIDE_BEAT: f64 = 60.0;
/// Places between two beats where divisions of the beat fall.
const BETWEEN: [f64; 5] = [0.25, 1.0 / 3.0, 0.5, 2.0 / 3.0, 0.75];

/// What one beat period would mean for the recording. Ratios are natural logarithms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cues {
    /// Octaves above [`CENTRE_BPM`].
    pub(crate) octaves: f64,
    /// Periodicity of the pulse after each of [`PULSE_BEATS`], over the strongest periodicity.
    pub(crate) pulse: [f64; 6],
    /// The largest periodicity of beat-like accents after any of [`ODD_BEATS`], over the strongest.
    pub(crate) odd_beats: f64,
    /// Periodicity of the change of bass and harmony after each of [`CHANGE_BEATS`], over the strongest.
    pub(crate) changes: [f64; 3],
    /// The largest of it after any of [`BAR_BEATS`].
    pub(crate) bars: f64,
    /// Accents on the beats.
    pub(crate) on_beat: f64,
    /// Accents on a third of the beat over those in the middle of it.
    pub(crate) thirds: f64,
    /// High-band accents 5/12 into the beat, and middle-band accents 10/12 into it, where no even division of the right
    /// beat falls, over those on the beat.
    pub(crate) high_astray: f64,
    pub(crate) mid_astray: f64,
    /// Change of the bass on the beats over that between them.
    pub(crate) bass_on_beat: f64,
    /// 1..=4: change of the bass on every fourth beat over that on all beats.
    pub(crate) bass_by_four: f64,
    /// Accents anywhere between the beats over those on the beats, all bands.
    pub(crate) between: f64,
    /// 0..=1: the largest difference of any band from one beat to the next.
    pub(crate) inequality: f64,
    /// Onsets per beat, natural logarithm.
    pub(crate) onsets_per_beat: f64,
}

impl Cues {
    /// Cues of beats `period` frames apart.
    pub(crate) fn new(evidence: &Evidence<'_>, period: f64) -> Self {
        let largest = |periodicity: &Periodicity, beats: &[f64]| {
            beats.iter().map(|beats| periodicity.near(beats * period)).fold(f64::MIN, f64::max)
        };
        let fold = Fold::new(evidence.accents, &evidence.change, period);
        let beat = |phase: usize| log_ratio(fold.beat[phase], fold.beat[0].max(AUDIBLE));
        Self {
            octaves: (60.0 * ONSET_FPS / period / CENTRE_BPM).log2(),
            pulse: PULSE_BEATS.map(|beats| evidence.pulse.near(beats * period)),
            odd_beats: largest(&evidence.beats, &ODD_BEATS),
            changes: CHANGE_BEATS.map(|beats| evidence.changes.near(beats * period)),
            bars: largest(&evidence.changes, &BAR_BEATS),
            on_beat: log_ratio(fold.on_beat.iter().sum(), 1.2),
            thirds: beat(1).max(beat(3)) - beat(2),
            high_astray: log_ratio(fold.high_astray, fold.on_beat[2].max(AUDIBLE)),
            mid_astray: log_ratio(fold.mid_astray, fold.on_beat[1].max(AUDIBLE)),
            bass_on_beat: fold.bass_on_beat,
            bass_by_four: fold.bass_by_four,
            between: log_ratio(fold.between, fold.on_beat.iter().sum()),
            inequality: fold.alternation.iter().copied().fold(0.0, f64::max),
            onsets_per_beat: (evidence.onset_rate_hz * period / ONSET_FPS).max(1e-3).ln(),
        }
    }
}

/// Natural logarithm of a ratio, tame when either side vanishes.
fn log_ratio(a: f64, b: f64) -> f64 {
    ((a + 0.05) / (b + 0.05)).ln()
}

/// Mean accents at fixed places of the beat, and the bass beside them.
#[derive(Default)]
struct Fold {
    on_beat: [f64; 3],
    /// Accents of beats at 0, 1/3, 1/2 and 2/3 of the beat.
    beat: [f64; 4],
    high_astray: f64,
    mid_astray: f64,
    /// Largest sum over the bands at any of [`BETWEEN`].
    between: f64,
    alternation: [f64; 3],
    bass_on_beat: f64,
    bass_by_four: f64,
}

impl Fold {
    /// Lays a pulse train of `period` over each window, where it meets the most accents.
    fn new(accents: &Accents, change: &SketchChange, period: f64) -> Self {
        let n = accents.len() as f64;
        let window = (period * BEATS_PER_WINDOW).max(MIN_WINDOW).min(n);
        let n_windows = (n / window).floor().max(1.0);
        // Within a fast beat the places lie close together.
        let reach = if period > WIDE_BEAT { 2 } else { 1 };
        let mut fold = Self::default();
        let mut start = 0.0;
        for _ in 0..n_windows as usize {
            let end = (start + window).min(n - 1.0);
            let (first, p) = best_train(&accents.sum, start, end, period);
            let mean = |band: usize, offset: f64, step: f64, reach: usize| {
                pulse_mean(&accents.bands[band], first + offset * p, step * p, end, reach)
            };
            for band in 0..3 {
                let (even, odd) = (mean(band, 0.0, 2.0, 2), mean(band, 1.0, 2.0, 2));
                fold.on_beat[band] += 0.5 * (even + odd);
                fold.alternation[band] += (even - odd).abs() / (even + odd + 0.2);
            }
            for (sum, phase) in fold.beat.iter_mut().zip([0.0, 1.0 / 3.0, 0.5, 2.0 / 3.0]) {
                let reach = if phase > 0.0 { reach } else { 2 };
                *sum += pulse_mean(&accents.beat, first + phase * p, p, end, reach);
            }
            fold.high_astray += mean(2, 5.0 / 12.0, 1.0, reach);
            fold.mid_astray += mean(1, 10.0 / 12.0, 1.0, reach);
            fold.between += BETWEEN
                .map(|phase| (0..3).map(|band| mean(band, phase, 1.0, 2)).sum::<f64>())
                .into_iter()
                .fold(0.0, f64::max);
            fold.bass_on_beat += change.on_beat_over_half(first, p, end);
            fold.bass_by_four += change.every_fourth(first, p, end);
            start += window;
        }
        let sums = fold.on_beat.iter_mut().chain(&mut fold.alternation).chain(&mut fold.beat);
        for sum in sums.chain([
            &mut fold.high_astray,
            &mut fold.mid_astray,
            &mut fold.between,
            &mut fold.bass_on_beat,
            &mut fold.bass_by_four,
        ]) {
            *sum /= n_windows;
        }
        fold
    }
}

/// First pulse and period of the train near `period` with the largest mean.
fn best_train(envelope: &[f32], start: f64, end: f64, period: f64) -> (f64, f64) {
    let mut best = (f64::NEG_INFINITY, start, period);
    // Sum and number of the pulses of the trains that begin at `start`, one frame later, and so on.
    let mut trains: Vec<(f64, f64)> = Vec::new();
    for factor in DETUNE {
        let p = period * factor;
        trains.clear();
        trains.resize(p as usize, (0.0, 0.0));
        let mut t = start;
        while t < end {
            let near = &envelope[(t as usize).min(envelope.len())..];
            let n_before_end = (end - t).ceil() as usize;
            for ((sum, n), value) in trains.iter_mut().zip(near).take(n_before_end) {
                *sum += f64::from(*value);
                *n += 1.0;
            }
            t += p;
        }
        for (phase, (sum, n)) in trains.iter().enumerate() {
            let mean = sum / n.max(1.0);
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

    /// Pulses every `period` frames in all bands.
    fn pulses(period: usize) -> Accents {
        let train: Vec<f32> = (0..3000).map(|n| f32::from(n % period == 7)).collect();
        Accents::new(&OnsetEnvelope {
            low: train.clone(),
            mid: train.clone(),
            high: train.clone(),
            rise: train,
            ..OnsetEnvelope::default()
        })
    }

    #[test]
    fn right_period_has_accents_on_all_beats() {
        let accents = pulses(50);
        let evidence = Evidence::new(&accents, &OnsetEnvelope::default());
        let right = Cues::new(&evidence, 50.0);
        let fast = Cues::new(&evidence, 25.0);
        assert!(right.inequality < 0.05, "{right:?}");
        assert!(fast.inequality > 0.8, "{fast:?}");
        assert!(right.between < -2.0, "{right:?}");
        assert!(right.high_astray < -2.0 && right.mid_astray < -2.0, "{right:?}");
        assert!(right.pulse[2] > 0.9 && right.pulse[1] < 0.3, "{right:?}");
        // Three beats of the tempo that is a third too fast are four of these.
        let third = Cues::new(&evidence, 37.5);
        assert!(right.odd_beats < 0.3 && third.odd_beats > 0.9, "{third:?}");
        assert!(right.onsets_per_beat.abs() < 0.05, "{right:?}");
    }
}
