//! Nothing that can be pushed makes the analysis panic, hang or give NaN.

use dsp::{Analysis, Analyzer, Reason};
use fixtures::{noise, sine};

fn analyze(rate_hz: u32, n_channels: u32, samples: &[f32]) -> Analysis {
    let mut analyzer = Analyzer::new(rate_hz, n_channels).unwrap();
    analyzer.push(samples).unwrap();
    analyzer.finish()
}

/// Everything that is known is a finite number within its range.
fn check(analysis: &Analysis) {
    // The text of NaN and infinity in every field, without naming the fields.
    let text = format!("{analysis:?}");
    assert!(!text.contains("NaN"), "{text}");
    assert!(!text.contains("inf"), "{text}");
    if let Ok(spectral) = &analysis.spectral {
        assert!((0.0..=1.0).contains(&spectral.flatness.mean));
        assert!((0.0..=1.0).contains(&spectral.zero_crossing_rate.mean));
        assert!(spectral.chroma.iter().all(|value| (0.0..=1.0).contains(value)));
        assert_eq!(spectral.mfcc_covariance.len(), 210);
    }
    if let Ok(emotion) = &analysis.emotion {
        for dimension in [&emotion.valence, &emotion.arousal, &emotion.tension] {
            assert!((-1.0..=1.0).contains(&dimension.value));
            assert!((0.0..=1.0).contains(&dimension.confidence));
        }
    }
}

#[test]
fn nothing_is_too_short() {
    let analysis = analyze(44100, 2, &[]);
    assert_eq!(analysis.spectral, Err(Reason::TooShort));
    assert_eq!(analysis.loudness, Err(Reason::TooShort));
    assert_eq!(analysis.key, Err(Reason::TooShort));
    assert_eq!(analysis.emotion, Err(Reason::TooShort));
    assert!(analysis.input.duration_s <= 0.0);
}

#[test]
fn any_length_has_an_answer() {
    for n in [1, 2, 3, 511, 512, 2047, 2048, 2049, 17_640, 44_099, 132_299, 132_300, 132_301] {
        check(&analyze(44100, 1, &noise(5, n)));
        check(&analyze(44100, 1, &sine(440.0, 44100, n)));
    }
}

#[test]
fn constants_have_an_answer() {
    for level in [1.0, -1.0, 0.25] {
        check(&analyze(44100, 1, &vec![level; 220_500]));
    }
}

#[test]
fn invalid_samples_are_read_as_zero_and_counted() {
    let clean = sine(440.0, 44100, 220_500);
    let mut zeroed = clean.clone();
    let mut broken = clean;
    for (i, bad) in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -f32::NAN].into_iter().enumerate()
    {
        broken[50_000 * i + 1] = bad;
        zeroed[50_000 * i + 1] = 0.0;
    }
    let mut broken = analyze(44100, 1, &broken);
    check(&broken);
    assert_eq!(broken.input.n_invalid_samples, 4);
    broken.input.n_invalid_samples = 0;
    assert_eq!(broken, analyze(44100, 1, &zeroed));
    let all = analyze(44100, 2, &vec![f32::NAN; 441_000]);
    assert_eq!(all.input.n_invalid_samples, 441_000);
    assert_eq!(all.spectral, Err(Reason::Silence));
}

#[test]
fn extremes_stay_finite() {
    for gain in [f32::MAX, 1e30, 1e6, 1e-6, 1e-20, f32::MIN_POSITIVE / 8.0] {
        let samples: Vec<f32> = noise(6, 220_500).into_iter().map(|x| gain * x).collect();
        check(&analyze(44100, 1, &samples));
    }
    let square: Vec<f32> = (0..220_500).map(|i| if i / 50 % 2 == 0 { 1.0 } else { -1.0 }).collect();
    check(&analyze(44100, 1, &square));
}

#[test]
fn every_rate_and_channel_count_has_an_answer() {
    for rate_hz in [4000, 8000, 11_025, 22_049, 22_050, 48_000, 96_000, 192_000, 383_987, 384_000] {
        check(&analyze(rate_hz, 1, &sine(440.0, rate_hz, 4 * rate_hz as usize)));
    }
    for n_channels in 1..=8 {
        check(&analyze(22050, n_channels, &noise(7, 4 * 22050 * n_channels as usize)));
    }
}
