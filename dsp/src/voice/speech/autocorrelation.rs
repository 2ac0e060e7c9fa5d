//! How well a frame repeats itself after each lag, and the lags at which it does so best.

use std::f64::consts::PI;
use std::sync::Arc;

use multiversion::multiversion;
use rustfft::num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

use super::{LOW_RATE_HZ, MAX_F0_HZ, MIN_F0_HZ};
use crate::Result;
use crate::power_spectrum::PowerSpectrum;
use crate::window;

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
/// Hypotheses of one frame (six in the set of Eyben et al. 2016).
pub(super) const MAX_CANDIDATES: usize = 6;
/// What an octave higher is worth, since all multiples of a period repeat as well (Boersma 1993).
const OCTAVE_COST: f64 = 0.01;
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
    /// Its correlation, and a little for each octave that it is higher.
    pub(super) fn strength(self) -> f64 {
        let octaves = (f64::from(self.hz) / MIN_F0_HZ).log2();
        f64::from(self.correlation) + OCTAVE_COST * octaves
    }
}

/// The hypotheses of one frame, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Candidates {
    all: [Candidate; MAX_CANDIDATES],
    n: usize,
    /// Root of the power of the windowed frame, linear.
    pub(super) level: f32,
}

impl Candidates {
    /// Those that there are.
    pub(super) fn as_slice(&self) -> &[Candidate] {
        &self.all[..self.n]
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
        let is_weaker = |it: &Candidate| it.strength() < candidate.strength();
        let place = self.as_slice().iter().position(is_weaker);
        let place = place.unwrap_or(self.n);
        if place < MAX_CANDIDATES {
            self.n = (self.n + 1).min(MAX_CANDIDATES);
            self.all[place..self.n].rotate_right(1);
            self.all[place] = candidate;
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
    plan: Arc<dyn Fft<f32>>,
    pair: Vec<Complex32>,
    scratch: Vec<Complex32>,
    /// Inverse of the window's own normalised autocorrelation.
    of_window: Vec<f32>,
    /// Taps between lags, by phase.
    taps: [[f32; 2 * HALF_TAPS]; N_PHASES],
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
        window.resize(N_FFT, 0.0);
        let plan = FftPlanner::<f32>::new().plan_fft_forward(N_FFT);
        Ok(Self {
            spectrum: PowerSpectrum::new(window)?,
            pair: vec![Complex32::default(); N_FFT],
            scratch: vec![Complex32::default(); plan.get_inplace_scratch_len()],
            plan,
            of_window,
            taps: std::array::from_fn(|phase| sinc(phase as f64 / N_PHASES as f64)),
        })
    }

    /// Power spectrum of a frame of [`N_FFT`] samples, of which the window leaves the first [`FRAME`].
    pub(super) fn spectrum(&mut self, frame: &[f32], power: &mut [f32]) {
        self.spectrum.of(frame, power).expect("frames and spectra have these lengths");
    }

    /// Hypotheses of two frames with these power spectra.
    pub(super) fn candidates(&mut self, powers: [&[f32]; 2]) -> [Candidates; 2] {
        // Both spectra are real and even, so the transform of one lies in the real parts and that of the other in the
        // imaginary ones.
        for (bin, (a, b)) in powers[0].iter().zip(powers[1]).enumerate() {
            let both = if bin < N_RUMBLE { Complex32::default() } else { Complex32::new(*a, *b) };
            self.pair[bin] = both;
            self.pair[(N_FFT - bin) % N_FFT] = both;
        }
        self.plan.process_with_scratch(&mut self.pair, &mut self.scratch);
        let mut lags = [[0f32; N_LAGS]; 2];
        normalise(&self.pair, &self.of_window, &mut lags);
        let levels = [self.pair[0].re, self.pair[0].im].map(|it| it.max(0.0).sqrt());
        let found = |i: usize| Candidates { level: levels[i], ..self.peaks(&lags[i]) };
        [found(0), found(1)]
    }

    /// The strongest local maxima of a normalised autocorrelation, read between the lags.
    fn peaks(&self, lags: &[f32; N_LAGS]) -> Candidates {
        let mut rough = Candidates::default();
        for lag in MIN_LAG..=MAX_LAG {
            let (before, here, after) = (lags[lag - 1], lags[lag], lags[lag + 1]);
            if here >= MIN_CORRELATION && here >= before && here > after {
                rough.add(Candidate { hz: (LOW_RATE_HZ / lag as f64) as f32, correlation: here });
            }
        }
        let mut found = Candidates::default();
        for candidate in rough.as_slice() {
            let lag = (LOW_RATE_HZ / f64::from(candidate.hz)).round() as usize;
            let (period, correlation) = self.refined(lags, lag);
            let hz = (LOW_RATE_HZ / period) as f32;
            if (MIN_F0_HZ..=MAX_F0_HZ).contains(&f64::from(hz)) {
                found.add(Candidate { hz, correlation: correlation.min(MAX_CORRELATION) });
            }
        }
        found
    }

    /// Place and height of the maximum around `lag`, between the lags.
    fn refined(&self, lags: &[f32; N_LAGS], lag: usize) -> (f64, f32) {
        const HALF: usize = N_PHASES / 2;
        let mut values = [0f32; N_PHASES + 1];
        for (i, value) in values.iter_mut().enumerate() {
            // From half a lag before to half a lag after.
            let (base, phase) = if i < HALF { (lag - 1, i + HALF) } else { (lag, i - HALF) };
            let around = &lags[base + 1 - HALF_TAPS..];
            *value = self.taps[phase].iter().zip(around).map(|(tap, x)| tap * x).sum();
        }
        let best =
            (1..N_PHASES).fold(HALF, |best, i| if values[i] > values[best] { i } else { best });
        let (before, here, after) = (values[best - 1], values[best], values[best + 1]);
        let curvature = before - 2.0 * here + after;
        let shift = if curvature < 0.0 {
            (0.5 * (before - after) / curvature).clamp(-1.0, 1.0)
        } else {
            0.0
        };
        let height = here - 0.25 * (before - after) * shift;
        let place = lag as f64 + (best as f64 + f64::from(shift) - HALF as f64) / N_PHASES as f64;
        (place, height)
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

/// Autocorrelations over that at lag 0 and over the window's; all 0 for silence.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn normalise(pair: &[Complex32], of_window: &[f32], lags: &mut [[f32; N_LAGS]; 2]) {
    let inverse = |x: f32| if x > f32::MIN_POSITIVE { x.recip() } else { 0.0 };
    let scale = [inverse(pair[0].re), inverse(pair[0].im)];
    for lag in 0..N_LAGS {
        lags[0][lag] = pair[lag].re * scale[0] * of_window[lag];
        lags[1][lag] = pair[lag].im * scale[1] * of_window[lag];
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
