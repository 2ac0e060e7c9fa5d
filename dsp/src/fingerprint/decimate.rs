//! From 22 050 to 11 025 Hz with the frequency response of Chromaprint's resampler.

use crate::planes::take_plane;
use crate::resample::{DECIMATED_TOGETHER, decimate};
use crate::window;

/// Taps of the filter.
const N_TAPS: usize = 40;
/// Tap on the sample itself.
const MIDDLE: usize = 19;
/// Edge of the pass band (−6 dB) as a share of the rate of the input: 4410 Hz.
const CUTOFF: f64 = 0.2;
/// Shape of the window.
const BETA: f64 = 9.0;
/// Input samples that are handled at once; bounds the buffer for pushes of any length.
const CHUNK_SAMPLES: usize = 8192;

/// Streaming decimation by two: a windowed sinc of 40 taps, −6 dB at 4410 Hz.
///
/// Chromaprint sets its resampler to 16 taps at the lower rate, a cutoff of 0.8 and a Kaiser window of β = 9, which takes
/// some decibels off the highest octave of its pitch range; a flatter filter would give other words.
#[derive(Debug, Clone)]
pub(super) struct Decimator {
    /// The even taps, then the odd ones.
    taps: Vec<f32>,
    /// Input from the first tap of the next output on.
    buffer: Vec<f32>,
    /// The even and the odd samples of the buffer.
    planes: [Vec<f32>; 2],
}

impl Decimator {
    pub(super) fn new() -> Self {
        let tap = |i: usize| {
            let t = i as f64 - MIDDLE as f64;
            let angle = std::f64::consts::TAU * CUTOFF * t;
            let sinc = if i == MIDDLE { 1.0 } else { angle.sin() / angle };
            sinc * window::kaiser(2.0 * t / N_TAPS as f64, BETA)
        };
        let sum: f64 = (0..N_TAPS).map(tap).sum();
        let even_then_odd = (0..N_TAPS).step_by(2).chain((1..N_TAPS).step_by(2));
        Self {
            taps: even_then_odd.map(|i| (tap(i) / sum) as f32).collect(),
            buffer: vec![0.0; MIDDLE],
            planes: [Vec::new(), Vec::new()],
        }
    }

    /// Takes the next samples and appends every output sample that they complete.
    pub(super) fn push(&mut self, samples: &[f32], output: &mut Vec<f32>) {
        for chunk in samples.chunks(CHUNK_SAMPLES) {
            self.buffer.extend_from_slice(chunk);
            let n = (self.buffer.len() + 2).saturating_sub(N_TAPS) / 2;
            for (residue, plane) in self.planes.iter_mut().enumerate() {
                take_plane(plane, &self.buffer, residue, 2);
                // Samples that the last block reads and does not use.
                plane.resize(n + N_TAPS / 2 + DECIMATED_TOGETHER, 0.0);
            }
            let at = output.len();
            output.resize(at + n, 0.0);
            decimate(&self.planes, &self.taps, &mut output[at..]);
            self.buffer.drain(..2 * n);
        }
    }

    /// Ends the stream: appends the output samples that reach into the zeros after it.
    pub(super) fn finish(mut self, output: &mut Vec<f32>) {
        self.push(&[0.0; N_TAPS - MIDDLE - 1], output);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimated(samples: &[f32], block: usize) -> Vec<f32> {
        let (mut decimator, mut output) = (Decimator::new(), Vec::new());
        samples.chunks(block).for_each(|block| decimator.push(block, &mut output));
        decimator.finish(&mut output);
        output
    }

    #[test]
    fn low_tones_pass_and_tones_that_would_fold_into_the_range_do_not() {
        for (hz, gain) in [(440.0, 1.0), (4410.0, 0.5), (7600.0, 0.0), (9000.0, 0.0)] {
            let output = decimated(&fixtures::sine(hz, 22_050, 44_100), 1000);
            let inner = &output[1000..20_000];
            let power = inner.iter().map(|x| f64::from(x * x)).sum::<f64>() / inner.len() as f64;
            let amplitude = (2.0 * power).sqrt();
            assert!((amplitude - gain).abs() < 0.01, "{hz} Hz: {amplitude}");
        }
    }

    #[test]
    fn any_split_gives_the_same_bits_and_half_as_many() {
        let samples = fixtures::sine(1000.0, 22_050, 10_001);
        let whole = decimated(&samples, usize::MAX);
        assert_eq!(whole.len(), 5001);
        for block in [1, 3, 17, 1000] {
            assert_eq!(decimated(&samples, block), whole);
        }
    }
}
