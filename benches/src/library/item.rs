//! A track's descriptor and tags from its hidden numbers.

use dsp::emotion::Method;
use dsp::{
    Analysis, Concepts, Dimension, Emotion, Estimate, Input, Key, KeyCandidate, Loudness, Mode,
    Reason, Rhythm, Spectral, Stats, Tempo, TempoCandidate,
};
use fixtures::Rng;
use matching::{Descriptor, Item};

use super::latent::{Latent, Loadings, N_PLACES, N_TIMBRE};

/// Mean and standard deviation of each number of a timbre among recordings, as matching takes them.
#[rustfmt::skip]
const TIMBRE: [(f64, f64); N_TIMBRE] = [
    (93.83, 39.06), (-4.55, 25.57), (23.49, 14.33), (0.67, 11.90),
    (2.06, 13.04), (-4.87, 9.45), (-2.56, 10.01), (-6.62, 8.19),
    (-3.58, 8.48), (-5.77, 6.72), (-1.61, 6.12), (-4.10, 4.78),
    (-1.51, 5.14), (-3.71, 4.67), (-0.64, 4.83), (-2.65, 4.25),
    (-0.12, 4.43), (-3.18, 4.64), (-0.26, 4.52), (31.47, 10.37),
    (19.24, 6.29), (14.68, 4.39), (12.40, 3.23), (11.45, 3.48),
    (10.35, 2.72), (10.31, 3.04), (10.24, 2.87), (10.29, 3.02),
    (10.04, 2.96), (10.37, 3.16), (10.20, 3.00), (9.74, 3.00),
    (9.50, 2.92), (8.97, 2.70), (8.57, 2.38), (9.25, 2.66),
    (9.88, 3.19), (10.45, 3.68), (21.14, 3.12), (19.32, 3.52),
    (22.97, 3.93), (24.01, 4.73), (24.61, 5.61), (24.68, 7.35),
    (26.20, 8.92), (5.66, 1.06), (5.04, 0.92), (5.14, 0.94),
    (5.07, 1.51), (5.28, 1.86), (5.60, 2.76), (6.12, 3.68),
    (7.54, 0.39), (-1.20, 0.53), (7.59, 0.31), (-1.66, 0.53),
    (8.24, 0.41), (-1.20, 0.69), (-5.21, 2.07), (0.58, 0.57),
    (-2.41, 0.51), (-0.84, 0.53), (1.45, 0.55), (2.27, 1.19),
];
/// Mean of the square roots of a pattern at its twelve places.
const PLACES: [f64; N_PLACES] =
    [0.36, 0.09, 0.20, 0.11, 0.32, 0.11, 0.20, 0.13, 0.35, 0.10, 0.22, 0.13];
/// Mean profiles of recordings in major and minor, from the tonic up.
const MAJOR: [f64; 12] = [0.48, 0.08, 0.32, 0.10, 0.35, 0.27, 0.11, 0.46, 0.11, 0.30, 0.13, 0.26];
const MINOR: [f64; 12] = [0.48, 0.12, 0.27, 0.33, 0.13, 0.33, 0.11, 0.44, 0.25, 0.14, 0.29, 0.16];
/// Words that people give, the frequent ones first.
const N_WORDS: f64 = 400.0;

/// A track, with what chance has to do with it alone.
pub(super) fn item(latent: &Latent, loadings: &Loadings, rng: &mut Rng) -> Item {
    let mut timbre = loadings.timbre(latent);
    // What goes on is heard as flux too, which is one of the numbers.
    timbre[62] = 0.75 * timbre[62] + 0.65 * latent.drive;
    let bright = timbre[52];
    let active = 0.8 * latent.drive + 0.6 * latent.onsets;
    let key = key(latent, rng);
    let mode = if key.mode == Mode::Major { 0.6 } else { -0.6 };
    let [v, a, t] = latent.emotion;
    let valence = 0.05 + 0.32 * (0.6 * mode + 0.4 * bright + 0.55 * v);
    let arousal = -0.05 + 0.48 * (0.6 * latent.drive + 0.4 * bright + 0.3 * active + 0.35 * a);
    let tension = -0.03 + 0.24 * (0.3 * latent.drive + 0.2 * bright + 0.9 * t);
    let duration_s = (180.0 * (0.5 * latent.length).exp()).clamp(8.0, 900.0);
    let silent = rng.chance(0.001);
    let mut perhaps = |p_unknown: f64| !silent && !rng.chance(p_unknown);
    let known: [bool; 5] = [0.0, 0.06, 0.03, 0.08, 0.002].map(&mut perhaps);
    let analysis = Analysis {
        version: 1,
        input: Input {
            sample_rate_hz: 44_100,
            n_channels: 2,
            n_frames: (duration_s * 44_100.0) as u64,
            duration_s,
            n_invalid_samples: 0,
        },
        spectral: when(known[0], spectral(&timbre)),
        loudness: when(known[0], loudness(latent)),
        tempo: when(known[1], tempo(latent, active, rng)),
        rhythm: when(known[2], rhythm(latent, active, rng)),
        key: when(known[3], key),
        emotion: when(known[4], emotion([valence, arousal, tension], rng)),
        // Matching reads nothing of the others.
        expression: dsp::Expression::default(),
        voice: Err(Reason::TooShort),
        dynamics: Err(Reason::TooShort),
        structure: Err(Reason::TooShort),
        fingerprint: Err(Reason::TooShort),
        curves: dsp::Curves::default(),
    };
    Item { descriptor: Descriptor::new(&analysis), embedding: None, tags: tags(latent, rng) }
}

fn when<T>(is_known: bool, value: T) -> Estimate<T> {
    if is_known { Ok(value) } else { Err(Reason::Noise) }
}

fn spectral(timbre: &[f64; N_TIMBRE]) -> Spectral {
    let value = |i: usize| TIMBRE[i].0 + TIMBRE[i].1 * timbre[i].clamp(-3.5, 3.5);
    let stats = |mean: f64, std: f64| Stats { mean: mean as f32, std: std as f32 };
    // Some are kept as the logarithm of the mean and of the deviation's part of it.
    let ratio = |i: usize| stats(value(i).exp(), (value(i) + value(i + 1)).exp());
    Spectral {
        mfcc: std::array::from_fn(|i| match i.checked_sub(1) {
            None => stats(-150.0, 60.0),
            Some(i) => stats(value(i), value(19 + i).max(0.5)),
        }),
        contrast_db: std::array::from_fn(|i| stats(value(38 + i), value(45 + i).max(0.2))),
        centroid_hz: ratio(52),
        bandwidth_hz: ratio(54),
        rolloff_hz: ratio(56),
        flatness: ratio(58),
        zero_crossing_rate: ratio(60),
        flux_db: stats(value(62), value(63).max(0.05)),
        rms: stats(0.1, 0.05),
        mfcc_covariance: Vec::new(),
        chroma: [0.5; 12],
    }
}

fn loudness(latent: &Latent) -> Loudness {
    let median_lufs =
        (-21.2 + 5.9 * (0.25 * latent.drive + 0.97 * latent.loudness)).clamp(-45.0, -5.0);
    Loudness {
        integrated_lufs: median_lufs + 0.3,
        replay_gain_db: -5.0,
        range_lu: Ok(6.0),
        momentary_max_lufs: median_lufs + 6.0,
        short_term_max_lufs: Ok(median_lufs + 4.0),
        short_term_median_lufs: Ok(median_lufs),
        true_peak_dbtp: -1.0,
        sample_peak_dbfs: -1.2,
    }
}

fn tempo(latent: &Latent, active: f64, rng: &mut Rng) -> Tempo {
    let octaves = (6.8 + 0.42 * (0.9 * latent.tempo + 0.4 * active)).clamp(5.5, 7.8);
    // Most producers set whole beats per minute.
    let bpm = if rng.chance(0.6) { octaves.exp2().round() } else { octaves.exp2() };
    let other = bpm * rng.pick(&[0.5, 2.0, 1.5, 2.0 / 3.0]);
    let strength = rng.range(0.5, 0.95);
    Tempo {
        bpm,
        confidence: 1.0 - 0.4 * rng.unit().powi(4),
        candidates: vec![
            TempoCandidate { bpm, strength },
            TempoCandidate { bpm: other, strength: 1.0 - strength },
        ],
        stability: 0.9,
        curve: Vec::new(),
    }
}

fn rhythm(latent: &Latent, active: f64, rng: &mut Rng) -> Rhythm {
    let mut pattern = [0.0_f32; 48];
    for (place, (mean, number)) in PLACES.iter().zip(latent.places).enumerate() {
        let weight = (mean * (0.55 * number).exp()).powi(2);
        // Onsets gather around their places.
        for (offset, part) in [(47, 0.12), (0, 0.72), (1, 0.12), (2, 0.04)] {
            pattern[(4 * place + offset) % 48] += (weight * part) as f32;
        }
    }
    for bin in &mut pattern {
        *bin += (0.006 * rng.range(0.5, 1.5)) as f32;
    }
    let sum: f32 = pattern.iter().sum();
    for bin in &mut pattern {
        *bin /= sum;
    }
    Rhythm {
        beats_s: Vec::new(),
        beat_strengths: Vec::new(),
        tatums_per_beat: 2,
        meter: Err(Reason::NoMeter),
        confidence: (0.68 + 0.1 * rng.normal()).clamp(0.05, 0.95),
        onset_rate_hz: (1.67 + 0.58 * active).exp2().clamp(0.2, 12.0),
        pulse_clarity: (0.36 + 0.055 * latent.pulse).clamp(0.0, 1.0),
        pattern,
    }
}

fn key(latent: &Latent, rng: &mut Rng) -> Key {
    let mode = if latent.mode + 0.5 * rng.normal() > 0.1 { Mode::Major } else { Mode::Minor };
    let tonic = rng.below(12);
    let mean = if mode == Mode::Major { &MAJOR } else { &MINOR };
    let mut profile = [0.0_f32; 12];
    for (class, (mean, number)) in mean.iter().zip(latent.profile).enumerate() {
        let value: f64 = mean + 0.05 * number + 0.03 * rng.normal();
        profile[(tonic + class) % 12] = value.max(0.01) as f32;
    }
    let strength = rng.range(0.5, 0.9);
    let tonic = tonic as u8;
    Key {
        tonic,
        mode,
        confidence: 1.0 - 0.6 * rng.unit().powi(3),
        candidates: vec![
            KeyCandidate { tonic, mode, strength },
            KeyCandidate { tonic: (tonic + 7) % 12, mode, strength: 1.0 - strength },
        ],
        clarity: (0.89 + 0.05 * latent.clarity).clamp(0.3, 1.0),
        majorness: 0.0,
        tuning_cents: 0.0,
        profile,
        harmonic_change: 0.2,
        regions: Vec::new(),
    }
}

fn emotion(values: [f64; 3], rng: &mut Rng) -> Emotion {
    let dimension = |value: f64, confidence: f64| Dimension {
        value: value.clamp(-0.95, 0.95),
        confidence,
        intercept: 0.0,
        contributions: Vec::new(),
        interval: None,
    };
    let none = || dimension(0.0, 0.2);
    Emotion {
        method: Method { name: "rule/2, reference/2".into(), number: 0 },
        valence: dimension(values[0], 0.25 * rng.range(0.96, 1.0)),
        arousal: dimension(values[1], 0.5 * rng.range(0.97, 1.0)),
        tension: dimension(values[2], 0.2),
        concepts: Concepts {
            happy: none(),
            sad: none(),
            tender: none(),
            anger: none(),
            fear: none(),
        },
        hints: dsp::Hints::default(),
        curve: Vec::new(),
    }
}

/// Up to five words; four tracks of ten have none. Words go with the sound.
fn tags(latent: &Latent, rng: &mut Rng) -> Vec<String> {
    if rng.chance(0.4) {
        return Vec::new();
    }
    (0..=rng.below(5))
        .map(|_| {
            let place = if rng.chance(0.5) {
                // Where the first two axes of timbre are.
                let [x, y] = [0, 1].map(|axis| (latent.timbre[axis] * 1.5 + 4.0).clamp(0.0, 8.0));
                20.0 + 9.0 * x.floor() + y.floor()
            } else {
                N_WORDS * rng.unit().powi(3)
            };
            format!("word {}", place as u32)
        })
        .collect()
}
