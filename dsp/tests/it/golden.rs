//! Whole-signal features and the streaming stage against librosa 0.11.0.

use std::f64::consts::TAU;

use dsp::spectral::{chroma::ChromaFilterBank, mel::MelFilterBank, whole_signal};
use serde_json::Value;

const RATE_HZ: u32 = 22050;

/// The formula of `fixtures/generate/librosa_golden.py`.
fn golden_signal() -> Vec<f32> {
    signal(0.0)
}

/// The same with a hiss, for features that weigh bins without signal: those hold the rounding of the transform,
/// which is single precision here and double in librosa.
fn hissing_signal() -> Vec<f32> {
    signal(golden()["signal"]["hiss_under_bandwidth_and_contrast"].as_f64().unwrap())
}

fn signal(hiss: f64) -> Vec<f32> {
    let mut state = 1u32;
    (0..88200u32)
        .map(|i| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = f64::from(state) / 2f64.powi(31) - 1.0;
            let t = f64::from(i) / f64::from(RATE_HZ);
            let partials = [220.0, 277.182_630_976_872_1, 329.627_556_912_869_9];
            let tones: f64 = partials.iter().map(|hz| (TAU * hz * t).sin()).sum();
            let since = t % 0.5;
            (0.2 * (-8.0 * since).exp() * tones + (0.1 * (-60.0 * since).exp() + hiss) * noise)
                as f32
        })
        .collect()
}

fn golden() -> Value {
    fixtures::golden("spectral")
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

/// Compares at the file's relative tolerance, which counts from `scale` for values below it.
fn check(name: &str, actual: &[f64], expected: &[f64], scale: f64) {
    assert_eq!(actual.len(), expected.len(), "{name}");
    let relative = golden()["tolerance"]["relative"].as_f64().unwrap();
    for (i, (actual, expected)) in actual.iter().zip(expected).enumerate() {
        let tolerance = relative * expected.abs().max(scale);
        assert!((actual - expected).abs() <= tolerance, "{name}[{i}]: {actual} is not {expected}");
    }
}

/// Checks mean and frame 10 of a feature of one value per frame.
fn check_row(name: &str, actual: &[f64], scale: f64) {
    let expected = &golden()[name];
    let mean = actual.iter().sum::<f64>() / actual.len() as f64;
    let both = [expected["mean"].as_f64().unwrap(), expected["frame_10"].as_f64().unwrap()];
    check(name, &[mean, actual[10]], &both, scale);
}

/// Checks means and frame 10 of a feature of `N` values per frame.
fn check_rows<const N: usize>(name: &str, actual: &[[f32; N]], scale: f64) {
    let n = actual.len() as f64;
    let means: Vec<f64> =
        (0..N).map(|i| actual.iter().map(|row| f64::from(row[i])).sum::<f64>() / n).collect();
    check(name, &means, &numbers(&golden()[name]["mean"]), scale);
    let frame: Vec<f64> = actual[10].iter().map(|&x| x.into()).collect();
    check(name, &frame, &numbers(&golden()[name]["frame_10"]), scale);
}

#[test]
fn the_signal_is_the_generators() {
    let signal = golden_signal();
    let sum: f64 = signal.iter().map(|&x| f64::from(x)).sum();
    check("sum", &[sum], &[golden()["signal"]["sum"].as_f64().unwrap()], 0.0);
    check(
        "sample 1000",
        &[signal[1000].into()],
        &[golden()["signal"]["sample_1000"].as_f64().unwrap()],
        0.0,
    );
}

#[test]
fn stft_is_librosas() {
    let magnitudes = dsp::stft::magnitude(&dsp::stft::stft(&golden_signal(), 2048, 512).unwrap());
    let expected = &golden()["stft"];
    assert_eq!(magnitudes.nrows() as u64, expected["n_frames"].as_u64().unwrap());
    let bins: Vec<f64> = (18..24).map(|bin| magnitudes[[10, bin]].into()).collect();
    check("bins", &bins, &numbers(&expected["frame_10_bins_18_to_23"]), 0.0);
    let sum: f64 = magnitudes.iter().map(|&x| f64::from(x)).sum();
    check("sum", &[sum], &[expected["sum_of_magnitudes"].as_f64().unwrap()], 0.0);
}

#[test]
fn mel_filter_bank_is_librosas() {
    let bank = MelFilterBank::new(RATE_HZ, 2048, 128).unwrap();
    let expected = &golden()["mel_filter_bank"];
    let all: Vec<f64> = (0..128)
        .flat_map(|band| bank.band(band).1.iter().map(|&w| f64::from(w)).collect::<Vec<_>>())
        .collect();
    check("sum", &[all.iter().sum()], &[expected["sum"].as_f64().unwrap()], 0.0);
    let max = all.iter().copied().fold(0.0, f64::max);
    check("max", &[max], &[expected["max"].as_f64().unwrap()], 0.0);
    let dense = |band: usize| {
        let (first, weights) = bank.band(band);
        let mut row = vec![0.0; 1025];
        for (value, &weight) in row[first..].iter_mut().zip(weights) {
            *value = weight.into();
        }
        row
    };
    check("row 0", &dense(0)[..4], &numbers(&expected["row_0_bins_0_to_3"]), 1e-3);
    let row = numbers(&expected["row_100"]["weights"]);
    let first = usize::try_from(expected["row_100"]["first_bin"].as_u64().unwrap()).unwrap();
    check("row 100", &dense(100)[first..first + row.len()], &row, 1e-3);
}

#[test]
fn mel_decibels_are_librosas() {
    let bands = whole_signal::mel_spectrogram_db(&golden_signal(), RATE_HZ).unwrap();
    let expected = &golden()["mel_db"];
    let frame: Vec<f64> = (0..10).map(|band| bands[[10, band]].into()).collect();
    check("frame 10", &frame, &numbers(&expected["frame_10_bands_0_to_9"]), 10.0);
    let all: Vec<f64> = bands.iter().map(|&db| db.into()).collect();
    let min = all.iter().copied().fold(f64::MAX, f64::min);
    let mean = all.iter().sum::<f64>() / all.len() as f64;
    let both = [expected["min"].as_f64().unwrap(), expected["mean"].as_f64().unwrap()];
    check("min and mean", &[min, mean], &both, 10.0);
}

#[test]
fn mfcc_are_librosas() {
    check_rows("mfcc", &whole_signal::mfcc(&golden_signal(), RATE_HZ).unwrap(), 10.0);
}

#[test]
fn shapes_are_librosas() {
    let shapes = whole_signal::shapes_hz(&golden_signal(), RATE_HZ).unwrap();
    let hissing = whole_signal::shapes_hz(&hissing_signal(), RATE_HZ).unwrap();
    let column = |shapes: &[[f64; 3]], i: usize| shapes.iter().map(|s| s[i]).collect::<Vec<_>>();
    check_row("centroid_hz", &column(&shapes, 0), 0.0);
    check_row("bandwidth_hz", &column(&hissing, 1), 0.0);
    check_row("rolloff_hz", &column(&shapes, 2), 0.0);
}

#[test]
fn levels_are_librosas() {
    let signal = golden_signal();
    let wide = |values: Vec<f32>| values.into_iter().map(f64::from).collect::<Vec<_>>();
    check_row("rms", &wide(whole_signal::rms(&signal).unwrap()), 0.0);
    check_row("zero_crossing_rate", &wide(whole_signal::zero_crossing_rate(&signal).unwrap()), 0.0);
    check_row("flatness", &wide(whole_signal::flatness(&signal).unwrap()), 1e-4);
}

#[test]
fn contrast_is_librosas() {
    check_rows(
        "contrast_db",
        &whole_signal::contrast_db(&hissing_signal(), RATE_HZ).unwrap(),
        10.0,
    );
}

#[test]
fn chroma_filter_bank_is_librosas() {
    let bank = ChromaFilterBank::new(RATE_HZ, 2048, 0.0).unwrap();
    let expected = &golden()["chroma_filter_bank"];
    let sum: f64 = (0..12).flat_map(|class| bank.row(class)).map(|&w| f64::from(w)).sum();
    check("sum", &[sum], &[expected["sum"].as_f64().unwrap()], 0.0);
    let column: Vec<f64> = (0..12).map(|class| bank.row(class)[100].into()).collect();
    check("bin 100", &column, &numbers(&expected["bin_100"]), 1e-2);
}

#[test]
fn chroma_is_librosas() {
    check_rows("chroma", &whole_signal::chroma(&golden_signal(), RATE_HZ, 0.0).unwrap(), 1.0);
}

#[test]
fn onset_strength_is_librosas() {
    let strength = whole_signal::onset_strength(&golden_signal(), RATE_HZ).unwrap();
    let expected = &golden()["onset_strength"];
    let mean = strength.iter().map(|&x| f64::from(x)).sum::<f64>() / strength.len() as f64;
    let (at, max) = strength.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).unwrap();
    let both = [expected["mean"].as_f64().unwrap(), expected["max"].as_f64().unwrap()];
    check("mean and max", &[mean, f64::from(*max)], &both, 1.0);
    assert_eq!(at as u64, expected["argmax"].as_u64().unwrap());
}

#[test]
fn the_stream_agrees_with_the_whole_signal() {
    // Nothing is silent here, so that only the floor of the mel bands and the edges of the zero crossings differ.
    let mut stage = dsp::SpectralStage::new(RATE_HZ).unwrap();
    for block in golden_signal().chunks(1000) {
        stage.push(block);
    }
    let spectral = stage.finish().unwrap();
    let mean = |name: &str| golden()[name]["mean"].as_f64().unwrap();
    let pairs = [
        ("centroid_hz", spectral.centroid_hz),
        ("rolloff_hz", spectral.rolloff_hz),
        ("flatness", spectral.flatness),
        ("rms", spectral.rms),
    ];
    for (name, stats) in pairs {
        check(name, &[stats.mean.into()], &[mean(name)], 1e-4);
    }
    let crossings = f64::from(spectral.zero_crossing_rate.mean);
    assert!((crossings / mean("zero_crossing_rate") - 1.0).abs() < 0.01, "{crossings}");
    let chroma: Vec<f64> = spectral.chroma.iter().map(|&x| x.into()).collect();
    check("chroma", &chroma, &numbers(&golden()["chroma"]["mean"]), 1.0);
    // The first burst is as loud as any, so that the floor below it is librosa's, but for the frames that rise to it.
    for (i, (ours, librosas)) in
        spectral.mfcc.iter().zip(numbers(&golden()["mfcc"]["mean"])).enumerate()
    {
        assert!(
            (f64::from(ours.mean) - librosas).abs() < 1.0,
            "mfcc[{i}]: {} is not {librosas}",
            ours.mean
        );
    }
}
