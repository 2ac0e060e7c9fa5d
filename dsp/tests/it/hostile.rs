//! Nothing that can be pushed makes the analysis panic, hang or give NaN.

use dsp::{Analysis, Analyzer, Estimate, Reason};
use fixtures::{clicks, noise, silence, sine};

fn analyze(rate_hz: u32, n_channels: u32, samples: &[f32]) -> Analysis {
    let mut analyzer = Analyzer::new(rate_hz, n_channels).unwrap();
    analyzer.push(samples).unwrap();
    analyzer.finish()
}

/// Why each interpretation is unknown, `None` where it is known.
fn reasons(analysis: &Analysis) -> [Option<Reason>; 5] {
    fn reason<T>(estimate: &Estimate<T>) -> Option<Reason> {
        estimate.as_ref().err().copied()
    }
    [
        reason(&analysis.spectral),
        reason(&analysis.tempo),
        reason(&analysis.rhythm),
        reason(&analysis.key),
        reason(&analysis.emotion),
    ]
}

/// Twenty seconds of a band at 44.1 kHz, left and right.
fn music() -> Vec<f32> {
    let song = fixtures::synth::Song { duration_s: 20.0, ..fixtures::synth::Song::random(2) };
    song.render(44100).interleaved()
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

#[test]
fn silence_is_silent_and_says_so() {
    let analysis = analyze(44100, 2, &silence(2 * 10 * 44100));
    check(&analysis);
    assert_eq!(reasons(&analysis), [Some(Reason::Silence); 5]);
    assert_eq!(analysis.loudness, Err(Reason::Silence));
}

#[test]
fn a_constant_has_neither_pulse_nor_key() {
    for level in [1.0, -0.25] {
        let analysis = analyze(44100, 1, &vec![level; 10 * 44100]);
        check(&analysis);
        assert!(analysis.tempo.is_err() && analysis.rhythm.is_err() && analysis.key.is_err());
    }
}

#[test]
fn noise_has_a_spectrum_and_a_loudness_only() {
    for seed in 0..3 {
        let analysis = analyze(44100, 2, &noise(seed, 2 * 10 * 44100));
        check(&analysis);
        let [spectral, interpretations @ ..] = reasons(&analysis);
        assert_eq!(spectral, None);
        assert_eq!(interpretations, [Some(Reason::Noise); 4]);
        assert!(analysis.loudness.is_ok());
    }
}

#[test]
fn one_click_has_no_pulse() {
    let mut samples = silence(10 * 44100);
    samples[220_500] = 1.0;
    let analysis = analyze(44100, 1, &samples);
    check(&analysis);
    assert!(analysis.tempo.is_err() && analysis.rhythm.is_err() && analysis.key.is_err());
    let peak = analysis.loudness.map(|loudness| loudness.sample_peak_dbfs);
    assert!(peak.is_err() || peak.is_ok_and(|peak| peak.abs() < 0.01));
}

#[test]
fn a_fifth_of_a_second_is_too_short_for_all_but_its_spectrum() {
    let analysis = analyze(44100, 2, &music()[10 * 44100..][..2 * 8820]);
    check(&analysis);
    let [_, interpretations @ ..] = reasons(&analysis);
    assert_eq!(interpretations, [Some(Reason::TooShort); 4]);
    assert_eq!(analysis.loudness, Err(Reason::TooShort));
}

#[test]
fn telephone_and_studio_rates_have_an_answer() {
    let song = fixtures::synth::Song { duration_s: 15.0, ..fixtures::synth::Song::random(2) };
    let low = song.render(8000);
    let analysis = analyze(8000, 1, &low.mono());
    check(&analysis);
    let (bpm, truth) = (analysis.tempo.unwrap().bpm, low.truth.tempo_bpm);
    let octaves = (bpm / truth).log2();
    assert!((octaves - octaves.round()).abs() < 0.06, "{truth} became {bpm}");
    let high = song.render(192_000);
    let surround: Vec<f32> = high
        .left
        .iter()
        .zip(&high.right)
        .flat_map(|(&l, &r)| [l, r, 0.5 * (l + r), 0.1 * l, 0.3 * r, 0.3 * l])
        .collect();
    let analysis = analyze(192_000, 6, &surround);
    check(&analysis);
    assert_eq!(reasons(&analysis), [None; 5]);
}

#[test]
fn clipping_leaves_the_tempo() {
    let music = music();
    let clipped: Vec<f32> = music.iter().map(|x| (8.0 * x).clamp(-1.0, 1.0)).collect();
    let (clean, clipped) = (analyze(44100, 2, &music), analyze(44100, 2, &clipped));
    check(&clipped);
    assert!(clipped.loudness.unwrap().sample_peak_dbfs.abs() < 0.01);
    let (clean, clipped) = (clean.tempo.unwrap().bpm, clipped.tempo.unwrap().bpm);
    // Eighteen decibels of clipping leave little but the loudest hits, so that the octave may change.
    let octaves = (clean / clipped).log2();
    assert!((octaves - octaves.round()).abs() < 0.03, "{clean} became {clipped}");
}

#[test]
fn channels_that_cancel_have_a_loudness_and_a_reason() {
    let mono: Vec<f32> = music().chunks_exact(2).map(|frame| frame[0]).collect();
    // Exactly, and but for what a lossy codec leaves.
    for residue in [0.0, 0.002] {
        let hiss = noise(1, mono.len());
        let stereo: Vec<f32> =
            mono.iter().zip(&hiss).flat_map(|(&x, &h)| [x, residue * h - x]).collect();
        let analysis = analyze(44100, 2, &stereo);
        check(&analysis);
        assert_eq!(reasons(&analysis), [Some(Reason::OutOfPhase); 5]);
        let alone = analyze(44100, 1, &mono).loudness.unwrap();
        let both = analysis.loudness.unwrap();
        assert!((both.integrated_lufs - alone.integrated_lufs - 3.01).abs() < 0.01);
    }
}

#[test]
fn a_second_half_of_noise_leaves_numbers() {
    let mut samples = clicks(120.0, 44100, 20.0);
    for (sample, noise) in samples[10 * 44100..].iter_mut().zip(noise(4, 10 * 44100)) {
        *sample = 0.5 * noise;
    }
    let analysis = analyze(44100, 1, &samples);
    check(&analysis);
    let mut music = music();
    let half = music.len() / 2;
    for (sample, noise) in music[half..].iter_mut().zip(noise(5, half)) {
        *sample = 0.2 * noise;
    }
    check(&analyze(44100, 2, &music));
}

#[test]
fn three_hours_have_an_answer() {
    let rate_hz = 8000;
    let minute = clicks(90.0, rate_hz, 60.0);
    let mut analyzer = Analyzer::new(rate_hz, 1).unwrap();
    for _ in 0..180 {
        analyzer.push(&minute).unwrap();
    }
    let analysis = analyzer.finish();
    check(&analysis);
    assert!((analysis.input.duration_s - 10_800.0).abs() < 1e-9);
    assert!((analysis.tempo.unwrap().bpm - 90.0).abs() < 0.5);
    let beats = analysis.rhythm.unwrap().beats_s;
    // The last beats have to be there as well, without drift.
    let last = beats.last().unwrap();
    assert!((last - 10_800.0).abs() < 5.0 && beats.len() > 16_000, "{} to {last}", beats.len());
}
