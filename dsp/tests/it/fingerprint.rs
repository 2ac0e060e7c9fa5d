//! The fingerprint against Chromaprint's own program.

use std::f64::consts::TAU;

use dsp::fingerprint::similarity;
use dsp::{Analyzer, Fingerprint};
use serde_json::Value;

const SECONDS: usize = 40;
const SCALE: [u32; 7] = [0, 2, 4, 5, 7, 9, 11];

fn lcg(state: u32) -> u32 {
    state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223)
}

fn hz(midi: u32) -> f64 {
    440.0 * 2f64.powf((f64::from(midi) - 69.0) / 12.0)
}

/// The signal of `fixtures/generate/fingerprint_golden.py`, rounded to 16 bits.
fn melody(rate: usize, seed: u32) -> Vec<f32> {
    let (mut melody, mut bass, mut state) = (Vec::new(), Vec::new(), seed);
    for i in 0..4 * SECONDS {
        state = lcg(state);
        melody.push(hz(60 + SCALE[(state >> 16) as usize % 7] + 12 * ((state >> 24) % 2)));
        if i % 4 == 0 {
            bass.push(hz(36 + SCALE[(state >> 8) as usize % 7]));
        }
    }
    (0..rate * SECONDS)
        .map(|n| {
            let t = n as f64 / rate as f64;
            let harmonics =
                |hz: f64| [1.0, 2.0, 3.0].map(|h| (TAU * hz * h * t).sin() / h).iter().sum::<f64>();
            let tone = (-3.0 * (t % 0.25)).exp() * harmonics(melody[4 * n / rate]);
            let low = harmonics(bass[n / rate]);
            state = lcg(state);
            let click = (-60.0 * (t % 0.25)).exp() * (f64::from(state) / 2f64.powi(31) - 1.0);
            let sample = (32767.0 * (0.25 * tone + 0.15 * low + 0.1 * click) + 0.5).floor();
            (sample / 32768.0) as f32
        })
        .collect()
}

fn fingerprint(rate_hz: u32, n_channels: u32, samples: &[f32], block: usize) -> Fingerprint {
    let mut analyzer = Analyzer::new(rate_hz, n_channels).unwrap();
    for block in samples.chunks(block * n_channels as usize) {
        analyzer.push(block).unwrap();
    }
    analyzer.finish().fingerprint.unwrap()
}

fn words(golden: &Value, name: &str) -> Vec<u32> {
    golden[name].as_array().unwrap().iter().map(|word| word.as_u64().unwrap() as u32).collect()
}

/// Share of words that differ in at most two bits; the reference may have a word more or less at the end.
fn share_within_two_bits(ours: &[u32], theirs: &[u32]) -> f64 {
    assert!(ours.len().abs_diff(theirs.len()) <= 1, "{} and {} words", ours.len(), theirs.len());
    let near = ours.iter().zip(theirs).filter(|(a, b)| (*a ^ *b).count_ones() <= 2).count();
    near as f64 / ours.len().min(theirs.len()) as f64
}

#[test]
fn words_equal_those_of_fpcalc_at_its_own_rate() {
    let golden = fixtures::golden("fingerprint");
    let ours = fingerprint(11_025, 1, &melody(11_025, 1), 4096);
    assert_eq!(ours.0, words(&golden, "words_11025"));
    assert_eq!(ours.to_text(), golden["text_11025"].as_str().unwrap());
}

#[test]
fn words_of_other_rates_differ_in_few_bits() {
    let golden = fixtures::golden("fingerprint");
    for rate in [22_050, 44_100, 48_000u32] {
        let ours = fingerprint(rate, 1, &melody(rate as usize, 1), 4096);
        let share = share_within_two_bits(&ours.0, &words(&golden, &format!("words_{rate}")));
        assert!(share >= 0.95, "{rate} Hz: {share}");
    }
}

#[test]
fn words_of_a_recording_differ_in_few_bits() {
    let bytes = std::fs::read(fixtures::path("audio/willow_waltz.wav")).unwrap();
    let data = bytes.windows(4).position(|window| window == b"data").unwrap() + 8;
    let size = u32::from_le_bytes(bytes[data - 4..data].try_into().unwrap()) as usize;
    let samples: Vec<f32> = bytes[data..data + size]
        .chunks_exact(2)
        .map(|pair| f32::from(i16::from_le_bytes([pair[0], pair[1]])) / 32_768.0)
        .collect();
    let ours = fingerprint(22_050, 1, &samples, 4096);
    let golden = fixtures::golden("fingerprint");
    let share = share_within_two_bits(&ours.0, &words(&golden, "words_willow_waltz"));
    assert!(share >= 0.95, "{share}");
}

#[test]
fn copies_are_found_and_other_recordings_are_not() {
    let golden = fixtures::golden("fingerprint");
    let ours = fingerprint(44_100, 1, &melody(44_100, 1), 4096);
    let with = |name: &str| similarity(&ours, &Fingerprint(words(&golden, name)));
    for name in ["words_mp3", "words_ogg", "words_11025"] {
        let same = with(name);
        assert!(same.is_same_recording() && same.bit_error < 3.0, "{name}: {same:?}");
        assert!(same.offset_s.abs() < 0.13, "{name}: {same:?}");
    }
    let later = with("words_from_5_s");
    assert!(later.is_same_recording(), "{later:?}");
    assert!((later.offset_s + 5.0).abs() < 0.13, "{later:?}");
    let other = with("words_other");
    assert!(!other.is_same_recording() && other.overlap < 0.3, "{other:?}");
}

#[test]
fn gain_polarity_and_blocks_do_not_move_a_word() {
    let samples = melody(22_050, 3);
    let before = fingerprint(22_050, 1, &samples, 4096);
    assert_eq!(before, fingerprint(22_050, 1, &samples, 77));
    // A power of two, so that no rounding differs.
    let flipped: Vec<f32> = samples.iter().map(|x| -0.25 * x).collect();
    assert_eq!(before, fingerprint(22_050, 1, &flipped, 4096));
}
