//! Levels of single harmonics of the voice.

use super::LOW_RATE_HZ;
use super::autocorrelation::{N_BINS, N_FFT};
use super::formants::{Formant, N_FORMANTS};
use crate::lanes::log2;

/// How far a harmonic may lie from its place, over the fundamental frequency.
const SEARCH: f64 = 0.25;
/// Harmonics this far from a formant, over its frequency, belong to it; the nearest one always does.
const FORMANT_SHARE: f64 = 0.1;
/// Powers below this are not told apart: 100 dB below those of a frame at the gate of silence.
const FLOOR: f32 = 1e-12;

/// Decibels per octave of power.
const DB_PER_LOG2: f64 = 3.010_299_956_639_812;

/// Levels of harmonics.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(clippy::struct_field_names, reason = "units are in the names")]
pub(super) struct Harmonics {
    /// First over second.
    pub(super) h1_h2_db: f64,
    /// First over the strongest at the third formant.
    pub(super) h1_a3_db: Option<f64>,
    /// Strongest at each formant over the first.
    pub(super) amplitudes_db: Option<[f64; N_FORMANTS]>,
}

/// Levels in a power spectrum of 60 ms at 11 025 Hz, with a voice at `f0_hz`.
pub(super) fn harmonics(
    power: &[f32],
    f0_hz: f64,
    formants: Option<&[Formant; N_FORMANTS]>,
) -> Harmonics {
    let first = level_db(power, f0_hz, f0_hz);
    let amplitudes_db = formants.map(|all| all.map(|it| strongest_db(power, f0_hz, it.hz) - first));
    Harmonics {
        h1_h2_db: first - level_db(power, f0_hz, 2.0 * f0_hz),
        h1_a3_db: amplitudes_db.map(|amplitudes| -amplitudes[N_FORMANTS - 1]),
        amplitudes_db,
    }
}

/// The strongest harmonic at a formant.
fn strongest_db(power: &[f32], f0_hz: f64, formant_hz: f64) -> f64 {
    let nearest = (formant_hz / f0_hz).round().max(1.0);
    let around = FORMANT_SHARE * formant_hz / f0_hz;
    let first = ((formant_hz / f0_hz - around).ceil()).clamp(1.0, nearest) as u32;
    let last = ((formant_hz / f0_hz + around).floor()).max(nearest) as u32;
    let level = |k: u32| level_db(power, f0_hz, f64::from(k) * f0_hz);
    (first..=last).map(level).fold(f64::NEG_INFINITY, f64::max)
}

/// The largest power around `hz`, between the bins.
fn level_db(power: &[f32], f0_hz: f64, hz: f64) -> f64 {
    let bin = |hz: f64| hz * N_FFT as f64 / LOW_RATE_HZ;
    let low = (bin(hz - SEARCH * f0_hz).round() as usize).clamp(1, N_BINS - 2);
    let high = (bin(hz + SEARCH * f0_hz).round() as usize).clamp(low, N_BINS - 2);
    let best = (low..=high).fold(low, |best, i| if power[i] > power[best] { i } else { best });
    let db = |i: usize| DB_PER_LOG2 * f64::from(log2(power[i].max(FLOOR)));
    let (before, here, after) = (db(best - 1), db(best), db(best + 1));
    let curvature = before - 2.0 * here + after;
    let shift =
        if curvature < 0.0 { (0.5 * (before - after) / curvature).clamp(-0.5, 0.5) } else { 0.0 };
    here - 0.25 * (before - after) * shift
}

#[cfg(test)]
mod tests {
    use super::super::autocorrelation::Autocorrelator;
    use super::*;

    // Levels are read from a window of 60 ms, in which harmonics 110 Hz apart do not reach each other; the parabola errs by
    // 0.1 dB at most.
    #[test]
    fn levels_are_those_of_the_tones() {
        let amplitudes = |k: u32| match k {
            1 => 0.3,
            2 => 0.3 * 10f64.powf(-4.0 / 20.0),
            20 => 0.3 * 10f64.powf(-17.0 / 20.0),
            _ => 0.3 * 10f64.powf(-30.0 / 20.0),
        };
        for f0_hz in [117.3, 125.0, 200.0] {
            let sample = |i: usize| {
                let t = i as f64 / LOW_RATE_HZ;
                let tone = |k: u32| {
                    amplitudes(k)
                        * (std::f64::consts::TAU * f64::from(k) * f0_hz * t + f64::from(k * k))
                            .sin()
                };
                (1..=25).map(tone).sum::<f64>() as f32
            };
            let frame: Vec<f32> = (0..N_FFT).map(sample).collect();
            let mut power = vec![0.0; N_BINS];
            Autocorrelator::new().unwrap().spectrum(&frame, &mut power);
            let at = |k: f64| Formant { hz: k * f0_hz, bandwidth_hz: 100.0 };
            let found = harmonics(&power, f0_hz, Some(&[at(2.1), at(6.0), at(19.6)]));
            assert!((found.h1_h2_db - 4.0).abs() < 0.2, "{f0_hz}: {found:?}");
            assert!((found.h1_a3_db.unwrap() - 17.0).abs() < 0.2, "{f0_hz}: {found:?}");
            let [f1, f2, _] = found.amplitudes_db.unwrap();
            assert!((f1 + 4.0).abs() < 0.2 && (f2 + 30.0).abs() < 0.5, "{f0_hz}: {found:?}");
        }
    }

    #[test]
    fn without_formants_only_the_first_two_are_known() {
        let found = harmonics(&vec![0.0; N_BINS], 100.0, None);
        assert!(found.h1_h2_db.abs() < 1e-9 && found.h1_a3_db.is_none());
    }
}
