//! Emotion does not move with what is no music, and can be taken apart.
//!
//! Whether it moves as published in general is measured by `benches --bin contrasts`.

use dsp::{Analyzer, Dimension, Emotion};
use fixtures::Contrast;
use fixtures::synth::Song;

const RATE_HZ: u32 = 22_050;

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

#[test]
fn gain_does_not_move_the_values_and_polarity_nothing_at_all() {
    let song = Contrast::Louder.pair(2).1;
    let samples = song.render(RATE_HZ).interleaved();
    let plain = heard(&samples);
    for gain_db in [-15.0, -30.0] {
        let gain = 10f32.powf(gain_db / 20.0);
        let quiet = heard(&samples.iter().map(|x| gain * x).collect::<Vec<_>>());
        // The first sound has to pass −70 dBFS, so a little more of its beginning is lost.
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

/// The contrasts that were right in each of the pairs that were measured (`docs/emotion.md`): the published sign has to hold in
/// every pair here as well.
#[test]
fn sound_density_and_mode_move_the_values_as_published() {
    for seed in 0..3 {
        let moved = |contrast: Contrast, value: fn(&Emotion) -> f64| {
            let (without, with) = contrast.pair(seed);
            value(&emotion(&with)) - value(&emotion(&without))
        };
        let arousal = |emotion: &Emotion| emotion.arousal.value;
        assert!(moved(Contrast::Louder, arousal) > 0.0, "louder, seed {seed}");
        assert!(moved(Contrast::Dense, arousal) > 0.0, "dense, seed {seed}");
        assert!(
            moved(Contrast::Minor, |emotion| emotion.valence.value) < 0.0,
            "minor, seed {seed}"
        );
    }
}
