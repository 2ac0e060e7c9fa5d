//! EBU Tech 3341 (2023), table 1, and Tech 3342 (2023), table 1: every case of loudness that can be synthesised, at the
//! tolerance of the document and at the usual sampling rates.
//!
//! Left out: 3341 cases 7 and 8, 3342 cases 5 and 6. They are recordings. Cases 15 to 23 are in `true_peak`.

use std::f64::consts::TAU;

use dsp::{Loudness, LoudnessStage};

const RATES_HZ: [u32; 4] = [44100, 48000, 96000, 192_000];
const TOLERANCE_LU: f64 = 0.1;
const SILENCE_DB: f64 = f64::NEG_INFINITY;

/// A 1 kHz tone in phase on two channels; segments of seconds and peak level in dBFS.
fn stereo(rate_hz: u32, segments: &[(f64, f64)]) -> Loudness {
    let segments: Vec<_> = segments.iter().map(|&(s, db)| (s, vec![db, db])).collect();
    tones(rate_hz, &segments)
}

/// A 1 kHz tone at an own level on each channel.
fn tones(rate_hz: u32, segments: &[(f64, Vec<f64>)]) -> Loudness {
    let rate = f64::from(rate_hz);
    let n_channels = segments[0].1.len();
    let mut stage = LoudnessStage::new(rate_hz, n_channels as u32);
    let (mut from, mut end_s) = (0u32, 0.0);
    for (seconds, levels) in segments {
        end_s += seconds;
        let until = (end_s * rate).round() as u32;
        let gains: Vec<f64> = levels.iter().map(|db| 10f64.powf(db / 20.0)).collect();
        let samples: Vec<f32> = (from..until)
            .flat_map(|at| {
                // One second holds whole periods, so that hours are as exact as this one.
                let sine = (TAU * 1000.0 * f64::from(at % rate_hz) / rate).sin();
                gains.iter().map(move |gain| (gain * sine) as f32)
            })
            .collect();
        stage.push(&samples);
        from = until;
    }
    stage.finish().unwrap()
}

fn check(case: &str, rate_hz: u32, actual: f64, expected: f64, tolerance: f64) {
    assert!(
        (actual - expected).abs() <= tolerance,
        "{case} at {rate_hz} Hz: {actual} is not {expected} ±{tolerance}"
    );
}

#[test]
fn tech_3341_cases_1_and_2_read_a_steady_tone() {
    for rate_hz in RATES_HZ {
        for level in [-23.0, -33.0] {
            let loudness = stereo(rate_hz, &[(20.0, level)]);
            check("M", rate_hz, loudness.momentary_max_lufs, level, TOLERANCE_LU);
            let short_term = loudness.short_term_max_lufs.unwrap();
            check("S", rate_hz, short_term, level, TOLERANCE_LU);
            check("I", rate_hz, loudness.integrated_lufs, level, TOLERANCE_LU);
            // The gain to the reference of ReplayGain 2.0.
            check("gain", rate_hz, loudness.replay_gain_db, -18.0 - level, TOLERANCE_LU);
        }
    }
}

#[test]
fn tech_3341_cases_3_to_5_are_gated() {
    let cases: [&[(f64, f64)]; 3] = [
        &[(10.0, -36.0), (60.0, -23.0), (10.0, -36.0)],
        &[(10.0, -72.0), (10.0, -36.0), (60.0, -23.0), (10.0, -36.0), (10.0, -72.0)],
        &[(20.0, -26.0), (20.1, -20.0), (20.0, -26.0)],
    ];
    for rate_hz in RATES_HZ {
        for (case, segments) in cases.iter().enumerate() {
            let loudness = stereo(rate_hz, segments).integrated_lufs;
            check(&format!("case {}", case + 3), rate_hz, loudness, -23.0, TOLERANCE_LU);
        }
    }
}

#[test]
fn tech_3341_case_6_weights_five_channels() {
    for rate_hz in RATES_HZ {
        let levels = vec![-28.0, -28.0, -24.0, -30.0, -30.0];
        let loudness = tones(rate_hz, &[(20.0, levels.clone())]).integrated_lufs;
        check("5.0", rate_hz, loudness, -23.0, TOLERANCE_LU);
        // The same with a low-frequency channel, which does not count.
        let [l, r, c, ls, rs] = levels[..] else { unreachable!() };
        let loudness = tones(rate_hz, &[(20.0, vec![l, r, c, -10.0, ls, rs])]).integrated_lufs;
        check("5.1", rate_hz, loudness, -23.0, TOLERANCE_LU);
    }
}

#[test]
fn one_channel_is_three_decibels_below_two() {
    for rate_hz in RATES_HZ {
        let mono = tones(rate_hz, &[(5.0, vec![-20.0])]).integrated_lufs;
        check("mono", rate_hz, mono, -20.0 - 10.0 * 2f64.log10(), TOLERANCE_LU);
    }
}

#[test]
fn tech_3341_case_9_holds_the_short_term() {
    let segments = [(1.34, -20.0), (1.66, -30.0)].repeat(5);
    for rate_hz in RATES_HZ {
        let loudness = stereo(rate_hz, &segments);
        check("S", rate_hz, loudness.short_term_max_lufs.unwrap(), -23.0, TOLERANCE_LU);
        // Constant: the distribution of the short term has no width either.
        check("LRA", rate_hz, loudness.range_lu.unwrap(), 0.0, 2.0 * TOLERANCE_LU);
    }
}

#[test]
fn tech_3341_cases_10_and_11_find_the_highest_short_term() {
    for rate_hz in [44100, 48000] {
        for i in 0..20 {
            let delay = 0.15 * f64::from(i);
            let file = [(delay, SILENCE_DB), (3.0, -23.0), (1.0, SILENCE_DB)];
            let short_term = stereo(rate_hz, &file).short_term_max_lufs.unwrap();
            check(&format!("10, {i}"), rate_hz, short_term, -23.0, TOLERANCE_LU);
            let level = -38.0 + f64::from(i);
            let live = [(delay, SILENCE_DB), (3.0, level), (3.0 - delay, SILENCE_DB)];
            let short_term = stereo(rate_hz, &live).short_term_max_lufs.unwrap();
            check(&format!("11, {i}"), rate_hz, short_term, level, TOLERANCE_LU);
        }
    }
}

#[test]
fn tech_3341_case_12_holds_the_momentary() {
    let segments = [(0.18, -20.0), (0.22, -30.0)].repeat(25);
    for rate_hz in RATES_HZ {
        let loudness = stereo(rate_hz, &segments);
        check("M", rate_hz, loudness.momentary_max_lufs, -23.0, TOLERANCE_LU);
        // Constant: no window of 400 ms is gated or quieter than the others.
        check("I", rate_hz, loudness.integrated_lufs, -23.0, TOLERANCE_LU);
    }
}

#[test]
fn tech_3341_cases_13_and_14_find_the_highest_momentary() {
    for rate_hz in RATES_HZ {
        for i in 0..20 {
            let delay = 0.02 * f64::from(i);
            let file = [(delay, SILENCE_DB), (0.4, -23.0), (1.0, SILENCE_DB)];
            let momentary = stereo(rate_hz, &file).momentary_max_lufs;
            check(&format!("13, {i}"), rate_hz, momentary, -23.0, TOLERANCE_LU);
            let level = -38.0 + f64::from(i);
            let live = [(delay, SILENCE_DB), (0.4, level), (0.4 - delay, SILENCE_DB)];
            let momentary = stereo(rate_hz, &live).momentary_max_lufs;
            check(&format!("14, {i}"), rate_hz, momentary, level, TOLERANCE_LU);
        }
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
    for rate_hz in RATES_HZ {
        for (levels, range) in cases {
            let segments: Vec<_> = levels.iter().map(|&db| (20.0, db)).collect();
            let loudness = stereo(rate_hz, &segments);
            check("LRA", rate_hz, loudness.range_lu.unwrap(), range, 1.0);
        }
    }
}
