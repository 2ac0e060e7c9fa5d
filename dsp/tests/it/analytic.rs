//! Signals whose answer can be computed by hand, through the whole analysis.

use dsp::{Analysis, Analyzer, Reason};
use fixtures::{chirp, clicks, noise, silence, sine};

const RATE_HZ: u32 = 44100;

fn analyze(samples: &[f32]) -> Analysis {
    let mut analyzer = Analyzer::new(RATE_HZ, 1).unwrap();
    analyzer.push(samples).unwrap();
    analyzer.finish()
}

fn scaled(samples: &[f32], gain: f32) -> Vec<f32> {
    samples.iter().map(|x| gain * x).collect()
}

#[test]
fn a_sine_has_its_frequency_level_and_peak() {
    let analysis = analyze(&scaled(&sine(1000.0, RATE_HZ, 10 * RATE_HZ as usize), 0.5));
    let spectral = analysis.spectral.unwrap();
    let loudness = analysis.loudness.unwrap();
    // One bin is 10.8 Hz wide; the ends of the tone leak over the whole spectrum.
    assert!((spectral.centroid_hz.mean - 1000.0).abs() < 15.0, "{:?}", spectral.centroid_hz);
    assert!((spectral.rolloff_hz.mean - 1011.0).abs() < 15.0, "{:?}", spectral.rolloff_hz);
    assert!(spectral.flatness.mean < 0.02, "{:?}", spectral.flatness);
    // Two crossings per period at 22 050 Hz.
    assert!((spectral.zero_crossing_rate.mean - 2000.0 / 22050.0).abs() < 1e-3);
    assert!((spectral.rms.mean - 0.5 / 2f32.sqrt()).abs() < 2e-3, "{:?}", spectral.rms);
    // −0.691 + 0.700 dB of the weighting at 1 kHz, half the power of its peak.
    assert!((loudness.integrated_lufs - -9.022).abs() < 0.01, "{loudness:?}");
    assert!((loudness.sample_peak_dbfs - -6.02).abs() < 0.01);
    assert!((-6.03..-5.5).contains(&loudness.true_peak_dbtp), "{loudness:?}");
    assert!(loudness.range_lu.unwrap() < 0.01);
}

#[test]
fn a_chirp_is_centred_at_its_mean_frequency() {
    let analysis = analyze(&chirp(500.0, 4500.0, RATE_HZ, 20 * RATE_HZ as usize));
    let centroid = analysis.spectral.unwrap().centroid_hz;
    assert!((centroid.mean - 2500.0).abs() < 25.0, "{centroid:?}");
    // Uniform from 500 to 4500 Hz: (4500 − 500) / √12.
    assert!((centroid.std - 1154.7).abs() < 25.0, "{centroid:?}");
}

#[test]
fn an_impulse_is_flat() {
    let mut samples = silence(4 * RATE_HZ as usize);
    samples[2 * RATE_HZ as usize] = 1.0;
    let spectral = analyze(&samples).spectral.unwrap();
    // Flat up to the edge of the resampler, nothing above.
    assert!(spectral.flatness.mean > 0.3, "{:?}", spectral.flatness);
    assert!((spectral.centroid_hz.mean - 5300.0).abs() < 200.0, "{:?}", spectral.centroid_hz);
}

#[test]
fn a_tone_has_its_pitch_class() {
    let spectral = analyze(&sine(440.0, RATE_HZ, 5 * RATE_HZ as usize)).spectral.unwrap();
    let largest = (0..12).max_by(|&a, &b| spectral.chroma[a].total_cmp(&spectral.chroma[b]));
    assert_eq!(largest, Some(9), "{:?}", spectral.chroma);
}

#[test]
fn silence_is_the_reason_for_everything() {
    let quiet = scaled(&noise(1, 10 * RATE_HZ as usize), 1e-4);
    for samples in [silence(10 * RATE_HZ as usize), silence(100), quiet] {
        let analysis = analyze(&samples);
        assert_eq!(analysis.loudness, Err(Reason::Silence));
        assert_eq!(analysis.spectral, Err(Reason::Silence));
        assert_eq!(analysis.tempo, Err(Reason::Silence));
        assert_eq!(analysis.rhythm, Err(Reason::Silence));
        assert_eq!(analysis.key, Err(Reason::Silence));
        assert_eq!(analysis.emotion, Err(Reason::Silence));
    }
}

#[test]
fn noise_has_neither_key_nor_tempo_nor_emotion() {
    for (seed, gain) in [(1, 0.5), (2, 0.05), (3, 0.005)] {
        let analysis = analyze(&scaled(&noise(seed, 15 * RATE_HZ as usize), gain));
        assert_eq!(analysis.key, Err(Reason::Noise));
        assert_eq!(analysis.tempo, Err(Reason::Noise));
        assert_eq!(analysis.rhythm, Err(Reason::Noise));
        assert_eq!(analysis.emotion, Err(Reason::Noise));
        assert!(analysis.loudness.is_ok() && analysis.spectral.is_ok());
    }
}

#[test]
fn coloured_noise_has_neither_key_nor_tempo() {
    // Integrated with a leak: brown above 70 Hz.
    let mut level = 0.0;
    let brown: Vec<f32> = noise(4, 15 * RATE_HZ as usize)
        .into_iter()
        .map(|x| {
            level = 0.99 * level + 0.05 * x;
            level
        })
        .collect();
    let analysis = analyze(&brown);
    assert!(analysis.key.is_err(), "{:?}", analysis.key);
    assert!(analysis.tempo.is_err(), "{:?}", analysis.tempo);
}

#[test]
fn clicks_are_not_noise() {
    let analysis = analyze(&clicks(120.0, RATE_HZ, 15.0));
    let tempo = analysis.tempo.unwrap();
    let octave = (tempo.bpm / 120.0).log2();
    assert!((octave - octave.round()).abs() < 0.02, "{tempo:?}");
}

#[test]
fn what_is_too_short_says_so() {
    let analysis = analyze(&sine(440.0, RATE_HZ, 2 * RATE_HZ as usize));
    assert_eq!(analysis.tempo, Err(Reason::TooShort));
    assert_eq!(analysis.rhythm, Err(Reason::TooShort));
    assert_eq!(analysis.key, Err(Reason::TooShort));
    assert_eq!(analysis.emotion, Err(Reason::TooShort));
    let loudness = analysis.loudness.unwrap();
    assert_eq!(loudness.range_lu, Err(Reason::TooShort));
    assert!(analysis.spectral.is_ok());
    assert_eq!(analyze(&sine(440.0, RATE_HZ, 1000)).loudness, Err(Reason::TooShort));
}
