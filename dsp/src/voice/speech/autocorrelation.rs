//! How well a frame repeats itself after each lag, and the lags at which it does so best.

use std::f64::consts::PI;

use super::even_transform::EvenTransform;
use super::{LOW_RATE_HZ, MAX_F0_HZ, MIN_F0_HZ};
use crate::Result;
use crate::lanes::log2;
use crate::power_spectrum::PowerSpectrum;
use crate::window;
use multiversion::multiversion;

/// Samples of a frame: 60 ms, three periods of the lowest voice.
pub(super) const FRAME: usize = 660;
/// Transform length: a frame and the longest lag fit.
pub(super) const N_FFT: usize = 1024;
/// Bins of the power spectrum.
pub(super) const N_BINS: usize = N_FFT / 2 + 1;
/// Bins that are hum and rumble: up to 22 Hz.
const N_RUMBLE: usize = 3;
/// Longest lag, one beyond the period of the lowest voice.
const MAX_LAG: usize = (LOW_RATE_HZ / MIN_F0_HZ) as usize + 1;
/// Shortest lag, one below the period of the highest voice.
const MIN_LAG: usize = (LOW_RATE_HZ / MAX_F0_HZ) as usize - 1;
/// Lags that are known: those in which interpolation reads.
const N_LAGS: usize = MAX_LAG + HALF_TAPS + 1;
/// Lags that are compared side by side.
const LANES: usize = 16;
/// Hypotheses of one frame (six in the set of Eyben et al. 2016).
pub(super) const MAX_CANDIDATES: usize = 6;
/// What an octave higher is worth, since all multiples of a period repeat as well (Boersma 1993).
pub(super) const OCTAVE_COST: f64 = 0.01;
/// Correlation below which a lag is no hypothesis.
const MIN_CORRELATION: f32 = 0.3;
/// A correlation is not told from 1 above this: 40 dB of harmonics over noise.
const MAX_CORRELATION: f32 = 0.9999;
/// Samples on either side in the interpolation between lags.
const HALF_TAPS: usize = 6;
/// Places between two lags that are looked at.
const N_PHASES: usize = 8;

/// One hypothesis of the fundamental frequency.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Candidate {
    /// Fundamental frequency, Hz.
    pub(super) hz: f32,
    /// Normalised autocorrelation at its period, 0..1.
    pub(super) correlation: f32,
}

impl Candidate {
    /// Octaves above the lowest voice.
    fn octaves(self) -> f32 {
        log2(self.hz.max(f32::MIN_POSITIVE) / MIN_F0_HZ as f32)
    }
}

/// The hypotheses of one frame, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Candidates {
    all: [Candidate; MAX_CANDIDATES],
    /// Octaves of each above the lowest voice.
    octaves: [f32; MAX_CANDIDATES],
    n: usize,
    /// Root of the power of the windowed frame, linear.
    pub(super) level: f32,
}

impl Candidates {
    /// Those that there are.
    pub(super) fn as_slice(&self) -> &[Candidate] {
        &self.all[..self.n]
    }

    /// Octaves of each above the lowest voice.
    pub(super) fn octaves(&self) -> &[f32] {
        &self.octaves[..self.n]
    }

    /// The correlation of one, and a little for each octave that it is higher.
    pub(super) fn strength(&self, i: usize) -> f64 {
        strength(self.all[i].correlation, self.octaves[i])
    }

    /// Those of a frame of this level in which none is looked for.
    pub(super) fn none(level: f32) -> Self {
        Self { level, ..Self::default() }
    }

    /// The strongest of `all`.
    #[cfg(test)]
    pub(super) fn of(all: &[Candidate], level: f32) -> Self {
        let mut found = Self { level, ..Self::default() };
        for &candidate in all {
            found.add(candidate);
        }
        found
    }

    /// Keeps a hypothesis if it is among the strongest.
    fn add(&mut self, candidate: Candidate) {
        let octaves = candidate.octaves();
        let own = strength(candidate.correlation, octaves);
        let place = (0..self.n).find(|&i| self.strength(i) < own).unwrap_or(self.n);
        if place < MAX_CANDIDATES {
            self.n = (self.n + 1).min(MAX_CANDIDATES);
            self.all.copy_within(place..self.n - 1, place + 1);
            self.octaves.copy_within(place..self.n - 1, place + 1);
            (self.all[place], self.octaves[place]) = (candidate, octaves);
        }
    }
}

fn strength(correlation: f32, octaves: f32) -> f64 {
    f64::from(correlation) + OCTAVE_COST * f64::from(octaves)
}

/// The strongest local maxima at whole lags.
#[derive(Debug, Default)]
struct Rough {
    /// Lag and strength, strongest first.
    all: [(usize, f64); MAX_CANDIDATES],
    n: usize,
}

impl Rough {
    fn add(&mut self, lag: usize, strength: f64) {
        let place = self.all[..self.n].iter().position(|it| it.1 < strength).unwrap_or(self.n);
        if place < MAX_CANDIDATES {
            self.n = (self.n + 1).min(MAX_CANDIDATES);
            self.all.copy_within(place..self.n - 1, place + 1);
            self.all[place] = (lag, strength);
        }
    }
}

/// Autocorrelation of windowed frames over that of the window.
///
/// # Source
///
/// Boersma (1993), "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio of a sampled
/// sound", *Proceedings of the Institute of Phonetic Sciences* 17: a periodic sound has 1 at its period, whatever its
/// spectrum, and a sound with noise has the harmonic share of its power. Between lags a windowed sinc interpolates.
pub(super) struct Autocorrelator {
    spectrum: PowerSpectrum,
    transform: EvenTransform,
    /// The spectra of two frames without rumble, and what they are transformed to.
    powers: [Vec<f32>; 2],
    lags: [Vec<f32>; 2],
    /// The squared window.
    window_squares: Vec<f32>,
    /// Inverse of the window's own normalised autocorrelation.
    of_window: Vec<f32>,
    /// Taps between lags, by phase.
    taps: [[f32; 2 * HALF_TAPS]; N_PHASES],
    /// Octaves of each lag above the lowest voice.
    octaves: Vec<f32>,
}

impl Autocorrelator {
    pub(super) fn new() -> Result<Self> {
        let mut window = window::hann(FRAME);
        let correlation = |lag: usize| -> f64 {
            let pairs = window.iter().zip(&window[lag..]);
            pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
        };
        let power = correlation(0);
        let of_window = (0..N_LAGS).map(|lag| (power / correlation(lag)) as f32).collect();
        let window_squares = window.iter().map(|w| w * w).collect();
        window.resize(N_FFT, 0.0);
        let octaves = |lag: usize| (LOW_RATE_HZ / lag.max(1) as f64 / MIN_F0_HZ).log2() as f32;
        Ok(Self {
            spectrum: PowerSpectrum::new(window)?,
            transform: EvenTransform::new(N_BINS - 1),
            powers: [vec![0.0; N_BINS], vec![0.0; N_BINS]],
            lags: [vec![0.0; N_LAGS], vec![0.0; N_LAGS]],
            window_squares,
            of_window,
            taps: std::array::from_fn(|phase| sinc(phase as f64 / N_PHASES as f64)),
            octaves: (0..=MAX_LAG).map(octaves).collect(),
        })
    }

    /// Level of a frame, with what is hum and rumble in it.
    pub(super) fn level(&self, frame: &[f32]) -> f32 {
        (N_FFT as f32 * weighted_squares(frame, &self.window_squares)).sqrt()
    }

    /// Power spectrum of a frame of [`N_FFT`] samples, of which the window leaves the first [`FRAME`].
    pub(super) fn spectrum(&mut self, frame: &[f32], power: &mut [f32]) {
        self.spectrum.of(frame, power).expect("frames and spectra have these lengths");
    }

    /// Hypotheses of two frames with these power spectra.
    pub(super) fn candidates(&mut self, powers: [&[f32]; 2]) -> [Candidates; 2] {
        for (own, power) in self.powers.iter_mut().zip(powers) {
            own[N_RUMBLE..].copy_from_slice(&power[N_RUMBLE..]);
        }
        let [a, b] = &self.powers;
        self.transform.of([a, b], &mut self.lags);
        let levels = [0, 1].map(|i| self.lags[i][0].max(0.0).sqrt());
        for lags in &mut self.lags {
            normalise(lags, &self.of_window);
        }
        [0, 1].map(|i| Candidates { level: levels[i], ..self.peaks(&self.lags[i]) })
    }

    /// The strongest local maxima of a normalised autocorrelation, read between the lags.
    fn peaks(&self, lags: &[f32]) -> Candidates {
        let mut rough = Rough::default();
        maxima(lags, |lag| rough.add(lag, strength(lags[lag], self.octaves[lag])));
        let mut found = Candidates::default();
        for &(lag, _) in &rough.all[..rough.n] {
            let (period, correlation) = self.refined(lags, lag);
            let hz = (LOW_RATE_HZ / period) as f32;
            if (MIN_F0_HZ..=MAX_F0_HZ).contains(&f64::from(hz)) {
                found.add(Candidate { hz, correlation: correlation.min(MAX_CORRELATION) });
            }
        }
        found
    }

    /// Place and height of the maximum around `lag`, between the lags.
    fn refined(&self, lags: &[f32], lag: usize) -> (f64, f32) {
        const HALF: usize = N_PHASES / 2;
        // From half a lag before to half a lag after.
        let value = |i: usize| {
            let (base, phase) = if i < HALF { (lag - 1, i + HALF) } else { (lag, i - HALF) };
            read_between(&lags[base + 1 - HALF_TAPS..], &self.taps[phase])
        };
        // The parabola through the lags is a place to climb from.
        let start = HALF as f32 + N_PHASES as f32 * vertex(lags[lag - 1], lags[lag], lags[lag + 1]);
        let mut best = (start.round().max(1.0) as usize).min(N_PHASES - 1);
        let (mut before, mut here, mut after) = (value(best - 1), value(best), value(best + 1));
        while after > here && best + 1 < N_PHASES {
            best += 1;
            (before, here, after) = (here, after, value(best + 1));
        }
        while before > here && best > 1 {
            best -= 1;
            (before, here, after) = (value(best - 1), before, here);
        }
        let shift = vertex(before, here, after);
        let height = here - 0.25 * (before - after) * shift;
        let place = lag as f64 + (best as f64 + f64::from(shift) - HALF as f64) / N_PHASES as f64;
        (place, height)
    }
}

/// Place of the highest point of a parabola through three values, −1..=1 from the middle one; 0 if it has none.
fn vertex(before: f32, here: f32, after: f32) -> f32 {
    let curvature = before - 2.0 * here + after;
    if curvature < 0.0 { (0.5 * (before - after) / curvature).clamp(-1.0, 1.0) } else { 0.0 }
}

/// Inner product of taps and what they lie on, in four lanes.
fn read_between(values: &[f32], taps: &[f32; 2 * HALF_TAPS]) -> f32 {
    let mut lanes = [0f32; 4];
    for (taps, values) in taps.as_chunks::<4>().0.iter().zip(values.as_chunks::<4>().0) {
        for i in 0..4 {
            lanes[i] += taps[i] * values[i];
        }
    }
    lanes.iter().sum()
}

/// Calls `on_lag` with each lag at which a correlation is high and larger than at its neighbours.
fn maxima(lags: &[f32], mut on_lag: impl FnMut(usize)) {
    let mut are_maxima = [0u8; (MAX_LAG + 1 - MIN_LAG).next_multiple_of(LANES)];
    mark(&lags[MIN_LAG - 1..], &mut are_maxima[..=MAX_LAG - MIN_LAG]);
    for (group, are_maxima) in are_maxima.as_chunks::<LANES>().0.iter().enumerate() {
        let mut rest = u128::from_le_bytes(*are_maxima);
        while rest != 0 {
            let i = rest.trailing_zeros() as usize / 8;
            rest &= !(0xff << (8 * i));
            on_lag(MIN_LAG + LANES * group + i);
        }
    }
}

/// 1 where the value after this one is high and no smaller than the one here and the next.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn mark(values: &[f32], are_maxima: &mut [u8]) {
    let n = are_maxima.len();
    let (before, here, after) = (&values[..n], &values[1..=n], &values[2..n + 2]);
    for i in 0..n {
        // As numbers, so that there is no branch.
        let is_high = u8::from(here[i] >= MIN_CORRELATION);
        let (rises, falls) = (u8::from(here[i] >= before[i]), u8::from(here[i] > after[i]));
        are_maxima[i] = is_high & rises & falls;
    }
}

/// Taps that read a band-limited sequence `phase` after a sample.
fn sinc(phase: f64) -> [f32; 2 * HALF_TAPS] {
    std::array::from_fn(|i| {
        let t = i as f64 - (HALF_TAPS as f64 - 1.0) - phase;
        let sinc = if t.abs() < 1e-12 { 1.0 } else { (PI * t).sin() / (PI * t) };
        (sinc * 0.5 * (1.0 + (PI * t / HALF_TAPS as f64).cos())) as f32
    })
}

/// Sum of squares, each times its weight.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn weighted_squares(values: &[f32], weights: &[f32]) -> f32 {
    let mut lanes = [0f32; LANES];
    let (values, rest) = values[..weights.len()].as_chunks::<LANES>();
    let (weights, rest_weights) = weights.as_chunks::<LANES>();
    for (values, weights) in values.iter().zip(weights) {
        for i in 0..LANES {
            lanes[i] += weights[i] * (values[i] * values[i]);
        }
    }
    for (lane, (value, weight)) in lanes.iter_mut().zip(rest.iter().zip(rest_weights)) {
        *lane += weight * (value * value);
    }
    lanes.iter().sum()
}

/// An autocorrelation over that at lag 0 and over the window's; all 0 for silence.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn normalise(lags: &mut [f32], of_window: &[f32]) {
    let scale = if lags[0] > f32::MIN_POSITIVE { lags[0].recip() } else { 0.0 };
    for (lag, of_window) in lags.iter_mut().zip(of_window) {
        *lag *= scale * of_window;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(signal: &[f32]) -> Candidates {
        let mut correlator = Autocorrelator::new().unwrap();
        let mut power = vec![0.0; N_BINS];
        correlator.spectrum(&signal[..N_FFT], &mut power);
        let [a, b] = correlator.candidates([&power, &vec![0.0; N_BINS]]);
        assert!(b.as_slice().is_empty() && b.level <= 0.0);
        a
    }

    /// Cosines of all multiples of `hz` below 4.5 kHz, 6 dB less per octave.
    fn harmonic(hz: f64) -> Vec<f32> {
        let n = (4_500.0 / hz) as u32;
        let wave = |t: f64| -> f64 {
            (1..=n).map(|k| (2.0 * PI * hz * f64::from(k) * t).cos() / f64::from(k)).sum()
        };
        (0..N_FFT).map(|i| (0.1 * wave(i as f64 / LOW_RATE_HZ)) as f32).collect()
    }

    // A periodic sound has correlation 1 at its period. 0.1 % is a fiftieth of a semitone; 0.99 are 20 dB, of which the
    // rest is lost between lags.
    #[test]
    fn a_harmonic_sound_repeats_after_its_period() {
        for hz in [60.0, 93.7, 120.0, 201.3, 333.0, 517.0, 900.0] {
            let found = candidates(&harmonic(hz));
            // Twice the period does as well, but where it would be too low.
            let best =
                found.as_slice().iter().find(|it| (f64::from(it.hz) / hz - 1.0).abs() < 1e-3);
            assert!(best.is_some_and(|it| it.correlation > 0.99), "{hz}: {found:?}");
        }
    }

    #[test]
    fn noise_lowers_the_correlation_to_the_share_of_the_harmonic_power() {
        let (tone, noise) = (harmonic(150.0), fixtures::noise(3, N_FFT));
        let power = |x: &[f32]| x.iter().map(|x| f64::from(x * x)).sum::<f64>();
        for db in [0.0, 6.0, 12.0] {
            let gain = (power(&tone) / power(&noise)).sqrt() * 10f64.powf(-db / 20.0);
            let mixed = tone.iter().zip(&noise).map(|(t, n)| t + gain as f32 * n);
            let found = candidates(&mixed.collect::<Vec<_>>());
            // At 0 dB the noise moves the peak by up to 2 %.
            let near = |it: &&Candidate| (it.hz - 150.0).abs() < 3.0;
            let at_period = found.as_slice().iter().find(near).unwrap();
            let ratio = 10f64.powf(db / 10.0);
            let expected = ratio / (1.0 + ratio);
            // One frame of noise is not white: its own correlation at this lag is about 1/√660.
            let error = f64::from(at_period.correlation) - expected;
            assert!(error.abs() < 0.08, "{db} dB: {at_period:?}");
        }
    }

    // Parseval: both are the power under the window, and the tone has nothing below 22 Hz.
    #[test]
    fn the_level_is_that_of_the_spectrum() {
        let tone = harmonic(150.0);
        let level = Autocorrelator::new().unwrap().level(&tone);
        assert!((level / candidates(&tone).level - 1.0).abs() < 1e-4);
    }

    #[test]
    fn the_strongest_are_kept_in_order() {
        let mut found = Candidates::default();
        for (i, correlation) in [0.3, 0.9, 0.5, 0.4, 0.8, 0.2, 0.7, 0.6].into_iter().enumerate() {
            found.add(Candidate { hz: 100.0 + i as f32, correlation });
        }
        let kept: Vec<f32> = found.as_slice().iter().map(|it| it.correlation).collect();
        assert_eq!(kept, [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]);
    }
}
