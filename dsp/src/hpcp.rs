//! Harmonic pitch class profile: spectral peaks folded into one octave.

use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

/// Bins per octave of a [`Chroma`]: three per semitone, so that the tuning can be corrected afterwards.
pub(crate) const BINS: usize = 36;
/// One frame's profile, C of A4 = 440 Hz at bin 0.
pub(crate) type Chroma = [f32; BINS];

/// Samples per frame at 22 050 Hz (0.37 s).
const FRAME_AT_22050: f64 = 8192.0;
/// Range of the peaks, Hz.
const RANGE_HZ: (f64, f64) = (60.0, 3_500.0);
/// Hypothetical fundamentals per peak: `f`, `f/2`, …
const HARMONICS: u8 = 4;
/// Peaks below this share of the largest are dropped (−46 dB).
const RELATIVE_THRESHOLD: f32 = 0.005;

/// A spectral peak.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Peak {
    pub(crate) hz: f64,
    pub(crate) magnitude: f32,
}

/// Streaming spectral peaks of long frames.
pub(crate) struct PeakStage {
    n_fft: usize,
    bin_hz: f64,
    pending: Vec<f32>,
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    input: Vec<f32>,
    spectrum: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
    magnitude: Vec<f32>,
}

impl PeakStage {
    pub(crate) fn new(rate_hz: u32) -> Self {
        let rate = f64::from(rate_hz);
        let n_fft =
            ((rate * FRAME_AT_22050 / 22_050.0).round() as usize).next_power_of_two().max(64);
        let fft = RealFftPlanner::<f32>::new().plan_fft_forward(n_fft);
        let window = (0..n_fft)
            .map(|i| {
                let phase = std::f64::consts::TAU * i as f64 / n_fft as f64;
                ((0.5 - 0.5 * phase.cos()) / n_fft as f64 * 4.0) as f32
            })
            .collect();
        Self {
            n_fft,
            bin_hz: rate / n_fft as f64,
            pending: Vec::new(),
            input: fft.make_input_vec(),
            spectrum: fft.make_output_vec(),
            scratch: fft.make_scratch_vec(),
            fft,
            window,
            magnitude: vec![0.0; n_fft / 2 + 1],
        }
    }

    /// Calls `frame` with the peaks of every complete frame.
    pub(crate) fn push(&mut self, samples: &[f32], mut frame: impl FnMut(&[Peak])) {
        self.pending.extend_from_slice(samples);
        let mut start = 0;
        while start + self.n_fft <= self.pending.len() {
            let peaks = self.peaks(start);
            frame(&peaks);
            start += self.n_fft / 2;
        }
        self.pending.drain(..start);
    }

    fn peaks(&mut self, start: usize) -> Vec<Peak> {
        let samples = &self.pending[start..start + self.n_fft];
        for ((x, &s), &w) in self.input.iter_mut().zip(samples).zip(&self.window) {
            *x = s * w;
        }
        self.fft
            .process_with_scratch(&mut self.input, &mut self.spectrum, &mut self.scratch)
            .expect("the buffers were made by the same plan");
        for (m, c) in self.magnitude.iter_mut().zip(&self.spectrum) {
            *m = (c.re * c.re + c.im * c.im).sqrt();
        }
        let first = ((RANGE_HZ.0 / self.bin_hz).ceil() as usize).max(1);
        let last = ((RANGE_HZ.1 / self.bin_hz) as usize).min(self.magnitude.len() - 2);
        let m = &self.magnitude;
        let threshold =
            m[first..=last].iter().copied().fold(0.0, f32::max).max(1e-6) * RELATIVE_THRESHOLD;
        let mut peaks = Vec::new();
        for bin in first..=last {
            if m[bin] > threshold && m[bin] > m[bin - 1] && m[bin] >= m[bin + 1] {
                // Parabola through the logarithms: nearly exact for a Hann window.
                let (a, b, c) =
                    (m[bin - 1].max(1e-12).ln(), m[bin].ln(), m[bin + 1].max(1e-12).ln());
                let offset = 0.5 * (a - c) / (a - 2.0 * b + c);
                peaks.push(Peak {
                    hz: (bin as f64 + f64::from(offset)) * self.bin_hz,
                    magnitude: (b - 0.25 * (a - c) * offset).exp(),
                });
            }
        }
        peaks
    }
}

/// Adds the peaks of one frame to a profile.
pub(crate) fn accumulate(peaks: &[Peak], chroma: &mut Chroma) {
    for peak in peaks {
        for harmonic in 1..=HARMONICS {
            let below = f64::from(harmonic);
            let pitch = 12.0 * (peak.hz / below / 440.0).log2() + 9.0;
            let weight = f64::from(peak.magnitude) * 0.6_f64.powf(below - 1.0);
            let position = (pitch * BINS as f64 / 12.0).rem_euclid(BINS as f64);
            // cos² window one semitone wide.
            for near in -2..=2 {
                let bin = position.round() + f64::from(near);
                let distance = (bin - position).abs() * 12.0 / BINS as f64;
                if distance < 0.5 {
                    let share = (std::f64::consts::PI * distance).cos().powi(2);
                    chroma[bin.rem_euclid(BINS as f64) as usize % BINS] += (weight * share) as f32;
                }
            }
        }
    }
}
