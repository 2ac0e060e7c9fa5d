//! Tatums: into how many equal parts the beats are divided.

use crate::accents::Accents;
use crate::onset::ONSET_FPS;
use crate::pattern::LOOK_AHEAD_S;

/// Places in the beat that are listened to.
const N_PHASES: usize = 24;
/// Thirds louder than this share of halves and quarters make a triplet or a swing.
const THIRDS: f64 = 1.0;
/// Quarters louder than this share of beats and halves are a level of their own.
const QUARTERS: f64 = 0.2;
/// Halves or thirds fainter than this share of the beats are an accident.
const AUDIBLE: f64 = 0.05;

/// Mean accent at each of 24 phases of the beat, over the mean of all phases; 0 everywhere when nothing sounds.
fn phase_profile(accents: &Accents, beats_s: &[f64]) -> [f64; N_PHASES] {
    let e = &accents.sum;
    let mut profile = [0.0; N_PHASES];
    for pair in beats_s.windows(2) {
        let per_phase = (pair[1] - pair[0]) / N_PHASES as f64 * ONSET_FPS;
        let first = (pair[0] - LOOK_AHEAD_S) * ONSET_FPS;
        for (phase, sum) in profile.iter_mut().enumerate() {
            // The largest within a frame or half a phase: an onset lies between two phases as often as on one.
            let reach = (0.5 * per_phase).max(1.0);
            let centre = first + phase as f64 * per_phase;
            let from = (centre - reach).ceil().max(0.0) as usize;
            let to = ((centre + reach).floor().max(0.0) as usize + 1).min(e.len());
            if from < to {
                *sum += f64::from(e[from..to].iter().copied().fold(0.0, f32::max));
            }
        }
    }
    let mean = profile.iter().sum::<f64>() / N_PHASES as f64;
    profile.map(|sum| if mean > 0.0 { sum / mean } else { 0.0 })
}

/// Equal parts of a beat, 1 to 4: the finest of them that is played. Swing gives 3, its last third being played.
///
/// On 204 rendered songs of 68 styles the answer agrees with the notation in 7 of 10; what is left are styles whose finest
/// level is played now and then.
pub(crate) fn tatums_per_beat(accents: &Accents, beats_s: &[f64]) -> u8 {
    let profile = phase_profile(accents, beats_s);
    let around = |phase: usize| {
        [N_PHASES - 1, 0, 1]
            .map(|by| profile[(phase + by) % N_PHASES])
            .into_iter()
            .fold(0.0, f64::max)
    };
    let either = |part: usize| around(N_PHASES / part).max(around(N_PHASES - N_PHASES / part));
    let (beats, halves) = (around(0), around(N_PHASES / 2));
    let (thirds, quarters) = (either(3), either(4));
    if thirds > THIRDS * halves.max(quarters) && thirds > AUDIBLE * beats {
        3
    } else if quarters > QUARTERS * beats.max(halves) {
        4
    } else if halves > AUDIBLE * beats {
        2
    } else {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onset::OnsetEnvelope;

    #[test]
    fn divisions_are_counted() {
        // Beats of 60 frames with softer notes at the given places between them.
        let cases: [(&[usize], u8); 6] =
            [(&[], 1), (&[30], 2), (&[20, 40], 3), (&[40], 3), (&[15, 30, 45], 4), (&[45], 4)];
        for (places, expected) in cases {
            let train: Vec<f32> = (0..3_000)
                .map(|n| match n % 60 {
                    0 => 1.0,
                    phase if places.contains(&phase) => 0.6,
                    _ => 0.0,
                })
                .collect();
            let [low, mid, high, rise] = std::array::from_fn(|_| train.clone());
            let accents =
                Accents::new(&OnsetEnvelope { low, mid, high, rise, ..OnsetEnvelope::default() });
            let beats: Vec<f64> =
                (0..50).map(|k| 60.0 * f64::from(k) / ONSET_FPS + LOOK_AHEAD_S).collect();
            assert_eq!(tatums_per_beat(&accents, &beats), expected, "{places:?}");
        }
    }

    #[test]
    fn nothing_is_not_divided() {
        let accents = Accents::new(&OnsetEnvelope::default());
        assert_eq!(tatums_per_beat(&accents, &[]), 1);
    }
}
