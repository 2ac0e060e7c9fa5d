//! Short-time Fourier transform.

use std::sync::Arc;

use ndarray::Array2;
use realfft::{RealFftPlanner, RealToComplex};
use rustfft::num_complex::Complex32;

use crate::framing::Framer;
use crate::{Error, Result};

/// Transform of single windowed frames; owns its plan, window and scratch memory.
///
/// # Shapes and units
///
/// | name | shape | unit |
/// | --- | --- | --- |
/// | frame | `[n_fft]` | full scale |
/// | spectrum | `[n_fft / 2 + 1]` | full scale · samples, not normalised |
pub struct Stft {
    plan: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    input: Vec<f32>,
    output: Vec<Complex32>,
    scratch: Vec<Complex32>,
}

impl std::fmt::Debug for Stft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stft").field("n_fft", &self.n_fft()).finish_non_exhaustive()
    }
}

impl Stft {
    /// Transform of frames as long as `window`.
    ///
    /// # Errors
    ///
    /// [`Error::TooSmall`] if the window has fewer than 2 points.
    pub fn new(window: Vec<f32>) -> Result<Self> {
        Self::zero_padded(window, 0)
    }

    /// Transform of frames as long as `window`, with zeros up to `n_fft` (or none, if that is shorter): a finer
    /// grid of bins.
    ///
    /// # Errors
    ///
    /// [`Error::TooSmall`] if the window has fewer than 2 points.
    pub fn zero_padded(window: Vec<f32>, n_fft: usize) -> Result<Self> {
        if window.len() < 2 {
            return Err(Error::TooSmall { what: "window length", actual: window.len(), min: 2 });
        }
        let plan = RealFftPlanner::<f32>::new().plan_fft_forward(n_fft.max(window.len()));
        let input = plan.make_input_vec();
        let output = plan.make_output_vec();
        let scratch = plan.make_scratch_vec();
        Ok(Self { plan, window, input, output, scratch })
    }

    /// Length of the transform.
    pub fn n_fft(&self) -> usize {
        self.input.len()
    }

    /// Bins from 0 Hz to the Nyquist frequency: `n_fft / 2 + 1`.
    pub fn n_bins(&self) -> usize {
        self.output.len()
    }

    /// Complex spectrum of one frame.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`] if the frame is not as long as the window.
    pub fn transform(&mut self, frame: &[f32]) -> Result<&[Complex32]> {
        if frame.len() != self.window.len() {
            return Err(Error::LengthMismatch {
                what: "frame",
                actual: frame.len(),
                expected: self.window.len(),
            });
        }
        for ((x, &sample), &weight) in self.input.iter_mut().zip(frame).zip(&self.window) {
            *x = sample * weight;
        }
        // The transform uses its input as scratch memory.
        self.input[frame.len()..].fill(0.0);
        self.plan
            .process_with_scratch(&mut self.input, &mut self.output, &mut self.scratch)
            .expect("all buffers were made by this plan");
        Ok(&self.output)
    }
}

/// Spectrogram of a whole signal: centred frames, periodic Hann window.
///
/// Window and transform are of double precision, so that bins without signal are as empty as the signal leaves them.
///
/// # Shapes and units
///
/// | name | shape | unit |
/// | --- | --- | --- |
/// | `signal` | `[n]` | full scale |
/// | result | `[1 + n / hop, n_fft / 2 + 1]`, one row per frame | full scale · samples |
///
/// # Errors
///
/// [`Error::TooSmall`] if `n_fft < 2` or `hop` is 0.
///
/// # Source
///
/// Agrees with `librosa.stft` 0.11.0 (transposed) within 1e-4 of each magnitude (`fixtures/golden/spectral.json`,
/// `fixtures/golden/spectral_parity.json`).
pub fn stft(signal: &[f32], n_fft: usize, hop: usize) -> Result<Array2<Complex32>> {
    if n_fft < 2 {
        return Err(Error::TooSmall { what: "window length", actual: n_fft, min: 2 });
    }
    let plan = RealFftPlanner::<f64>::new().plan_fft_forward(n_fft);
    let (mut input, mut output) = (plan.make_input_vec(), plan.make_output_vec());
    let mut scratch = plan.make_scratch_vec();
    let turn = |i: usize| std::f64::consts::TAU * i as f64 / n_fft as f64;
    let window: Vec<f64> = (0..n_fft).map(|i| 0.5 - 0.5 * turn(i).cos()).collect();
    let mut values = Vec::new();
    let mut n_frames = 0;
    let mut framer = Framer::centred(n_fft, hop)?;
    let mut on_frame = |frame: &[f32]| {
        for ((x, &sample), weight) in input.iter_mut().zip(frame).zip(&window) {
            *x = f64::from(sample) * weight;
        }
        plan.process_with_scratch(&mut input, &mut output, &mut scratch)
            .expect("all buffers were made by this plan");
        values.extend(output.iter().map(|x| Complex32::new(x.re as f32, x.im as f32)));
        n_frames += 1;
    };
    framer.push(signal, &mut on_frame);
    framer.finish(&mut on_frame);
    Ok(Array2::from_shape_vec((n_frames, n_fft / 2 + 1), values)
        .expect("every frame added one row of bins"))
}

/// Squared magnitudes of a spectrogram.
pub fn power(spectrogram: &Array2<Complex32>) -> Array2<f32> {
    spectrogram.mapv(|x| x.norm_sqr())
}

/// Magnitudes of a spectrogram.
pub fn magnitude(spectrogram: &Array2<Complex32>) -> Array2<f32> {
    spectrogram.mapv(Complex32::norm)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window;

    #[test]
    fn a_sine_on_a_bin_has_the_closed_form_magnitude() {
        // A sine of amplitude a through a window of mean 1/2 gives a·n/4 on its own bin.
        let sine: Vec<f32> = (0..1024u16)
            .map(|i| (std::f32::consts::TAU * 32.0 * f32::from(i) / 1024.0).sin())
            .collect();
        let mut transform = Stft::new(window::hann(1024)).unwrap();
        let spectrum = transform.transform(&sine).unwrap();
        assert!((spectrum[32].norm() - 256.0).abs() < 1e-2);
        assert!(spectrum[40].norm() < 1e-2);
    }

    #[test]
    fn zero_padding_refines_the_grid() {
        let mut plain = Stft::new(window::hann(256)).unwrap();
        let mut fine = Stft::zero_padded(window::hann(256), 1024).unwrap();
        let frame: Vec<f32> = (0..256u16).map(|i| (f32::from(i) * 0.37).sin()).collect();
        let coarse = plain.transform(&frame).unwrap().to_vec();
        // Twice, because the transform overwrites its input.
        fine.transform(&frame).unwrap();
        let refined = fine.transform(&frame).unwrap();
        for (bin, value) in coarse.iter().enumerate() {
            assert!((value - refined[4 * bin]).norm() < 1e-4);
        }
    }

    #[test]
    fn an_empty_signal_has_no_rows() {
        assert_eq!(stft(&[], 16, 4).unwrap().dim(), (0, 9));
    }

    #[test]
    fn rejects_wrong_lengths() {
        let mut transform = Stft::new(window::hann(16)).unwrap();
        assert!(transform.transform(&[0.0; 15]).is_err());
        assert!(Stft::new(vec![1.0]).is_err());
    }
}
