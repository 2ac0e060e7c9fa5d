//! Fluctuation: how strongly the loudness of the critical bands comes and goes, and how often.

use std::sync::Arc;

use realfft::num_complex::Complex32;
use rustfft::{Fft, FftPlanner};

use super::bark::{Bands, N_BANDS};

/// Frames that are transformed together: 12.8 s at 80 Hz.
const WINDOW: usize = 1024;
/// Length of the transform, so that the spectrum is read every 0.04 Hz.
const N_FFT: usize = 2 * WINDOW;
/// Fewest frames that have a spectrum: 3 s.
const MIN_FRAMES: usize = 240;
/// Height from which a peak is more than the rounding of levels, dB.
const LEAST_DB: f64 = 0.01;
/// Silence before the first sound lies this far below the loudest band of the window that it is in, dB.
const SILENCE_DEPTH_DB: f32 = 150.0;
/// Fastest fluctuation, Hz.
const MAX_HZ: f64 = 10.0;

/// Streaming spectrum of the fluctuation of critical bands.
///
/// # Source
///
/// Pampalk, Rauber and Merkl (2002), "Content-based organization and visualization of music archives", with the weight of
/// Eerola, Lartillot and Toiviainen (2009), "Prediction of multidimensional emotional ratings in music from audio":
/// max(0, min(f / 4, 1 − 0.3·(f − 4) / 6)), 1 at 4 Hz. Differs in that it is the mean over windows of 12.8 s, without
/// their mean, because the whole is not held; and read every 0.04 Hz with the peak between by a parabola.
pub(crate) struct Fluctuation {
    frame_hz: f64,
    frames: Vec<Bands>,
    loudest_db: f32,
    plan: Arc<dyn Fft<f32>>,
    buffer: Vec<Complex32>,
    scratch: Vec<Complex32>,
    /// Sum over windows and bands, weighted, by bin.
    sums: Vec<f64>,
    n_windows: u32,
}

/// What stands out of a fluctuation spectrum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct FluctuationPeak {
    /// Frequency of the highest peak, Hz, 0..=10.
    pub(crate) hz: f64,
    /// Its height: amplitude of the modulation over all bands, dB.
    pub(crate) height_db: f64,
    /// Share of the squared spectrum between 2.5 and 7 Hz, where syllables follow each other, 0..=1.
    pub(crate) syllabic_share: f64,
}

impl std::fmt::Debug for Fluctuation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fluctuation").field("n_windows", &self.n_windows).finish_non_exhaustive()
    }
}

impl Fluctuation {
    /// A spectrum of frames at `frame_hz`.
    pub(crate) fn new(frame_hz: f64) -> Self {
        let plan = FftPlanner::new().plan_fft_forward(N_FFT);
        let n_bins = (MAX_HZ / frame_hz * N_FFT as f64) as usize + 2;
        Self {
            frame_hz,
            frames: Vec::with_capacity(WINDOW),
            loudest_db: f32::NEG_INFINITY,
            buffer: vec![Complex32::default(); N_FFT],
            scratch: vec![Complex32::default(); plan.get_inplace_scratch_len()],
            plan,
            sums: vec![0.0; n_bins],
            n_windows: 0,
        }
    }

    /// Takes the levels of the bands in the next frame, and the largest one so far, dB.
    pub(crate) fn push(&mut self, decibels: &Bands, loudest_db: f32) {
        self.frames.push(*decibels);
        self.loudest_db = loudest_db;
        if self.frames.len() == WINDOW {
            self.analyse();
        }
    }

    /// The highest peak; `None` below 3 s and where nothing fluctuates.
    pub(crate) fn finish(mut self) -> Option<FluctuationPeak> {
        // The rest counts like a window if it is half as long, or all there is.
        let is_enough = self.frames.len() >= WINDOW / 2 || self.n_windows == 0;
        if is_enough && self.frames.len() >= MIN_FRAMES {
            self.analyse();
        }
        let n_windows = f64::from(self.n_windows);
        let spectrum: Vec<f64> = self.sums.iter().map(|sum| sum / n_windows.max(1.0)).collect();
        let bin_hz = self.frame_hz / N_FFT as f64;
        let is_peak =
            |&bin: &usize| spectrum[bin] > spectrum[bin - 1] && spectrum[bin] >= spectrum[bin + 1];
        let peak = (1..spectrum.len() - 1)
            .filter(is_peak)
            .max_by(|&a, &b| spectrum[a].total_cmp(&spectrum[b]))
            .filter(|&bin| spectrum[bin] > LEAST_DB)?;
        let (a, b, c) = (spectrum[peak - 1], spectrum[peak], spectrum[peak + 1]);
        let offset = 0.5 * (a - c) / (a - 2.0 * b + c);
        let square = |from_hz: f64, to_hz: f64| -> f64 {
            let bins = (from_hz / bin_hz) as usize..((to_hz / bin_hz) as usize).min(spectrum.len());
            spectrum[bins].iter().map(|value| value * value).sum()
        };
        let total = square(0.0, MAX_HZ);
        Some(FluctuationPeak {
            hz: (peak as f64 + offset) * bin_hz,
            height_db: b - 0.25 * (a - c) * offset,
            syllabic_share: if total > 0.0 { square(2.5, 7.0) / total } else { 0.0 },
        })
    }

    /// Adds the spectrum of the frames that are held, and lets them go.
    fn analyse(&mut self) {
        let n = self.frames.len();
        // How deep the silence before the first sound is, must not depend on the gain.
        let floor_db = self.loudest_db - SILENCE_DEPTH_DB;
        for db in self.frames.iter_mut().flatten() {
            *db = db.max(floor_db);
        }
        let mut means = [0f64; N_BANDS];
        for frame in &self.frames {
            for (mean, db) in means.iter_mut().zip(frame) {
                *mean += f64::from(*db);
            }
        }
        let means = means.map(|sum| (sum / n as f64) as f32);
        let bin_hz = self.frame_hz / N_FFT as f64;
        // Two bands at once, as the real and the imaginary part.
        for band in (0..N_BANDS).step_by(2) {
            self.buffer.fill(Complex32::default());
            for (z, frame) in self.buffer.iter_mut().zip(&self.frames) {
                *z = Complex32::new(frame[band] - means[band], frame[band + 1] - means[band + 1]);
            }
            self.plan.process_with_scratch(&mut self.buffer, &mut self.scratch);
            for (bin, sum) in self.sums.iter_mut().enumerate().skip(1) {
                let (z, w) = (self.buffer[bin], self.buffer[N_FFT - bin].conj());
                let magnitudes = 0.5 * ((z + w).norm() + (z - w).norm());
                *sum += weight(bin as f64 * bin_hz) * f64::from(magnitudes) / n as f64;
            }
        }
        self.n_windows += 1;
        self.frames.clear();
    }
}

/// How much a fluctuation counts, 0..=1.
fn weight(hz: f64) -> f64 {
    (hz / 4.0).min(1.0 - 0.3 * (hz - 4.0) / 6.0).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peak(hz: f64, amplitude_db: f32, n_frames: usize) -> Option<FluctuationPeak> {
        let mut fluctuation = Fluctuation::new(80.0);
        for frame in 0..n_frames {
            let phase = std::f64::consts::TAU * hz * frame as f64 / 80.0;
            let mut bands = [-30.0; N_BANDS];
            bands[7] += amplitude_db * phase.sin() as f32;
            fluctuation.push(&bands, -24.0);
        }
        fluctuation.finish()
    }

    #[test]
    fn a_sine_of_decibels_has_half_its_amplitude() {
        for (hz, weight) in [(4.0, 1.0), (2.0, 0.5), (7.0, 0.85)] {
            for n_frames in [1024, 3000, 600] {
                let found = peak(hz, 6.0, n_frames).unwrap();
                assert!((found.hz - hz).abs() < 0.05, "{found:?}");
                assert!((found.height_db / (3.0 * weight) - 1.0).abs() < 0.08, "{found:?}");
            }
        }
        assert!(peak(4.0, 6.0, 2048).unwrap().syllabic_share > 0.9);
        assert!(peak(1.0, 6.0, 2048).unwrap().syllabic_share < 0.2);
    }

    #[test]
    fn what_is_steady_or_short_has_no_peak() {
        assert_eq!(peak(4.0, 0.0, 2000), None);
        assert_eq!(peak(4.0, 6.0, 200), None);
    }

    #[test]
    fn the_weight_is_the_published_one() {
        for (hz, expected) in [(0.0, 0.0), (2.0, 0.5), (4.0, 1.0), (10.0, 0.7)] {
            assert!((weight(hz) - expected).abs() < 1e-12);
        }
    }
}
