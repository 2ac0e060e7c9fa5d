//! On which of the places that repeat with the beat the beats lie.

use crate::accents::Accents;
use crate::bar_cues::BarCues;
use crate::onset::ONSET_FPS;
use crate::pattern::LOOK_AHEAD_S;
use crate::sketch::{N_BASS, Sketch};

/// Places after the beats of the tracker where the beats may be in truth, beats.
const PLACES: [f64; 6] = [0.0, 0.25, 1.0 / 3.0, 0.5, 2.0 / 3.0, 0.75];
/// Frames on either side of a place in which its accent is looked for.
const REACH: usize = 2;
/// What is added to a mean accent and to a difference of the bass before their logarithm is taken.
const FAINT: (f64, f64) = (0.15, 0.1);
/// Probability below which the beats stay where they are.
const MIN_PROBABILITY: f64 = 0.5;
/// Number of cues of one place.
const N_CUES: usize = 11;
/// Weights of [`cues`].
const WEIGHTS: [f64; N_CUES] =
    [-1.818, 0.178, 0.265, 0.312, 1.302, -1.251, 1.138, 3.038, 3.149, 1.227, -2.546];

/// The place of the beats after `beats_s`, as a part of a beat: 0 where they are the beats already.
///
/// The accents alone do not tell: off-beat chords and rim shots are as loud as the beats. What is weighed beside them is
/// what happens between the beats, where the bass stays, and which beats begin a bar. A conditional logistic model.
pub(crate) fn beat_phase(accents: &Accents, sketch: &Sketch, beats_s: &[f64]) -> f64 {
    let support = PLACES.map(|place| {
        let terms = cues(accents, sketch, beats_s, place);
        WEIGHTS.iter().zip(terms).map(|(weight, cue)| weight * cue).sum::<f64>()
    });
    let top = support.into_iter().fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = support.iter().map(|s| (s - top).exp()).sum();
    let best = (0..PLACES.len()).max_by(|&a, &b| support[a].total_cmp(&support[b])).unwrap_or(0);
    if total.recip() >= MIN_PROBABILITY { PLACES[best] } else { 0.0 }
}

/// `frames` of beats moved by `place` of a beat each, those within `n_frames`; one more before the first if there is room.
pub(crate) fn moved(frames: &[usize], place: f64, n_frames: usize) -> Vec<usize> {
    if place <= 0.0 || frames.len() < 2 {
        return frames.to_vec();
    }
    let interval = |k: usize| {
        let k = k.clamp(1, frames.len() - 1);
        (frames[k] - frames[k - 1]) as f64
    };
    let first = frames[0] as f64 - (1.0 - place) * interval(1);
    let rest = (0..frames.len()).map(|k| frames[k] as f64 + place * interval(k + 1));
    let all = std::iter::once(first).chain(rest);
    // The frame before is looked at first.
    all.filter(|&frame| frame >= 1.0)
        .map(|f| f.round() as usize - 1)
        .filter(|&f| f < n_frames)
        .collect()
}

/// What speaks for beats at `place`.
pub(crate) fn cues(
    accents: &Accents,
    sketch: &Sketch,
    beats_s: &[f64],
    place: f64,
) -> [f64; N_CUES] {
    let n_beats = beats_s.len().max(1) as f64;
    let mean = |envelope: &[f32], place: f64| {
        let tops = at(beats_s, place.fract()).map(|time_s| {
            let frame = ((time_s - LOOK_AHEAD_S) * ONSET_FPS).round().max(0.0) as usize;
            let to = (frame + REACH + 1).min(envelope.len());
            let near = &envelope[frame.saturating_sub(REACH).min(to)..to];
            f64::from(near.iter().copied().fold(0.0, f32::max))
        });
        (tops.sum::<f64>() / n_beats + FAINT.0).ln()
    };
    let times_s: Vec<f64> = at(beats_s, place).collect();
    let bars = BarCues::new(accents, sketch, &times_s);
    // Mean of a cue on every `bar`-th beat, of those beats where it is largest.
    let in_bars = |cue: usize, bar: usize| {
        let of_phase = |phase: usize| {
            let beats = bars.beats.iter().skip(phase).step_by(bar);
            let n = beats.len().max(1) as f64;
            beats.map(|beat| f64::from(beat[cue])).sum::<f64>() / n
        };
        (0..bar).map(of_phase).fold(f64::NEG_INFINITY, f64::max)
    };
    let [low, mid, high] = &accents.bands;
    [
        if place > 0.0 { 1.0 } else { 0.0 },
        mean(low, place),
        mean(mid, place),
        mean(high, place),
        mean(&accents.beat, place),
        mean(high, place + 0.25),
        mean(mid, place + 0.5),
        in_bars(4, 4),
        in_bars(5, 2),
        in_bars(1, 2).max(in_bars(1, 3)).max(in_bars(1, 4)),
        bass_within(sketch, &times_s),
    ]
}

/// Times `place` of a beat after each of the beats; the last is as long as the one before.
fn at(beats_s: &[f64], place: f64) -> impl Iterator<Item = f64> {
    (0..beats_s.len()).map(move |k| {
        let next = (k + 1).min(beats_s.len() - 1).max(1);
        let length_s = if beats_s.len() > 1 { beats_s[next] - beats_s[next - 1] } else { 0.0 };
        beats_s[k] + place * length_s
    })
}

/// How much the bass of the second half of a beat differs from that of the first, natural logarithm.
fn bass_within(sketch: &Sketch, times_s: &[f64]) -> f64 {
    let differences = times_s.windows(2).map(|beat| {
        let middle_s = 0.5 * (beat[0] + beat[1]);
        let (first, second) = (sketch.mean(beat[0], middle_s), sketch.mean(middle_s, beat[1]));
        let pairs = first[..N_BASS].iter().zip(&second[..N_BASS]);
        f64::from(pairs.map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt())
    });
    (differences.sum::<f64>() / times_s.len().max(1) as f64 + FAINT.1).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onset::OnsetEnvelope;

    #[test]
    fn moved_beats_keep_their_distances() {
        // Half a beat on, less the frame that is looked at first; the beat before the first would be at frame 0.
        assert_eq!(moved(&[50, 150, 250], 0.5, 300), [99, 199, 299]);
        assert_eq!(moved(&[60, 160, 260], 0.5, 300), [9, 109, 209]);
        assert_eq!(moved(&[50, 150, 250], 0.0, 300), [50, 150, 250]);
        assert_eq!(moved(&[50], 0.5, 300), [50]);
    }

    #[test]
    fn beats_are_where_everything_sounds() {
        for (place, late) in [(0.0, 0), (0.5, 30)] {
            let train: Vec<f32> = (0..3_000).map(|n| f32::from(n % 60 == late)).collect();
            let [low, mid, high, rise] = std::array::from_fn(|_| train.clone());
            let onsets = OnsetEnvelope { low, mid, high, rise, ..OnsetEnvelope::default() };
            let beats_s: Vec<f64> = (0..49).map(|k| 0.6 * f64::from(k) + LOOK_AHEAD_S).collect();
            let found = beat_phase(&Accents::new(&onsets), &onsets.sketch, &beats_s);
            assert!((found - place).abs() < 1e-9, "{found}, not {place}");
        }
    }

    #[test]
    fn nothing_stays_where_it_is() {
        let accents = Accents::new(&OnsetEnvelope::default());
        assert!(beat_phase(&accents, &Sketch::default(), &[]).abs() < 1e-9);
    }
}
