//! EBU Tech 3341 (2023), table 1, and Tech 3342 (2023), table 1: every case that can be synthesised, at the tolerance
//! of the document.
//!
//! Left out: 3341 cases 7 and 8, 3342 cases 5 and 6. They are recordings.

use std::f64::consts::TAU;

use dsp::{Loudness, LoudnessStage};

const RATE_HZ: u32 = 48000;
const TOLERANCE_LU: f64 = 0.1;
const SILENCE_DB: f64 = f64::NEG_INFINITY;

/// Samples of all channels and how to measure them.
struct Programme {
    n_channels: usize,
    samples: Vec<f32>,
}

impl Programme {
    /// A 1 kHz tone in phase on two channels; segments of seconds and peak level in dBFS.
    fn stereo(segments: &[(f64, f64)]) -> Self {
        let segments: Vec<_> = segments.iter().map(|&(s, db)| (s, vec![db, db])).collect();
        Self::tones(&segments)
    }

    /// A 1 kHz tone at an own level on each channel.
    fn tones(segments: &[(f64, Vec<f64>)]) -> Self {
        let rate = f64::from(RATE_HZ);
        let mut samples = Vec::new();
        let mut at = 0u32;
        for (seconds, levels) in segments {
            for _ in 0..(seconds * rate).round() as u32 {
                let sine = (TAU * f64::from(at % 48) / 48.0).sin();
                samples.extend(levels.iter().map(|db| (10f64.powf(db / 20.0) * sine) as f32));
                at += 1;
            }
        }
        Self { n_channels: segments[0].1.len(), samples }
    }

    fn loudness(&self) -> Loudness {
        let mut stage = LoudnessStage::new(RATE_HZ, u32::try_from(self.n_channels).unwrap());
        for block in self.samples.chunks(4096 * self.n_channels) {
            stage.push(block);
        }
        stage.finish().unwrap()
    }
}

fn check(case: &str, actual: f64, expected: f64, tolerance: f64) {
    assert!(
        (actual - expected).abs() <= tolerance,
        "{case}: {actual} is not {expected} ±{tolerance}"
    );
}

#[test]
fn tech_3341_cases_1_and_2_read_a_steady_tone() {
    for level in [-23.0, -33.0] {
        let loudness = Programme::stereo(&[(20.0, level)]).loudness();
        check("M", loudness.momentary_max_lufs, level, TOLERANCE_LU);
        check("S", loudness.short_term_max_lufs.unwrap(), level, TOLERANCE_LU);
        check("I", loudness.integrated_lufs, level, TOLERANCE_LU);
    }
}

#[test]
fn tech_3341_cases_3_to_5_are_gated() {
    let cases: [&[(f64, f64)]; 3] = [
        &[(10.0, -36.0), (60.0, -23.0), (10.0, -36.0)],
        &[(10.0, -72.0), (10.0, -36.0), (60.0, -23.0), (10.0, -36.0), (10.0, -72.0)],
        &[(20.0, -26.0), (20.1, -20.0), (20.0, -26.0)],
    ];
    for (case, segments) in cases.iter().enumerate() {
        let loudness = Programme::stereo(segments).loudness();
        check(&format!("case {}", case + 3), loudness.integrated_lufs, -23.0, TOLERANCE_LU);
    }
}

#[test]
fn tech_3341_case_6_weights_five_channels() {
    let levels = vec![-28.0, -28.0, -24.0, -30.0, -30.0];
    let loudness = Programme::tones(&[(20.0, levels.clone())]).loudness();
    check("5.0", loudness.integrated_lufs, -23.0, TOLERANCE_LU);
    // The same with a low-frequency channel, which does not count.
    let [l, r, c, ls, rs] = levels[..] else { unreachable!() };
    let loudness = Programme::tones(&[(20.0, vec![l, r, c, -10.0, ls, rs])]).loudness();
    check("5.1", loudness.integrated_lufs, -23.0, TOLERANCE_LU);
}

#[test]
fn tech_3341_case_9_holds_the_short_term() {
    let segments = [(1.34, -20.0), (1.66, -30.0)].repeat(5);
    let loudness = Programme::stereo(&segments).loudness();
    check("S", loudness.short_term_max_lufs.unwrap(), -23.0, TOLERANCE_LU);
    // Constant: the distribution of the short term has no width either.
    check("LRA", loudness.range_lu.unwrap(), 0.0, 2.0 * TOLERANCE_LU);
}

#[test]
fn tech_3341_cases_10_and_11_find_the_highest_short_term() {
    for i in 0..20 {
        let delay = 0.15 * f64::from(i);
        let file = [(delay, SILENCE_DB), (3.0, -23.0), (1.0, SILENCE_DB)];
        let loudness = Programme::stereo(&file).loudness();
        check(&format!("10, {i}"), loudness.short_term_max_lufs.unwrap(), -23.0, TOLERANCE_LU);
        let level = -38.0 + f64::from(i);
        let live = [(delay, SILENCE_DB), (3.0, level), (3.0 - delay, SILENCE_DB)];
        let loudness = Programme::stereo(&live).loudness();
        check(&format!("11, {i}"), loudness.short_term_max_lufs.unwrap(), level, TOLERANCE_LU);
    }
}

#[test]
fn tech_3341_case_12_holds_the_momentary() {
    let segments = [(0.18, -20.0), (0.22, -30.0)].repeat(25);
    let loudness = Programme::stereo(&segments).loudness();
    check("M", loudness.momentary_max_lufs, -23.0, TOLERANCE_LU);
}

#[test]
fn tech_3341_cases_13_and_14_find_the_highest_momentary() {
    for i in 0..20 {
        let delay = 0.02 * f64::from(i);
        let file = [(delay, SILENCE_DB), (0.4, -23.0), (1.0, SILENCE_DB)];
        let loudness = Programme::stereo(&file).loudness();
        check(&format!("13, {i}"), loudness.momentary_max_lufs, -23.0, TOLERANCE_LU);
        let level = -38.0 + f64::from(i);
        let live = [(delay, SILENCE_DB), (0.4, level), (0.4 - delay, SILENCE_DB)];
        let loudness = Programme::stereo(&live).loudness();
        check(&format!("14, {i}"), loudness.momentary_max_lufs, level, TOLERANCE_LU);
    }
}

fn check_true_peak(case: &str, samples: &[f32], expected: f64) {
    let stereo: Vec<f32> = samples.iter().flat_map(|&x| [x, x]).collect();
    let peak = Programme { n_channels: 2, samples: stereo }.loudness().true_peak_dbtp;
    assert!((-0.4..=0.2).contains(&(peak - expected)), "{case}: {peak} is not {expected}");
}

/// Rises and falls within 10 ms.
fn fade(i: u32, n: u32) -> f64 {
    (f64::from(i.min(n - 1 - i)) / 480.0).min(1.0)
}

#[test]
fn tech_3341_cases_15_to_19_find_peaks_between_samples() {
    let cases = [
        (15, 4.0, 0.50, 0.0, -6.0),
        (16, 4.0, 0.50, 45.0, -6.0),
        (17, 6.0, 0.50, 60.0, -6.0),
        (18, 8.0, 0.50, 67.5, -6.0),
        (19, 4.0, 1.41, 45.0, 3.0),
    ];
    for (case, period, amplitude, degrees, expected) in cases {
        let samples: Vec<f32> = (0..RATE_HZ)
            .map(|i| {
                let phase = TAU * (f64::from(i) / period + degrees / 360.0);
                (amplitude * fade(i, RATE_HZ) * phase.sin()) as f32
            })
            .collect();
        check_true_peak(&format!("case {case}"), &samples, expected);
    }
}

#[test]
fn tech_3341_cases_20_to_23_find_one_peak_whatever_its_offset() {
    // At four times the rate: a tone at a sixth of the rate, peak 0.5, that holds one period at a quarter of it, peak 1,
    // without a jump of phase.
    let n = 4 * RATE_HZ;
    let burst = n / 2..n / 2 + 16;
    let mut turns = 0.0;
    let mut fine = Vec::new();
    for i in 0..n {
        let (amplitude, period) = if burst.contains(&i) { (1.0, 16.0) } else { (0.5, 24.0) };
        fine.push(amplitude * fade(i, n) * (TAU * turns).sin());
        turns += 1.0 / period;
    }
    // Low pass at half the rate, 24 samples of it to either side.
    let half = 96;
    let tap = |k: i32| {
        let x = TAU * f64::from(k) / 8.0;
        let sinc = if k == 0 { 1.0 } else { x.sin() / x };
        sinc / 4.0 * (0.5 + 0.5 * (TAU / 2.0 * f64::from(k) / f64::from(half)).cos())
    };
    for offset in 0..4usize {
        let samples: Vec<f32> = (half as usize + offset..fine.len() - half as usize)
            .step_by(4)
            .map(|i| {
                let around = &fine[i - half as usize..=i + half as usize];
                (-half..=half).zip(around).map(|(k, x)| tap(k) * x).sum::<f64>() as f32
            })
            .collect();
        check_true_peak(&format!("case {}", 20 + offset), &samples, 0.0);
    }
}

#[test]
fn tech_3342_cases_1_to_4_have_their_range() {
    let cases: [(&[f64], f64); 4] = [
        (&[-20.0, -30.0], 10.0),
        (&[-20.0, -15.0], 5.0),
        (&[-40.0, -20.0], 20.0),
        (&[-50.0, -35.0, -20.0, -35.0, -50.0], 15.0),
    ];
    for (levels, range) in cases {
        let segments: Vec<_> = levels.iter().map(|&db| (20.0, db)).collect();
        let loudness = Programme::stereo(&segments).loudness();
        check("LRA", loudness.range_lu.unwrap(), range, 1.0);
    }
}
