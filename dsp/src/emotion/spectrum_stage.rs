//! What the short spectra of the spectral analysis say of emotion: brightness over time, roughness, novelty, noise.

use super::novelty::Novelty;
use super::roughness::Roughness;
use super::seconds::Seconds;
use crate::analysis::Stats;
use crate::spectral::Moments;

/// Highest frequency in the novelty, Hz.
const NOVELTY_MAX_HZ: f64 = 5_000.0;
/// Frames of 93 ms every 23 ms from one vector of the novelty to the next: every 93 ms, one after the other.
const NOVELTY_EVERY: u64 = 4;
/// Vectors on either side of the novelty: 1.5 s.
const NOVELTY_HALF: usize = 16;
/// Frames from one roughness to the next: 186 ms.
const ROUGHNESS_EVERY: u64 = 8;
/// Flatness from which a frame is like applause.
const NOISY_FLATNESS: f32 = 0.4;
/// Features in a row of a second: brightness, flux, roughness.
pub(crate) const N_SPECTRUM: usize = 3;

/// Features of spectra of 93 ms every 23 ms.
///
/// Those published are of 46 ms every 23 ms (roughness) and of 0.1 s every 50 ms (novelty). These are the frames of the
/// spectral statistics. The longer frame lets partials beat that the shorter one would take for one.
#[derive(Debug, Clone)]
pub struct SpectrumStage {
    frame_s: f64,
    bin_hz: f64,
    n_novel_bins: usize,
    roughness: Roughness,
    rough: Moments,
    latest_roughness: f32,
    novelty: Novelty,
    n_noisy: u64,
    longest_noisy: u64,
    seconds: Seconds<N_SPECTRUM>,
}

/// What [`SpectrumStage`] found; `None` where nothing sounds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SpectrumFeatures {
    /// Roughness over frames.
    pub(crate) roughness: Option<Stats>,
    /// Novelty of the magnitudes up to 5 kHz.
    pub(crate) novelty: Option<f64>,
    /// Longest stretch in which the spectrum is as flat as that of applause, seconds.
    pub(crate) longest_noise_s: f64,
    pub(crate) seconds: Vec<Option<[f32; N_SPECTRUM]>>,
}

/// What is known of a frame that sounds.
#[derive(Debug, Clone, Copy)]
pub struct HeardFrame<'a> {
    /// Number of the frame.
    pub index: u64,
    /// Its spectrum, linear.
    pub magnitude: &'a [f32],
    /// Its spectral centroid, bins.
    pub centroid_bins: f32,
    /// Its spectral flatness, 0..=1.
    pub flatness: f32,
    /// Its spectral flux, dB.
    pub flux_db: f32,
}

impl SpectrumStage {
    /// A stage for spectra of `n_fft` samples at `rate_hz` every `hop` of them.
    pub fn new(rate_hz: f64, n_fft: usize, hop: usize) -> Self {
        let (bin_hz, n_bins) = (rate_hz / n_fft as f64, n_fft / 2 + 1);
        let n_novel_bins = ((NOVELTY_MAX_HZ / bin_hz) as usize).min(n_bins);
        Self {
            frame_s: hop as f64 / rate_hz,
            bin_hz,
            n_novel_bins,
            roughness: Roughness::new(bin_hz, n_bins),
            rough: Moments::default(),
            latest_roughness: 0.0,
            novelty: Novelty::new(n_novel_bins, NOVELTY_HALF),
            n_noisy: 0,
            longest_noisy: 0,
            seconds: Seconds::default(),
        }
    }

    /// Takes the next frame that sounds.
    pub fn push(&mut self, frame: &HeardFrame<'_>) {
        if frame.index.is_multiple_of(NOVELTY_EVERY) {
            self.novelty.push(&frame.magnitude[..self.n_novel_bins]);
        }
        if frame.index.is_multiple_of(ROUGHNESS_EVERY) {
            self.latest_roughness = self.roughness.of(frame.magnitude);
            self.rough.add(self.latest_roughness);
        }
        self.n_noisy = if frame.flatness > NOISY_FLATNESS { self.n_noisy + 1 } else { 0 };
        self.longest_noisy = self.longest_noisy.max(self.n_noisy);
        let brightness = (f64::from(frame.centroid_bins) * self.bin_hz).max(1.0).log2();
        let row = [brightness, f64::from(frame.flux_db), f64::from(self.latest_roughness)];
        self.seconds.add(frame.index as f64 * self.frame_s, row);
    }

    /// The features of everything pushed.
    pub fn finish(self) -> SpectrumFeatures {
        SpectrumFeatures {
            roughness: (self.rough.n() > 0).then(|| self.rough.stats()),
            novelty: self.novelty.finish(),
            longest_noise_s: self.longest_noisy as f64 * self.frame_s,
            seconds: self.seconds.finish(),
        }
    }
}
