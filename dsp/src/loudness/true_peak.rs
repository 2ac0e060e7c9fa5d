//! Peaks of the signal between its samples.

use std::f64::consts::PI;

use multiversion::multiversion;

use crate::lanes::{LANES, larger};

/// Samples on either side that the interpolation reads.
const HALF_TAPS: usize = 6;
/// Samples whose peak is bounded before it is computed.
const BLOCK_SAMPLES: usize = 64;
/// A block between the margins that the interpolation reads.
const WINDOW_SAMPLES: usize = BLOCK_SAMPLES + 2 * HALF_TAPS;

type Window = [f32; WINDOW_SAMPLES];

/// Interpolator of the true-peak meter for one channel.
///
/// Four points per sample below 88.2 kHz, two below 192 kHz, one from there on: never less than 160 kHz for the
/// usual rates. The points between the samples come from a sinc under a Hann window of 6 samples on either side.
///
/// # Source
///
/// ITU-R BS.1770-5, annex 2. The annex gives a 48-tap filter as an example and allows others; this is the one of
/// libebur128, so that figures agree with the tools built on it.
#[derive(Debug, Clone)]
pub struct TruePeak {
    oversampling: Oversampling,
    /// The samples before the next ones, then the next ones.
    buffer: Vec<f32>,
    sample_peak: f32,
    peak: f32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Oversampling {
    None,
    Twice(Halves),
    FourTimes(Halves, Quarters),
}

/// Taps of the point half way: the same on both sides.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Halves([f32; HALF_TAPS]);

/// Taps of the points at one and three quarters. They mirror each other, so that both follow from one even and one
/// odd part: their larger magnitude is `|even| + |odd|`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Quarters {
    even: [f32; HALF_TAPS],
    odd: [f32; HALF_TAPS],
}

impl TruePeak {
    /// Meter of one channel at `rate_hz`.
    pub fn new(rate_hz: u32) -> Self {
        let halves = Halves(std::array::from_fn(|k| tap(k as f64 + 0.5) as f32));
        let near: [f64; HALF_TAPS] = std::array::from_fn(|k| tap(k as f64 + 0.25));
        let far: [f64; HALF_TAPS] = std::array::from_fn(|k| tap(k as f64 + 0.75));
        let quarters = Quarters {
            even: std::array::from_fn(|k| (f64::midpoint(near[k], far[k])) as f32),
            odd: std::array::from_fn(|k| ((near[k] - far[k]) / 2.0) as f32),
        };
        let oversampling = match rate_hz {
            0..88_200 => Oversampling::FourTimes(halves, quarters),
            88_200..192_000 => Oversampling::Twice(halves),
            _ => Oversampling::None,
        };
        Self { oversampling, buffer: vec![0.0; 2 * HALF_TAPS], sample_peak: 0.0, peak: 0.0 }
    }

    /// Takes the next samples.
    pub fn push(&mut self, samples: &[f32]) {
        let peak = sample_peak(samples);
        self.sample_peak = self.sample_peak.max(peak);
        self.peak = self.peak.max(peak);
        if self.oversampling == Oversampling::None {
            return;
        }
        self.buffer.extend_from_slice(samples);
        let mut rest = self.buffer.as_slice();
        let bound = self.oversampling.bound();
        while let Some(window) = rest.first_chunk::<WINDOW_SAMPLES>() {
            // Most blocks are too quiet to hold a new maximum, whatever lies between their samples.
            if sample_peak(window) * bound > self.peak {
                self.peak = self.peak.max(self.oversampling.peak(window));
            }
            rest = &rest[BLOCK_SAMPLES..];
        }
        let done = self.buffer.len() - rest.len();
        self.buffer.drain(..done);
    }

    /// Largest magnitude of the samples, and of the points between them too, linear full scale. After its last
    /// sample the signal counts as zero.
    pub fn finish(mut self) -> (f32, f32) {
        self.push(&[0.0; WINDOW_SAMPLES]);
        (self.sample_peak, self.peak)
    }
}

impl Oversampling {
    /// How much larger than its samples the interpolated signal can be.
    fn bound(&self) -> f32 {
        let sum = |taps: &[f32; HALF_TAPS]| taps.iter().map(|tap| tap.abs()).sum::<f32>();
        match self {
            Self::None => 1.0,
            Self::Twice(halves) => 2.0 * sum(&halves.0),
            Self::FourTimes(halves, quarters) => {
                // |near| + |far| = 2·max(|even|, |odd|) for each pair of taps.
                let pairs = quarters.even.iter().zip(&quarters.odd);
                let outer: f32 = pairs.map(|(e, o)| 2.0 * e.abs().max(o.abs())).sum();
                outer.max(2.0 * sum(&halves.0))
            }
        }
    }

    /// Largest magnitude of the points between the samples of a window, its margins left out.
    fn peak(&self, window: &Window) -> f32 {
        match self {
            Self::None => 0.0,
            Self::Twice(halves) => peak_twice(window, &halves.0),
            Self::FourTimes(halves, quarters) => {
                peak_four_times(window, &halves.0, &quarters.even, &quarters.odd)
            }
        }
    }
}

/// Sinc under a Hann window at a distance in samples.
fn tap(distance: f64) -> f64 {
    let window = 0.5 + 0.5 * (PI * distance / HALF_TAPS as f64).cos();
    (PI * distance).sin() / (PI * distance) * window
}

/// Largest magnitude.
#[multiversion(targets("x86_64+avx512f", "x86_64+avx2", "aarch64+neon"))]
pub(crate) fn sample_peak(samples: &[f32]) -> f32 {
    let mut lanes = [0f32; LANES];
    let chunks = samples.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, x) in lanes.iter_mut().zip(chunk) {
            *lane = larger(*lane, x.abs());
        }
    }
    rest.iter().chain(&lanes).fold(0.0, |peak, x| larger(peak, x.abs()))
}

#[multiversion(targets("x86_64+avx512f", "x86_64+avx2", "aarch64+neon"))]
fn peak_twice(window: &Window, halves: &[f32; HALF_TAPS]) -> f32 {
    let mut peaks = [0f32; LANES];
    for start in (0..BLOCK_SAMPLES).step_by(LANES) {
        let mut half = [0f32; LANES];
        for (k, tap) in halves.iter().enumerate() {
            let (before, after) = neighbours(window, start, k);
            for i in 0..LANES {
                half[i] += tap * (before[i] + after[i]);
            }
        }
        for i in 0..LANES {
            peaks[i] = larger(peaks[i], half[i].abs());
        }
    }
    peaks.into_iter().fold(0.0, larger)
}

#[multiversion(targets("x86_64+avx512f", "x86_64+avx2", "aarch64+neon"))]
fn peak_four_times(
    window: &Window,
    halves: &[f32; HALF_TAPS],
    even: &[f32; HALF_TAPS],
    odd: &[f32; HALF_TAPS],
) -> f32 {
    let mut peaks = [0f32; LANES];
    for start in (0..BLOCK_SAMPLES).step_by(LANES) {
        let (mut half, mut e, mut o) = ([0f32; LANES], [0f32; LANES], [0f32; LANES]);
        for k in 0..HALF_TAPS {
            let (before, after) = neighbours(window, start, k);
            for i in 0..LANES {
                let (sum, difference) = (before[i] + after[i], before[i] - after[i]);
                half[i] += halves[k] * sum;
                e[i] += even[k] * sum;
                o[i] += odd[k] * difference;
            }
        }
        for i in 0..LANES {
            peaks[i] = larger(peaks[i], larger(half[i].abs(), e[i].abs() + o[i].abs()));
        }
    }
    peaks.into_iter().fold(0.0, larger)
}

/// The samples `k` and a half before and after the points of a group.
#[inline(always)]
#[expect(clippy::inline_always, reason = "takes on the instruction set of its caller")]
fn neighbours(window: &Window, start: usize, k: usize) -> (&[f32; LANES], &[f32; LANES]) {
    let before = window[start + HALF_TAPS - 1 - k..].first_chunk();
    let after = window[start + HALF_TAPS + k..].first_chunk();
    before.zip(after).expect("the margins of a window are as wide as the filter")
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    fn peak_dbtp(rate_hz: u32, samples: &[f32], block: usize) -> f64 {
        let mut meter = TruePeak::new(rate_hz);
        samples.chunks(block).for_each(|block| meter.push(block));
        20.0 * f64::from(meter.finish().1).log10()
    }

    /// The obvious version: every point by its own sum.
    fn slow_peak(rate_hz: u32, samples: &[f32]) -> f64 {
        let points: &[f64] = if rate_hz < 88_200 { &[0.25, 0.5, 0.75] } else { &[0.5] };
        let at = |i: i64| usize::try_from(i).ok().and_then(|i| samples.get(i)).copied();
        let mut peak = samples.iter().fold(0.0, |peak: f64, x| peak.max(f64::from(x.abs())));
        for i in -8..i64::try_from(samples.len()).unwrap() + 8 {
            for point in points {
                let sum: f64 = (-5..=6)
                    .map(|k| f64::from(at(i + k).unwrap_or(0.0)) * tap((k as f64 - point).abs()))
                    .sum();
                peak = peak.max(sum.abs());
            }
        }
        20.0 * peak.log10()
    }

    #[test]
    fn equals_the_slow_version() {
        let mut state = 1u32;
        let noise: Vec<f32> = (0..1000)
            .map(|_| {
                state = state.wrapping_mul(1664525).wrapping_add(1013904223);
                state as f32 / 2f32.powi(31) - 1.0
            })
            .collect();
        for rate_hz in [8000, 44100, 96000] {
            for n in [1, 2, 63, 64, 65, 300, 1000] {
                let (fast, slow) =
                    (peak_dbtp(rate_hz, &noise[..n], 50), slow_peak(rate_hz, &noise[..n]));
                assert!((fast - slow).abs() < 1e-4, "{rate_hz} Hz, {n}: {fast} is not {slow}");
            }
        }
    }

    #[test]
    fn a_sine_between_its_samples_has_its_amplitude() {
        // Faded, because a tone that breaks off rings above its amplitude.
        let fade = |i: i32| (f64::from(i.min(4799 - i)) / 480.0).min(1.0);
        let sine: Vec<f32> = (0..4800)
            .map(|i| (0.5 * fade(i) * (TAU * (f64::from(i) / 4.0 + 0.125)).sin()) as f32)
            .collect();
        assert!((peak_dbtp(48000, &sine, 1000) - -6.02).abs() < 0.1);
        assert!((20.0 * f64::from(sample_peak(&sine)).log10() - -9.03).abs() < 0.01);
    }

    #[test]
    fn is_the_same_backwards() {
        let forth: Vec<f32> = (0..500u16).map(|i| (f32::from(i).powf(1.4)).sin()).collect();
        let back: Vec<f32> = forth.iter().rev().copied().collect();
        assert!((peak_dbtp(44100, &forth, 7) - peak_dbtp(44100, &back, 64)).abs() < 1e-5);
    }

    #[test]
    fn silence_has_no_peak() {
        assert!(peak_dbtp(44100, &[0.0; 100], 10) < f64::MIN);
        assert!(peak_dbtp(44100, &[], 10) < f64::MIN);
    }

    #[test]
    fn one_sample_is_a_peak_at_any_rate() {
        for rate_hz in [8000, 96000, 192_000] {
            assert!((peak_dbtp(rate_hz, &[0.5], 1) - -6.0206).abs() < 1e-3);
        }
    }
}
