//! What one short spectrum says of the voice: balance, slopes, cepstrum, loudness, change.

use std::f64::consts::{PI, TAU};

use multiversion::multiversion;

use super::RATE_HZ;
use crate::lanes::{LANES, exp2, inner_product, larger, largest, log2, sum};
use crate::power_spectrum::PowerSpectrum;
use crate::scale::bin_to_hz;
use crate::spectral::cepstrum::Dct;
use crate::spectral::mel::{MelDesign, MelFilterBank, MelNorm, MelScale};
use crate::{Result, window};

/// Samples of a frame: 20 ms.
pub(super) const FRAME: usize = 441;
/// Transform length.
pub(super) const N_FFT: usize = 512;
/// Bins of a spectrum.
const N_BINS: usize = N_FFT / 2 + 1;
/// Mel bands, 20 to 8000 Hz.
const N_BANDS: usize = 26;
/// Coefficients that are told, without the first.
pub(super) const N_MFCC: usize = 4;
/// Strength of the liftering.
const LIFTER: f64 = 22.0;
/// Exponent of the compression: Stevens' law.
pub(super) const COMPRESSION: f32 = 0.33;
/// Decibels per octave of power.
const DB_PER_LOG2: f32 = 3.0103;
/// Least power of a bin or band: 100 dB below those of a frame at the gate of silence.
const LEAST_POWER: f32 = 1e-12;

/// Balance of one frame.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct ShortFeatures {
    /// Mean square of the samples under the window.
    pub(super) mean_square: f32,
    /// Sum over the mel bands of their power, weighted as by the ear, to the power of 0.33.
    pub(super) loudness: f32,
    /// Root mean squared difference of the magnitudes up to 5 kHz from those of the frame before.
    pub(super) flux: f32,
    /// Energy from 50 to 1000 Hz over that from 1 to 5 kHz, dB.
    pub(super) alpha_ratio_db: f32,
    /// Strongest bin below 2 kHz over the strongest from 2 to 5 kHz, dB.
    pub(super) hammarberg_db: f32,
    /// Regression of the level on the frequency below 500 Hz, dB per kHz.
    pub(super) slope_low: f32,
    /// The same from 500 to 1500 Hz.
    pub(super) slope_mid: f32,
    /// Mel-frequency cepstral coefficients 1 to 4, liftered.
    pub(super) mfcc: [f32; N_MFCC],
}

/// Measures frames one after the other.
pub(super) struct ShortSpectrum {
    spectrum: PowerSpectrum,
    power: Vec<f32>,
    magnitude: Vec<f32>,
    magnitude_before: Vec<f32>,
    has_before: bool,
    window_power: f32,
    mel: MelFilterBank,
    bands: [f32; N_BANDS],
    /// Weights of the ear, with what the window and the transform do to the power.
    ear: [f32; N_BANDS],
    dct: Dct<{ N_MFCC + 1 }>,
    lifter: [f32; N_MFCC + 1],
    edges: Edges,
}

/// Bins at which bands begin or end.
struct Edges {
    hz50: usize,
    hz500: usize,
    khz1: usize,
    khz1_5: usize,
    khz2: usize,
    khz5: usize,
    slope_low: Vec<f32>,
    slope_mid: Vec<f32>,
}

impl ShortSpectrum {
    pub(super) fn new() -> Result<Self> {
        let mut window = window::hamming(FRAME);
        let window_power: f32 = window.iter().map(|w| w * w).sum();
        window.resize(N_FFT, 0.0);
        let mel = MelFilterBank::designed(&MelDesign {
            rate_hz: RATE_HZ as u32,
            n_fft: N_FFT,
            n_bands: N_BANDS,
            min_hz: 20.0,
            max_hz: 8_000.0,
            scale: MelScale::Htk,
            norm: MelNorm::Peak,
        })?;
        let scale = |k: usize| {
            if k == 0 { 1.0 } else { 1.0 + LIFTER / 2.0 * (PI * k as f64 / LIFTER).sin() }
        };
        Ok(Self {
            spectrum: PowerSpectrum::new(window)?,
            power: vec![0.0; N_BINS],
            magnitude: vec![0.0; N_BINS],
            magnitude_before: vec![0.0; N_BINS],
            has_before: false,
            window_power,
            ear: ear_weights(1.0 / f64::from(window_power)),
            mel,
            bands: [0.0; N_BANDS],
            dct: Dct::new(N_BANDS),
            lifter: std::array::from_fn(|k| scale(k) as f32),
            edges: Edges::new(),
        })
    }

    /// The next frame is not the neighbour of the last one.
    pub(super) fn rest(&mut self) {
        self.has_before = false;
    }

    /// Features of a frame of [`N_FFT`] samples, of which the window leaves the first [`FRAME`].
    pub(super) fn of(&mut self, frame: &[f32]) -> ShortFeatures {
        self.spectrum.of(frame, &mut self.power).expect("frame and window have one length");
        self.mel.apply(&self.power, &mut self.bands).expect("bank and spectrum have one size");
        let loudness = loudness(&self.bands, &self.ear);
        decibels(&mut self.bands);
        let cepstrum = self.dct.apply(&self.bands);
        // The transform is of natural logarithms there.
        let natural = std::f32::consts::LN_10 / 10.0;
        let edges = &self.edges;
        std::mem::swap(&mut self.magnitude, &mut self.magnitude_before);
        let balance = balance(&mut self.power, &mut self.magnitude, edges);
        let flux = if self.has_before {
            distance(&self.magnitude[..edges.khz5], &self.magnitude_before[..edges.khz5])
        } else {
            0.0
        };
        self.has_before = true;
        ShortFeatures {
            mean_square: 2.0 * balance.power / (N_FFT as f32 * self.window_power),
            loudness,
            flux: flux / self.window_power.sqrt(),
            mfcc: std::array::from_fn(|i| natural * self.lifter[i + 1] * cepstrum[i + 1]),
            ..balance.features
        }
    }
}

impl Edges {
    fn new() -> Self {
        let bin = |hz: f64| (hz * N_FFT as f64 / RATE_HZ).ceil() as usize;
        let (hz500, khz1_5) = (bin(500.0), bin(1_500.0));
        Self {
            hz50: bin(50.0),
            hz500,
            khz1: bin(1_000.0),
            khz1_5,
            khz2: bin(2_000.0),
            khz5: bin(5_000.0),
            slope_low: slope_weights(1, hz500),
            slope_mid: slope_weights(hz500, khz1_5),
        }
    }
}

/// Weights whose inner product with levels in dB is their slope in dB per kHz.
fn slope_weights(first: usize, end: usize) -> Vec<f32> {
    let khz = |bin: usize| bin_to_hz(bin as f64, N_FFT, RATE_HZ) / 1_000.0;
    let mean = (first..end).map(khz).sum::<f64>() / (end - first) as f64;
    let squares: f64 = (first..end).map(|bin| (khz(bin) - mean).powi(2)).sum();
    (first..end).map(|bin| ((khz(bin) - mean) / squares) as f32).collect()
}

/// Equal loudness at the centres of the bands, times `scale`.
///
/// Hermansky (1990), "Perceptual linear predictive analysis of speech", *JASA* 87(4), eq. 4: the ear at about 40 phon.
fn ear_weights(scale: f64) -> [f32; N_BANDS] {
    use crate::scale::{hz_to_mel_htk, mel_htk_to_hz};
    let (low, high) = (hz_to_mel_htk(20.0), hz_to_mel_htk(8_000.0));
    std::array::from_fn(|band| {
        let mel = low + (high - low) * (band + 1) as f64 / (N_BANDS + 1) as f64;
        let square = (TAU * mel_htk_to_hz(mel)).powi(2);
        let weight =
            (square + 56.8e6) * square * square / ((square + 6.3e6).powi(2) * (square + 0.38e9));
        (weight * scale) as f32
    })
}

/// What [`balance`] finds.
struct Balance {
    power: f32,
    features: ShortFeatures,
}

/// Everything that is read from the bins; the powers up to 1.5 kHz become decibels.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn balance(power: &mut [f32], magnitude: &mut [f32], edges: &Edges) -> Balance {
    let ratio_db = |a: f32, b: f32| {
        DB_PER_LOG2 * (log2(larger(a, LEAST_POWER)) - log2(larger(b, LEAST_POWER)))
    };
    for (magnitude, power) in magnitude.iter_mut().zip(power.iter()) {
        *magnitude = power.sqrt();
    }
    let total = sum(power);
    let alpha_ratio_db =
        ratio_db(sum(&power[edges.hz50..edges.khz1]), sum(&power[edges.khz1..edges.khz5]));
    let hammarberg_db =
        ratio_db(largest(&power[..edges.khz2]), largest(&power[edges.khz2..edges.khz5]));
    for value in &mut power[..edges.khz1_5] {
        *value = DB_PER_LOG2 * log2(larger(*value, LEAST_POWER));
    }
    let features = ShortFeatures {
        alpha_ratio_db,
        hammarberg_db,
        slope_low: inner_product(&edges.slope_low, &power[1..edges.hz500]),
        slope_mid: inner_product(&edges.slope_mid, &power[edges.hz500..edges.khz1_5]),
        ..ShortFeatures::default()
    };
    Balance { power: total, features }
}

/// Compressed power over the bands.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn loudness(bands: &[f32; N_BANDS], ear: &[f32; N_BANDS]) -> f32 {
    let mut compressed = [0f32; N_BANDS];
    for i in 0..N_BANDS {
        compressed[i] = exp2(COMPRESSION * log2(larger(bands[i] * ear[i], f32::MIN_POSITIVE)));
    }
    compressed.iter().sum()
}

#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn decibels(bands: &mut [f32; N_BANDS]) {
    for band in bands {
        *band = DB_PER_LOG2 * log2(larger(*band, LEAST_POWER));
    }
}

/// Root mean squared difference.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn distance(a: &[f32], b: &[f32]) -> f32 {
    let (chunks_a, rest_a) = a.as_chunks::<LANES>();
    let (chunks_b, rest_b) = b.as_chunks::<LANES>();
    let mut lanes = [0f32; LANES];
    for (a, b) in chunks_a.iter().zip(chunks_b) {
        for i in 0..LANES {
            lanes[i] += (a[i] - b[i]) * (a[i] - b[i]);
        }
    }
    for (lane, (a, b)) in lanes.iter_mut().zip(rest_a.iter().zip(rest_b)) {
        *lane += (a - b) * (a - b);
    }
    (lanes.iter().sum::<f32>() / a.len().max(1) as f32).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(signal: impl Fn(f64) -> f64) -> ShortFeatures {
        let frame: Vec<f32> = (0..N_FFT).map(|i| signal(i as f64 / RATE_HZ) as f32).collect();
        ShortSpectrum::new().unwrap().of(&frame)
    }

    fn tone(hz: f64, t: f64) -> f64 {
        (TAU * hz * t).sin()
    }

    #[test]
    fn ratios_are_those_of_two_tones() {
        let both = features(|t| 0.5 * tone(500.0, t) + 0.05 * tone(3_000.0, t));
        // 20 dB; the window lets 0.01 dB of each reach into the band of the other.
        assert!((both.alpha_ratio_db - 20.0).abs() < 0.1, "{both:?}");
        // The two tones lie at other places between the bins, which differ by up to 1.3 dB under this window.
        assert!((both.hammarberg_db - 20.0).abs() < 1.3, "{both:?}");
        assert!((both.mean_square - 0.126_25).abs() < 0.01, "{both:?}");
    }

    // Filtered noise of known slope: +6 dB per octave is 20·log10(f).
    #[test]
    fn slopes_are_those_of_the_levels() {
        let edges = Edges::new();
        for (weights, first) in [(&edges.slope_low, 1), (&edges.slope_mid, edges.hz500)] {
            let line = |i: usize| 7.0 - 12.0 * ((first + i) as f64 * RATE_HZ / 512.0 / 1_000.0);
            let slope: f64 = weights.iter().enumerate().map(|(i, w)| f64::from(*w) * line(i)).sum();
            assert!((slope + 12.0).abs() < 1e-4, "{slope}");
        }
    }

    // Compression: twice the amplitude is 4^0.33 of the loudness, whatever the spectrum.
    #[test]
    fn gain_scales_the_loudness_and_nothing_else_but_level_and_flux() {
        let noise = fixtures::noise(7, N_FFT);
        let at = |gain: f32| {
            let frame: Vec<f32> = noise.iter().map(|x| gain * x).collect();
            ShortSpectrum::new().unwrap().of(&frame)
        };
        let (soft, loud) = (at(0.1), at(0.2));
        assert!((loud.loudness / soft.loudness - 4f32.powf(0.33)).abs() < 1e-4);
        assert!((loud.mean_square / soft.mean_square - 4.0).abs() < 1e-4);
        for (a, b) in [
            (soft.alpha_ratio_db, loud.alpha_ratio_db),
            (soft.hammarberg_db, loud.hammarberg_db),
            (soft.slope_low, loud.slope_low),
            (soft.slope_mid, loud.slope_mid),
            (soft.mfcc[0], loud.mfcc[0]),
            (soft.mfcc[3], loud.mfcc[3]),
        ] {
            assert!((a - b).abs() < 1e-3, "{soft:?} {loud:?}");
        }
    }

    #[test]
    fn the_same_frame_again_has_no_flux_and_silence_is_finite() {
        let noise = fixtures::noise(7, N_FFT);
        let mut spectrum = ShortSpectrum::new().unwrap();
        assert!(spectrum.of(&noise).flux <= 0.0);
        assert!(spectrum.of(&noise).flux <= 0.0);
        let silence = spectrum.of(&[0.0; N_FFT]);
        assert!(silence.flux > 0.1 && silence.loudness < 1e-3);
        let ShortFeatures { mfcc, slope_low, slope_mid, alpha_ratio_db, .. } = silence;
        assert!([slope_low, slope_mid, alpha_ratio_db].into_iter().chain(mfcc).all(f32::is_finite));
    }
}
