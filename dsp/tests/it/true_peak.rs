//! EBU Tech 3341 (2023), table 1, cases 15 to 23: true peaks, at the tolerance of the document.

use std::f64::consts::TAU;

use dsp::LoudnessStage;

const RATES_HZ: [u32; 2] = [44100, 48000];

fn check(case: u32, rate_hz: u32, samples: &[f32], expected: f64) {
    let stereo: Vec<f32> = samples.iter().flat_map(|&x| [x, x]).collect();
    let mut stage = LoudnessStage::new(rate_hz, 2);
    stage.push(&stereo);
    let peak = stage.finish().unwrap().true_peak_dbtp;
    assert!(
        (-0.4..=0.2).contains(&(peak - expected)),
        "case {case} at {rate_hz} Hz: {peak} is not {expected}"
    );
}

/// Rises and falls within 10 ms.
fn fade(i: u32, n: u32, rate_hz: u32) -> f64 {
    (f64::from(i.min(n - 1 - i)) / (0.01 * f64::from(rate_hz))).min(1.0)
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
    for rate_hz in RATES_HZ {
        for (case, period, amplitude, degrees, expected) in cases {
            let samples: Vec<f32> = (0..rate_hz)
                .map(|i| {
                    let phase = TAU * (f64::from(i) / period + degrees / 360.0);
                    (amplitude * fade(i, rate_hz, rate_hz) * phase.sin()) as f32
                })
                .collect();
            check(case, rate_hz, &samples, expected);
        }
    }
}

#[test]
fn tech_3341_cases_20_to_23_find_one_peak_whatever_its_offset() {
    for rate_hz in RATES_HZ {
        // At four times the rate: a tone at a sixth of the rate, peak 0.5, that holds one period at a quarter of it,
        // peak 1, without a jump of phase.
        let n = 4 * rate_hz;
        let burst = n / 2..n / 2 + 16;
        let mut turns = 0.0;
        let mut fine = Vec::new();
        for i in 0..n {
            let (amplitude, period) = if burst.contains(&i) { (1.0, 16.0) } else { (0.5, 24.0) };
            fine.push(amplitude * fade(i, n, rate_hz) * (TAU * turns).sin());
            turns += 1.0 / period;
        }
        // Low pass at half the rate, 24 samples of it to either side.
        let half = 96;
        let tap = |k: i32| {
            let x = TAU * f64::from(k) / 8.0;
            let sinc = if k == 0 { 1.0 } else { x.sin() / x };
            sinc / 4.0 * (0.5 + 0.5 * (TAU / 2.0 * f64::from(k) / f64::from(half)).cos())
        };
        for offset in 0..4u32 {
            let samples: Vec<f32> = (half as usize + offset as usize..fine.len() - half as usize)
                .step_by(4)
                .map(|i| {
                    let around = &fine[i - half as usize..=i + half as usize];
                    (-half..=half).zip(around).map(|(k, x)| tap(k) * x).sum::<f64>() as f32
                })
                .collect();
            check(20 + offset, rate_hz, &samples, 0.0);
        }
    }
}

/// Rates from 96 kHz on need fewer points between the samples; a peak between them is then at most
/// 20·log10(cos(π/16)) = −0.17 dB away for a tone of 12 kHz.
#[test]
fn high_rates_find_the_peaks_of_audible_tones() {
    for rate_hz in [96000, 192_000] {
        for degrees in [0.0, 11.25, 22.5, 33.75] {
            let period = f64::from(rate_hz) / 12000.0;
            let samples: Vec<f32> = (0..rate_hz)
                .map(|i| {
                    let phase = TAU * (f64::from(i) / period + degrees / 360.0);
                    (0.5 * fade(i, rate_hz, rate_hz) * phase.sin()) as f32
                })
                .collect();
            check(18, rate_hz, &samples, -6.0);
        }
    }
}
