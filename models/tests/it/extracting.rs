//! What models say of recordings.

use models::{Extractor, Model, Pooled, Reason};

use crate::load;

/// What a model says of interleaved samples that arrive in blocks of `n_block` frames.
fn said(
    model: &Model,
    samples: &[f32],
    rate_hz: u32,
    n_channels: u32,
    n_block: usize,
) -> Result<Pooled, Reason> {
    let mut extractor = Extractor::new(model, rate_hz, n_channels).unwrap();
    for block in samples.chunks(n_block * n_channels as usize) {
        extractor.push(block);
    }
    extractor.finish()
}

/// A tone of 500 Hz.
fn tone(rate_hz: u32, centiseconds: usize, peak: f32) -> Vec<f32> {
    let n_samples = rate_hz as usize * centiseconds / 100;
    fixtures::sine(500.0, rate_hz, n_samples).iter().map(|sample| peak * sample).collect()
}

// Closed form: root mean square, mean magnitude, largest and smallest sample of a sine. 500 Hz has 16 samples at 8 kHz, among
// them the peaks; the mean magnitude of 16 samples is cot(π/16)/8 of the peak. At 44.1 kHz the resampler adds its ripple of
// 0.01 dB and an edge at either end, which the first and the last windows see.
#[test]
fn an_embedding_is_the_mean_over_the_windows() {
    let model = load("good/embedding").unwrap();
    let peak = 0.4f64;
    let wanted =
        [peak / 2f64.sqrt(), peak / (std::f64::consts::PI / 16.0).tan() / 8.0, peak, -peak];
    for (rate_hz, tolerance) in [(8_000, 1e-6), (44_100, 0.02)] {
        let pooled = said(&model, &tone(rate_hz, 200, 0.4), rate_hz, 1, 1000).unwrap();
        assert_eq!(pooled.n_windows, 7, "2 s in windows of 0.5 s every 0.25 s");
        for (value, wanted) in pooled.values.iter().zip(wanted) {
            assert!((value - wanted).abs() < tolerance, "{:?} against {wanted:?}", pooled.values);
        }
    }
}

#[test]
fn channels_are_heard_as_their_mean() {
    let model = load("good/embedding").unwrap();
    let mono = tone(8_000, 100, 0.4);
    let both: Vec<f32> = mono.iter().flat_map(|&sample| [sample * 0.5, sample * 1.5]).collect();
    let (mono, both) = (said(&model, &mono, 8_000, 1, 777), said(&model, &both, 8_000, 2, 777));
    for (mono, both) in mono.unwrap().values.iter().zip(both.unwrap().values) {
        assert!((mono - both).abs() < 1e-6, "rounding of one addition");
    }
}

#[test]
fn any_cut_into_blocks_gives_the_same_bits() {
    for name in ["good/embedding", "good/regression", "good/classes"] {
        let model = load(name).unwrap();
        let mut samples = tone(44_100, 200, 0.3);
        for (sample, noise) in samples.iter_mut().zip(fixtures::noise(7, 88_200)) {
            *sample += 0.1 * noise;
        }
        let whole = said(&model, &samples, 44_100, 2, samples.len());
        assert!(whole.is_ok(), "{name}: {whole:?}");
        for n_block in [1, 13, 4096] {
            assert_eq!(said(&model, &samples, 44_100, 2, n_block), whole, "{name}, {n_block}");
        }
    }
}

#[test]
fn a_louder_recording_moves_a_level_of_log_mel_bands() {
    let model = load("good/regression").unwrap();
    let level =
        |peak: f32| said(&model, &tone(44_100, 100, peak), 44_100, 1, 4096).unwrap().values[0];
    assert!(level(0.5) > level(0.05));
}

#[test]
fn shares_of_classes_sum_to_1() {
    let model = load("good/classes").unwrap();
    let shares = said(&model, &tone(16_000, 300, 0.9), 16_000, 1, 500).unwrap().values;
    assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-6);
    assert!(shares[0] > shares[2], "loud rather than soft: {shares:?}");
}

#[test]
fn what_cannot_be_said_has_a_reason() {
    let model = load("good/embedding").unwrap();
    let check = |samples: &[f32], wanted: Reason| {
        assert_eq!(said(&model, samples, 8_000, 1, 100), Err(wanted));
    };
    check(&[], Reason::TooShort);
    check(&tone(8_000, 49, 0.5), Reason::TooShort);
    check(&fixtures::silence(16_000), Reason::Silence);
    // −76 dBFS, below the gate.
    check(&tone(8_000, 100, 2.2e-4), Reason::Silence);
    let nan = load("loud/nan").unwrap();
    assert_eq!(said(&nan, &tone(8_000, 100, 0.9), 8_000, 1, 100), Err(Reason::NotFinite));
    assert!(said(&nan, &tone(8_000, 100, 0.4), 8_000, 1, 100).is_ok());
}

#[test]
fn silence_between_sounds_is_left_out() {
    let model = load("good/embedding").unwrap();
    let mut samples = tone(8_000, 50, 0.4);
    samples.extend(fixtures::silence(8_000));
    let pooled = said(&model, &samples, 8_000, 1, 100).unwrap();
    // The tone, the one half of it, and no other window.
    assert_eq!(pooled.n_windows, 2);
}

#[test]
fn samples_that_are_no_numbers_are_read_as_silence() {
    let model = load("good/embedding").unwrap();
    let mut samples = tone(8_000, 100, 0.4);
    samples[100] = f32::NAN;
    samples[200] = f32::INFINITY;
    assert!(said(&model, &samples, 8_000, 1, 64).is_ok());
}

#[test]
fn rates_and_channels_outside_of_the_analysis_are_refused() {
    let model = load("good/embedding").unwrap();
    for (rate_hz, n_channels) in [(1_000, 1), (44_100, 0), (44_100, 9)] {
        assert!(Extractor::new(&model, rate_hz, n_channels).is_err());
    }
}
