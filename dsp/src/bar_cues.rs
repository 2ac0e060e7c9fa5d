//! What a listener hears at each beat that tells where the bars begin.

use crate::accents::Accents;
use crate::onset::ONSET_FPS;
use crate::pattern::LOOK_AHEAD_S;
use crate::sketch::{N_BANDS, N_BASS, Sketch};

/// Cues of one beat.
pub(crate) const N_CUES: usize = 8;
/// Longest bar, beats.
pub(crate) const MAX_BAR: usize = 7;
/// Longest distance at which repetition is measured, beats.
pub(crate) const MAX_DISTANCE: usize = 2 * MAX_BAR;
/// Places of a beat that are compared with the same places of other beats.
const PLACES: usize = 12;
/// Lengths of the harmony before and after a beat, together, below which a change is no change.
const FAINT: f32 = 0.5;
/// Standard deviation below which a cue is the same at all beats: at least this, and this part of the mean. Onsets fall
/// between frames, which moves their heights by a tenth.
const EVEN: (f32, f32) = (0.2, 0.25);
/// Variance of the accents within a beat, as a part of their mean square, that counts for nothing, for the same reason.
const ALIKE: f64 = 0.05;
/// Frames on either side of a beat in which its accent is looked for.
const REACH: usize = 2;

/// Cues at the beats of one recording.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BarCues {
    /// For each beat: accent of the low, middle and high band, accent of a beat, change of the bass and of the pitch
    /// classes from the beat before, and both from the two beats before to the two that begin here. Each has mean 0
    /// and standard deviation 1 over the recording; less where it hardly varies.
    pub(crate) beats: Vec<[f32; N_CUES]>,
    /// Correlation of the accents within a beat with those that many beats later, −1..=1; 1 at 0.
    pub(crate) rhythm_repeats: [f64; MAX_DISTANCE + 1],
    /// The same of bass and pitch classes.
    pub(crate) harmony_repeats: [f64; MAX_DISTANCE + 1],
    /// Standard deviation of the accents of the beats over their mean.
    pub(crate) accent_variation: f64,
    /// Mean square of what sets bass and pitch classes of a beat apart from those of the mean beat, in doublings of level.
    pub(crate) harmony_variance: f64,
}

impl BarCues {
    pub(crate) fn new(accents: &Accents, sketch: &Sketch, beats_s: &[f64]) -> Self {
        let harmony =
            centred(spans(beats_s).map(|(from_s, to_s)| sketch.mean(from_s, to_s)).collect());
        let rhythm: Vec<_> =
            spans(beats_s).map(|(from_s, to_s)| places(accents, from_s, to_s)).collect();
        let alike = ALIKE * mean_square(&rhythm);
        let rhythm = centred(rhythm);
        let n = beats_s.len();
        let frame = |time_s: f64| ((time_s - LOOK_AHEAD_S) * ONSET_FPS).round().max(0.0) as usize;
        let top = |envelope: &[f32], frame: usize| {
            let to = (frame + REACH + 1).min(envelope.len());
            let from = frame.saturating_sub(REACH).min(to);
            envelope[from..to].iter().copied().fold(0.0, f32::max)
        };
        let mut beats: Vec<[f32; N_CUES]> = (0..n)
            .map(|k| {
                let frame = frame(beats_s[k]);
                let [low, mid, high] = [0, 1, 2].map(|band| top(&accents.bands[band], frame));
                let (near, wide) = (change(&harmony, k, 1), change(&harmony, k, 2));
                [low, mid, high, top(&accents.beat, frame), near[0], near[1], wide[0], wide[1]]
            })
            .collect();
        let accent_variation = variation(beats.iter().map(|beat| f64::from(beat[3])));
        standardise(&mut beats);
        Self {
            beats,
            rhythm_repeats: repeats(&rhythm, alike),
            harmony_repeats: repeats(&harmony, f64::from(FAINT * FAINT)),
            accent_variation,
            harmony_variance: mean_square(&harmony),
        }
    }
}

/// Begin and end of each beat, seconds; the last beat is as long as the one before.
fn spans(beats_s: &[f64]) -> impl Iterator<Item = (f64, f64)> {
    (0..beats_s.len()).map(|k| {
        let last = match k {
            0 => 0.5,
            k => beats_s[k] - beats_s[k - 1],
        };
        (beats_s[k], beats_s.get(k + 1).copied().unwrap_or(beats_s[k] + last))
    })
}

/// Accents of the three bands at twelve places of a beat.
fn places(accents: &Accents, from_s: f64, to_s: f64) -> [f32; 3 * PLACES] {
    let step = (to_s - from_s) / PLACES as f64;
    std::array::from_fn(|i| {
        let (band, place) = (&accents.bands[i / PLACES], (i % PLACES) as f64);
        let at = |place: f64| {
            (((from_s + place * step - LOOK_AHEAD_S) * ONSET_FPS).round().max(0.0) as usize)
                .min(band.len())
        };
        let (from, to) = (at(place - 0.5), at(place + 0.5));
        band[from..to.max((from + 1).min(band.len()))].iter().copied().fold(0.0, f32::max)
    })
}

/// Vectors minus their mean.
fn centred<const N: usize>(mut vectors: Vec<[f32; N]>) -> Vec<[f32; N]> {
    let mean: [f32; N] = std::array::from_fn(|i| {
        vectors.iter().map(|v| v[i]).sum::<f32>() / vectors.len().max(1) as f32
    });
    for (value, mean) in vectors.iter_mut().flat_map(|v| v.iter_mut().zip(&mean)) {
        *value -= mean;
    }
    vectors
}

/// Change of the bass and of the pitch classes from the `n` beats before beat `k` to the `n` from it on: the distance
/// of the means over the length of both, 0..=2.
fn change(harmony: &[[f32; N_BANDS]], k: usize, n: usize) -> [f32; 2] {
    let mean = |from: usize, to: usize| -> [f32; N_BANDS] {
        std::array::from_fn(|i| {
            harmony[from..to].iter().map(|h| h[i]).sum::<f32>() / (to - from) as f32
        })
    };
    if k == 0 || k >= harmony.len() {
        return [0.0; 2];
    }
    let (before, after) = (mean(k.saturating_sub(n), k), mean(k, (k + n).min(harmony.len())));
    let distance = |from: usize, to: usize| {
        let length = |v: &[f32]| v.iter().map(|x| x * x).sum::<f32>().sqrt();
        let difference: Vec<f32> = (from..to).map(|i| after[i] - before[i]).collect();
        let both = length(&before[from..to]) + length(&after[from..to]);
        2.0 * length(&difference) / both.max(FAINT)
    };
    [distance(0, N_BASS), distance(N_BASS, N_BANDS)]
}

/// Mean 0 and standard deviation 1 for each cue.
fn standardise(beats: &mut [[f32; N_CUES]]) {
    let n = beats.len().max(1) as f32;
    for cue in 0..N_CUES {
        let mean = beats.iter().map(|b| b[cue]).sum::<f32>() / n;
        let variance = beats.iter().map(|b| (b[cue] - mean).powi(2)).sum::<f32>() / n;
        let scale = variance.sqrt().max(EVEN.0).max(EVEN.1 * mean).recip();
        for beat in beats.iter_mut() {
            beat[cue] = (beat[cue] - mean) * scale;
        }
    }
}

/// Standard deviation over the mean; 0 where the mean is.
fn variation(values: impl Iterator<Item = f64>) -> f64 {
    let (mut n, mut sum, mut squares) = (0.0_f64, 0.0, 0.0);
    for value in values {
        n += 1.0;
        sum += value;
        squares += value * value;
    }
    let mean = sum / n.max(1.0);
    if mean > 0.0 { (squares / n - mean * mean).max(0.0).sqrt() / mean } else { 0.0 }
}

/// Sum of the products of the elements.
fn product<const N: usize>(a: &[f32; N], b: &[f32; N]) -> f64 {
    f64::from(a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>())
}

/// Mean squared length.
fn mean_square<const N: usize>(vectors: &[[f32; N]]) -> f64 {
    vectors.iter().map(|v| product(v, v)).sum::<f64>() / vectors.len().max(1) as f64
}

/// Mean product of vectors some beats apart over their mean square, to which `floor` is added.
fn repeats<const N: usize>(vectors: &[[f32; N]], floor: f64) -> [f64; MAX_DISTANCE + 1] {
    let square = mean_square(vectors) + floor;
    std::array::from_fn(|distance| {
        let pairs = vectors.iter().zip(vectors.iter().skip(distance));
        let n = vectors.len().saturating_sub(distance).max(1) as f64;
        if square > 0.0 {
            pairs.map(|(a, b)| product(a, b)).sum::<f64>() / (n * square)
        } else {
            0.0
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onset::OnsetEnvelope;

    #[test]
    fn a_pattern_of_three_beats_repeats_after_three() {
        // Beats 50 frames apart; in each third of them an off-beat, which is also lower.
        let train = |is_there: fn(usize) -> bool| -> Vec<f32> {
            (0..6_000).map(|n| f32::from(u8::from(is_there(n)))).collect()
        };
        let low = train(|n| n % 150 == 0 || n % 150 == 25);
        let [mid, high, rise] = std::array::from_fn(|_| train(|n| n % 50 == 0));
        let onsets = OnsetEnvelope { low, mid, high, rise, ..OnsetEnvelope::default() };
        let beats_s: Vec<f64> = (0..119).map(|k| f64::from(k) * 0.5 + LOOK_AHEAD_S).collect();
        let cues = BarCues::new(&Accents::new(&onsets), &onsets.sketch, &beats_s);
        let r = cues.rhythm_repeats;
        assert!(r[3] > 0.8 && r[6] > 0.8 && r[2] < 0.1 && r[4] < 0.1, "{r:?}");
        assert!(cues.beats[60][0] > 1.0 && cues.beats[61][0] < 0.0, "{:?}", cues.beats[60]);
        // Nothing is known of the harmony.
        assert!(cues.harmony_repeats.iter().all(|v| v.abs() < 1e-9));
        assert!(cues.beats.iter().all(|b| b[4..].iter().all(|v| v.abs() < 1e-6)));
    }

    #[test]
    fn no_beats_have_no_cues() {
        let cues = BarCues::new(&Accents::new(&OnsetEnvelope::default()), &Sketch::default(), &[]);
        assert!(cues.beats.is_empty());
    }
}
