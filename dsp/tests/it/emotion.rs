//! Emotion moves where listeners hear it move, and nowhere else.

use dsp::{Analyzer, Dimension, Emotion};
use fixtures::contrasts::{self, Contrast, EXPECTATIONS};
use fixtures::synth::Song;

const RATE_HZ: u32 = 22_050;
/// Pairs of each contrast; `benches --bin contrasts` measures more.
const N_SEEDS: u64 = 4;

fn heard(samples: &[f32]) -> Emotion {
    let mut analyzer = Analyzer::new(RATE_HZ, 2).unwrap();
    analyzer.push(samples).unwrap();
    analyzer.finish().emotion.unwrap()
}

fn emotion(song: &Song) -> Emotion {
    heard(&song.render(RATE_HZ).interleaved())
}

fn all(emotion: &Emotion) -> [&Dimension; 8] {
    let Emotion { valence, arousal, tension, concepts, .. } = emotion;
    let dsp::Concepts { happy, sad, tender, anger, fear } = concepts;
    [valence, arousal, tension, happy, sad, tender, anger, fear]
}

/// The bound is that of the project: 95 % of the pairs, over all contrasts.
#[test]
fn contrasts_move_valence_and_arousal_as_published() {
    let (mut n_right, mut n_pairs, mut wrong) = (0.0, 0.0, Vec::new());
    for contrast in fixtures::CONTRASTS {
        for seed in 0..N_SEEDS {
            let (without, with) = contrast.pair(seed);
            let (without, with) = (emotion(&without), emotion(&with));
            for expected in EXPECTATIONS.iter().filter(|it| it.contrast == contrast) {
                let value = |emotion: &Emotion| match expected.dimension {
                    contrasts::Dimension::Valence => emotion.valence.value,
                    contrasts::Dimension::Arousal => emotion.arousal.value,
                };
                let moved = expected.sign * (value(&with) - value(&without));
                n_pairs += 1.0;
                if moved > 0.0 {
                    n_right += 1.0;
                } else {
                    wrong.push((contrast, expected.dimension, seed, moved));
                }
            }
        }
    }
    assert!(n_right / n_pairs >= 0.95, "{wrong:?}");
}

#[test]
fn gain_moves_no_value_and_polarity_nothing_at_all() {
    let song = Contrast::Louder.pair(2).1;
    let samples = song.render(RATE_HZ).interleaved();
    let plain = heard(&samples);
    for gain_db in [-15.0, -30.0] {
        let gain = 10f32.powf(gain_db / 20.0);
        let quiet = heard(&samples.iter().map(|x| gain * x).collect::<Vec<_>>());
        for (a, b) in all(&plain).into_iter().zip(all(&quiet)) {
            assert!((a.value - b.value).abs() <= 0.02, "{gain_db} dB: {a:?} became {b:?}");
        }
    }
    let turned: Vec<f32> = samples.iter().map(|x| -x).collect();
    assert_eq!(heard(&turned), plain);
}

#[test]
fn every_value_is_what_its_features_add_to_and_the_curve_lies_around_it() {
    for seed in 0..3 {
        let emotion = emotion(&Song::random(seed));
        for value in all(&emotion) {
            let sum: f64 = value.contributions.iter().map(|it| it.amount).sum();
            assert!((value.intercept + sum - value.value).abs() < 1e-9, "{value:?}");
            assert!((-1.0..=1.0).contains(&value.value) && (0.0..=0.5).contains(&value.confidence));
        }
        let points: Vec<_> = emotion.curve.iter().flatten().collect();
        assert!(points.len() >= 18, "{}", points.len());
        let mean = points.iter().map(|point| point.arousal).sum::<f64>() / points.len() as f64;
        // The mean of bent sums is not the bent mean.
        assert!((mean - emotion.arousal.value).abs() < 0.1, "{mean} {}", emotion.arousal.value);
    }
}
