//! Power spectra of single frames, fast.

use std::f64::consts::TAU;
use std::sync::Arc;

use multiversion::multiversion;
use rustfft::num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

use crate::{Error, Result};

/// Windowed power spectrum `|X|²` of real frames; owns its plan, window and scratch memory.
///
/// Even and odd samples go through one complex transform of half the length; the two spectra are taken apart and
/// squared in one vectorised pass, which costs a third of a separate real transform's last step.
///
/// # Shapes and units
///
/// | name | shape | unit |
/// | --- | --- | --- |
/// | frame | `[n]`, as long as the window | full scale |
/// | spectrum | `[n / 2 + 1]`, or fewer | (full scale · samples)², not normalised |
///
/// # Examples
///
/// ```
/// let mut spectrum = dsp::power_spectrum::PowerSpectrum::new(vec![1.0; 8])?;
/// let mut power = [0.0; 5];
/// spectrum.of(&[1.0; 8], &mut power)?;
/// assert_eq!(power[0], 64.0);
/// assert!(power[1..].iter().all(|&p| p < 1e-12));
/// # Ok::<(), dsp::Error>(())
/// ```
pub struct PowerSpectrum {
    plan: Arc<dyn Fft<f32>>,
    window: Vec<f32>,
    packed: Vec<Complex32>,
    scratch: Vec<Complex32>,
    /// Turn by half a sample at each bin: cosine and sine.
    cosine: Vec<f32>,
    sine: Vec<f32>,
}

impl std::fmt::Debug for PowerSpectrum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PowerSpectrum").field("n", &self.window.len()).finish_non_exhaustive()
    }
}

impl PowerSpectrum {
    /// Spectra of frames as long as `window`.
    ///
    /// # Errors
    ///
    /// [`Error::TooSmall`] if the window has fewer than 4 points, [`Error::LengthMismatch`] if their number is odd.
    pub fn new(window: Vec<f32>) -> Result<Self> {
        Self::lowest(window, usize::MAX)
    }

    /// As [`Self::new`], but of the spectrum only the lowest `n_bins` (at least one, at most all) are computed.
    ///
    /// # Errors
    ///
    /// As [`Self::new`].
    pub fn lowest(window: Vec<f32>, n_bins: usize) -> Result<Self> {
        let n = window.len();
        if n < 4 {
            return Err(Error::TooSmall { what: "window length", actual: n, min: 4 });
        }
        if !n.is_multiple_of(2) {
            return Err(Error::LengthMismatch { what: "window", actual: n, expected: n + 1 });
        }
        let half = n / 2;
        let plan = FftPlanner::<f32>::new().plan_fft_forward(half);
        let scratch = vec![Complex32::default(); plan.get_inplace_scratch_len()];
        let n_bins = n_bins.clamp(1, half + 1);
        let angle = |bin: usize| TAU * bin as f64 / n as f64;
        Ok(Self {
            plan,
            window,
            packed: vec![Complex32::default(); half],
            scratch,
            cosine: (0..n_bins).map(|bin| angle(bin).cos() as f32).collect(),
            sine: (0..n_bins).map(|bin| -angle(bin).sin() as f32).collect(),
        })
    }

    /// Bins from 0 Hz on: `n / 2 + 1`, up to the Nyquist frequency, unless only the lowest were asked for.
    pub fn n_bins(&self) -> usize {
        self.cosine.len()
    }

    /// Power spectrum of one frame, written to `power`.
    ///
    /// # Errors
    ///
    /// [`Error::LengthMismatch`] if the frame is not as long as the window, or `power` not as long as the spectrum.
    pub fn of(&mut self, frame: &[f32], power: &mut [f32]) -> Result<()> {
        for (what, actual, expected) in [
            ("frame", frame.len(), self.window.len()),
            ("power spectrum", power.len(), self.n_bins()),
        ] {
            if actual != expected {
                return Err(Error::LengthMismatch { what, actual, expected });
            }
        }
        pack(frame, &self.window, &mut self.packed);
        self.plan.process_with_scratch(&mut self.packed, &mut self.scratch);
        squares(&self.packed, &self.cosine, &self.sine, power);
        Ok(())
    }
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn pack(frame: &[f32], window: &[f32], packed: &mut [Complex32]) {
    let (frame, _) = frame.as_chunks::<2>();
    let (window, _) = window.as_chunks::<2>();
    for ((z, x), w) in packed.iter_mut().zip(frame).zip(window) {
        *z = Complex32::new(x[0] * w[0], x[1] * w[1]);
    }
}

/// `|E + W·O|²`, where `E` and `O` are the spectra of the even and the odd samples and `W` turns the latter by half a
/// sample. The first bin of `spectrum` is also its last.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn squares(spectrum: &[Complex32], cosine: &[f32], sine: &[f32], power: &mut [f32]) {
    let square = |z: Complex32, back: Complex32, cosine: f32, sine: f32| {
        let (even_re, even_im) = (z.re + back.re, z.im - back.im);
        let (odd_re, odd_im) = (z.im + back.im, back.re - z.re);
        let x = even_re + cosine * odd_re - sine * odd_im;
        let y = even_im + cosine * odd_im + sine * odd_re;
        0.25 * (x * x + y * y)
    };
    let (half, ends) = (spectrum.len(), spectrum[0]);
    power[0] = square(ends, ends, cosine[0], sine[0]);
    let n_between = power.len().min(half);
    let turns = cosine[1..n_between].iter().zip(&sine[1..n_between]);
    let bins = spectrum[1..n_between].iter().zip(spectrum[half + 1 - n_between..].iter().rev());
    for ((power, (z, back)), (cosine, sine)) in power[1..n_between].iter_mut().zip(bins).zip(turns)
    {
        *power = square(*z, *back, *cosine, *sine);
    }
    if power.len() > half {
        power[half] = square(ends, ends, cosine[half], sine[half]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stft::Stft;
    use crate::window;

    #[test]
    fn equals_the_real_transform() {
        for n in [4, 6, 10, 64, 1000, 2048, 4096] {
            let frame: Vec<f32> = (0..n).map(|i| (i as f32 * 0.37).sin() + 0.1).collect();
            let mut stft = Stft::new(window::hann(n)).unwrap();
            let expected: Vec<f32> =
                stft.transform(&frame).unwrap().iter().map(Complex32::norm_sqr).collect();
            let mut power = vec![0.0; n / 2 + 1];
            PowerSpectrum::new(window::hann(n)).unwrap().of(&frame, &mut power).unwrap();
            let largest = expected.iter().copied().fold(0.0, f32::max);
            for (bin, (ours, theirs)) in power.iter().zip(&expected).enumerate() {
                assert!((ours - theirs).abs() <= 1e-6 * largest, "{n}, bin {bin}: {ours} {theirs}");
            }
        }
    }

    #[test]
    fn the_lowest_bins_have_the_bits_of_all() {
        let frame: Vec<f32> = (0..1024u16).map(|i| (f32::from(i) * 0.37).sin() + 0.1).collect();
        let mut all = vec![0.0; 513];
        PowerSpectrum::new(window::hann(1024)).unwrap().of(&frame, &mut all).unwrap();
        for n_bins in [1, 2, 100, 512, 513] {
            let mut spectrum = PowerSpectrum::lowest(window::hann(1024), n_bins).unwrap();
            let mut power = vec![9.0; n_bins];
            spectrum.of(&frame, &mut power).unwrap();
            assert_eq!(power, all[..n_bins]);
        }
        assert_eq!(PowerSpectrum::lowest(window::hann(64), 99).unwrap().n_bins(), 33);
    }

    #[test]
    fn obeys_parseval() {
        let frame: Vec<f32> =
            (0..512u16).map(|i| (f32::from(i) * f32::from(i) * 0.01).cos()).collect();
        let mut power = vec![0.0; 257];
        PowerSpectrum::new(vec![1.0; 512]).unwrap().of(&frame, &mut power).unwrap();
        let inner: f32 = power[1..256].iter().sum();
        let energy: f32 = frame.iter().map(|x| x * x).sum();
        assert!(((power[0] + 2.0 * inner + power[256]) / 512.0 / energy - 1.0).abs() < 1e-5);
    }

    #[test]
    fn rejects_wrong_lengths() {
        assert!(PowerSpectrum::new(vec![1.0; 2]).is_err());
        assert!(PowerSpectrum::new(vec![1.0; 7]).is_err());
        let mut spectrum = PowerSpectrum::new(vec![1.0; 8]).unwrap();
        assert!(spectrum.of(&[0.0; 7], &mut [0.0; 5]).is_err());
        assert!(spectrum.of(&[0.0; 8], &mut [0.0; 4]).is_err());
    }
}
