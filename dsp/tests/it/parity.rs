//! Whole-signal features of seven signals of different kinds against librosa 0.11.0.

use dsp::spectral::{pitch_tuning, whole_signal as whole};
use serde_json::Value;

use crate::parity_signals::{RATE_HZ, signal};

/// Share of a value by which it may differ: both sum thousands of single-precision numbers, in another order.
const RELATIVE: f64 = 1e-4;

fn rows<const N: usize>(rows: &[[f32; N]]) -> Vec<Vec<f64>> {
    rows.iter().map(|row| row.iter().map(|&x| x.into()).collect()).collect()
}

fn column(values: &[f32]) -> Vec<Vec<f64>> {
    values.iter().map(|&x| vec![x.into()]).collect()
}

/// Rows of one feature, and the value from which on the relative tolerance counts: decibels cross zero, and shares are
/// of one.
fn feature(name: &str, samples: &[f32]) -> (Vec<Vec<f64>>, f64) {
    let shapes = |i: usize| {
        let shapes = whole::shapes_hz(samples, RATE_HZ).unwrap();
        shapes.iter().map(|shape| vec![shape[i]]).collect::<Vec<_>>()
    };
    match name {
        "mel" => {
            let mel = whole::mel_spectrogram(samples, RATE_HZ).unwrap();
            let every_8th = |row: Vec<f32>| row.iter().step_by(8).map(|&x| x.into()).collect();
            (mel.rows().into_iter().map(|row| every_8th(row.to_vec())).collect(), 0.0)
        }
        "mfcc" => (rows(&whole::mfcc(samples, RATE_HZ).unwrap()), 10.0),
        "centroid_hz" => (shapes(0), 0.0),
        "bandwidth_hz" => (shapes(1), 0.0),
        "rolloff_hz" => (shapes(2), 0.0),
        "flatness" => (column(&whole::flatness(samples).unwrap()), 0.0),
        "contrast_db" => (rows(&whole::contrast_db(samples, RATE_HZ).unwrap()), 10.0),
        "rms" => (column(&whole::rms(samples).unwrap()), 0.0),
        "zero_crossing_rate" => (column(&whole::zero_crossing_rate(samples).unwrap()), 0.0),
        "chroma" => (rows(&whole::chroma(samples, RATE_HZ, 0.0).unwrap()), 0.01),
        "tuned_chroma" => (rows(&whole::tuned_chroma(samples, RATE_HZ).unwrap()), 0.01),
        "tonnetz" => {
            let chroma = whole::chroma(samples, RATE_HZ, 0.0).unwrap();
            (whole::tonnetz(&chroma).iter().map(|row| row.to_vec()).collect(), 0.1)
        }
        "onset_strength" => (column(&whole::onset_strength(samples, RATE_HZ).unwrap()), 1.0),
        _ => panic!("there is no feature {name}"),
    }
}

fn check(what: &str, actual: &[f64], expected: &Value, scale: f64) {
    let expected = expected.as_array().unwrap();
    assert_eq!(actual.len(), expected.len(), "{what}");
    for (i, (actual, expected)) in actual.iter().zip(expected).enumerate() {
        let expected = expected.as_f64().unwrap();
        let tolerance = RELATIVE * expected.abs().max(scale);
        assert!((actual - expected).abs() <= tolerance, "{what}[{i}]: {actual} is not {expected}");
    }
}

fn check_signal(name: &str) {
    let golden = fixtures::golden("spectral_parity");
    let golden = &golden["signals"][name];
    let samples = signal(name);
    let sum = samples.iter().map(|&x| f64::from(x)).sum::<f64>();
    assert!((sum - golden["sum"].as_f64().unwrap()).abs() < 1e-4, "{name}: {sum}");
    let sample = golden["sample_30000"].as_f64().unwrap();
    assert!((f64::from(samples[30000]) - sample).abs() < 1e-6, "{name}: {}", samples[30000]);
    for (feature_name, expected) in golden.as_object().unwrap() {
        if !expected.is_object() || feature_name == "tuning" {
            continue;
        }
        let (actual, scale) = feature(feature_name, &samples);
        let what = format!("{feature_name} of {name}");
        assert_eq!(actual.len() as u64, expected["n_frames"].as_u64().unwrap(), "{what}");
        let n = actual.len() as f64;
        let mean: Vec<f64> = (0..actual[0].len())
            .map(|i| actual.iter().map(|row| row[i]).sum::<f64>() / n)
            .collect();
        check(&format!("mean {what}"), &mean, &expected["mean"], scale);
        for frame in [3, 20, 54, 90] {
            let values = &expected[frame.to_string()];
            check(&format!("frame {frame} of {what}"), &actual[frame], values, scale);
        }
    }
}

#[test]
fn chirp_has_librosas_features() {
    check_signal("chirp");
}

#[test]
fn noise_has_librosas_features() {
    check_signal("noise");
}

#[test]
fn clicks_have_librosas_features() {
    check_signal("clicks");
}

#[test]
fn vibrato_chord_has_librosas_features() {
    check_signal("vibrato_chord");
}

#[test]
fn silence_with_a_click_has_librosas_features() {
    check_signal("silence_with_a_click");
}

#[test]
fn speech_has_librosas_features() {
    check_signal("speech");
}

#[test]
fn hiss_has_librosas_features() {
    check_signal("hiss");
}

#[test]
fn tuning_is_librosas() {
    let golden = fixtures::golden("spectral_parity");
    for (name, expected) in golden["signals"].as_object().unwrap() {
        let Some(expected) = expected.get("tuning") else { continue };
        let powers = whole::power_spectrogram(&signal(name)).unwrap();
        let magnitudes = powers.mapv(f32::sqrt);
        for (kind, spectrogram) in [("of_powers", powers), ("of_magnitudes", magnitudes)] {
            let ours = pitch_tuning(&spectrogram, RATE_HZ);
            let theirs = expected[kind].as_f64().unwrap();
            assert!((ours - theirs).abs() < 1e-9, "{name}, {kind}: {ours} is not {theirs}");
        }
    }
}
