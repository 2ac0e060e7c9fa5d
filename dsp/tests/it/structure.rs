//! Structure and dynamics of whole recordings.

use dsp::{Analysis, Analyzer, Reason};
use fixtures::synth::Song;
use fixtures::{noise, sine};

const RATE_HZ: u32 = 44_100;

fn analyze(n_channels: u32, samples: &[f32]) -> Analysis {
    let mut analyzer = Analyzer::new(RATE_HZ, n_channels).unwrap();
    analyzer.push(samples).unwrap();
    analyzer.finish()
}

fn song(seed: u64) -> Vec<f32> {
    Song { duration_s: 16.0, ..Song::random(seed) }.render(RATE_HZ).interleaved()
}

#[test]
fn polarity_and_gain_move_only_levels() {
    let samples = song(3);
    let flipped: Vec<f32> = samples.iter().map(|x| -x).collect();
    let before = analyze(2, &samples);
    assert_eq!(before.structure, analyze(2, &flipped).structure);
    assert_eq!(before.dynamics, analyze(2, &flipped).dynamics);
    let quiet: Vec<f32> = samples.iter().map(|x| 0.25 * x).collect();
    let after = analyze(2, &quiet);
    let (a, b) = (before.dynamics.unwrap(), after.dynamics.unwrap());
    assert!((a.crest_db - b.crest_db).abs() < 0.02);
    assert!((a.dynamic_complexity_db - b.dynamic_complexity_db).abs() < 0.02);
    assert!((a.danceability.unwrap() - b.danceability.unwrap()).abs() < 0.01);
    assert!((a.energy.unwrap() - b.energy.unwrap()).abs() < 0.02);
    let (a, b) = (before.structure.unwrap(), after.structure.unwrap());
    assert!((a.fade_in_end_s - b.fade_in_end_s).abs() < 1e-9);
    assert!((a.fade_out_start_s - b.fade_out_start_s).abs() < 1e-9);
    // Bands near the absolute floor of -100 dB rise differently: a segment in twenty may come or go.
    let difference = a.segments.len().abs_diff(b.segments.len());
    assert!(20 * difference <= a.segments.len(), "{difference} of {}", a.segments.len());
}

#[test]
fn music_has_two_to_five_segments_a_second_that_tile_it() {
    for seed in 0..4 {
        let structure = analyze(2, &song(seed)).structure.unwrap();
        let n = structure.segments.len() as f64;
        assert!((0.8..=8.0).contains(&(n / 16.0)), "seed {seed}: {n} in 16 s");
        let mut end_s = 0.0;
        for segment in &structure.segments {
            assert!((segment.start_s - end_s).abs() < 1e-9);
            end_s = segment.end_s;
        }
        assert!((end_s - 16.0).abs() < 1e-6);
    }
}

#[test]
fn silence_around_is_found_and_nothing_else_moves() {
    let samples = song(5);
    let mut padded = vec![0.0; 4 * RATE_HZ as usize];
    padded.extend(&samples);
    let (before, after) = (analyze(2, &samples), analyze(2, &padded));
    let structure = after.structure.unwrap();
    let first = structure.silences[0];
    assert!(first.start_s.abs() < 1e-9 && (first.end_s - 2.0).abs() < 0.5, "{first:?}");
    let (a, b) = (before.dynamics.unwrap(), after.dynamics.unwrap());
    assert!((a.crest_db - b.crest_db).abs() < 0.1);
    assert!((a.dynamic_complexity_db - b.dynamic_complexity_db).abs() < 0.3);
}

#[test]
fn what_cannot_be_known_has_a_reason() {
    let silent = analyze(1, &vec![0.0; 5 * RATE_HZ as usize]);
    assert_eq!(silent.structure, Err(Reason::Silence));
    assert_eq!(silent.dynamics, Err(Reason::Silence));
    let nothing = analyze(1, &[]);
    assert_eq!(nothing.structure, Err(Reason::TooShort));
    assert_eq!(nothing.dynamics, Err(Reason::TooShort));
    let constant = analyze(1, &vec![0.5; 5 * RATE_HZ as usize]);
    assert_eq!(constant.structure, Err(Reason::Silence));
    let hiss = analyze(1, &noise(1, 10 * RATE_HZ as usize)).dynamics.unwrap();
    assert_eq!(hiss.danceability, Err(Reason::Noise));
    assert!((hiss.crest_db - 4.77).abs() < 0.05, "uniform noise: {}", hiss.crest_db);
    let tone = analyze(1, &sine(1_000.0, RATE_HZ, 10 * RATE_HZ as usize)).dynamics.unwrap();
    assert_eq!(tone.danceability, Err(Reason::NoPulse));
    assert!((tone.crest_db - 3.01).abs() < 0.01);
    let short = analyze(1, &sine(1_000.0, RATE_HZ, 8_820));
    assert_eq!(short.structure.unwrap().segments.len(), 1);
}
