//! All features of short-time spectra of one recording in one pass.

use multiversion::multiversion;

use super::cepstrum::{Dct, power_to_db};
use super::chroma::{ChromaFilterBank, PITCH_CLASSES};
use super::contrast::{CONTRAST_BANDS, Contrast};
use super::mel::MelFilterBank;
use super::moments::{Covariance, Moments};
use super::shape::{flatness, magnitudes, mean_square, shape};
use crate::analysis::{Estimate, Reason, Spectral, Stats};
use crate::curves::chromagram::{ChromaPool, Chromagram};
use crate::curves::spectrogram::{MelSpectrogram, Picture};
use crate::emotion::{HeardFrame, SpectrumFeatures, SpectrumStage};
use crate::framing::Framer;
use crate::gate::Gate;
use crate::lanes::{larger, largest};
use crate::power_spectrum::PowerSpectrum;
use crate::scale::bin_to_hz;
use crate::structure::Course;
use crate::voice::{N_GROUPS, Slot, SlotStage, SoundFrame, Steadiness};
use crate::{Result, window};

/// Samples in a frame.
pub const N_FFT: usize = 2048;
/// Samples from frame to frame.
pub const HOP: usize = 512;
/// Mel bands under MFCC and flux.
pub const MEL_BANDS: usize = 128;
/// Cepstral coefficients.
pub const N_MFCC: usize = 20;

/// Range of the mel bands below the loudest band so far, dB. librosa cuts as far below the loudest band of the whole
/// recording, which one pass cannot know; after the first loud sound the two agree.
const MEL_RANGE_DB: f32 = 80.0;
/// Lowest level of a mel band, dB: librosa's `amin`.
const MEL_FLOOR_DB: f32 = -100.0;
/// Lowest level of a peak or valley of the contrast, dB: librosa's `amin`.
const CONTRAST_FLOOR_DB: f32 = -100.0;
/// Mean square below which nothing is heard before the first sound, nor over time: −70 dBFS, like the gate of the loudness.
const GATE: f32 = 1e-7;
/// Share of the loudest mean square so far below which a frame has no part in the statistics: −60 dB, which is −70 dBFS in
/// recordings of ordinary level.
const RANGE: f32 = 1e-6;
/// Mean square below which there is silence in any recording: −110 dBFS, 12 dB below the rounding to 16 bits.
const LEAST: f32 = 1e-11;

/// Streaming spectral analysis of a mono signal; memory grows by 620 bytes per second.
///
/// Statistics are taken over the frames from the first above −70 dBFS on that lie at most 60 dB below the loudest so far, so
/// that gain does not decide; those of the RMS over all frames. What is kept over time is silent below −70 dBFS as well. Where
/// nothing is silent they equal the statistics of librosa's frames but for two things: decibels of mel bands are cut 80 dB below the loudest band so far instead of the loudest of all, and the zero crossings of the first and last two
/// frames are counted against zeros.
///
/// # Examples
///
/// ```
/// let mut stage = dsp::SpectralStage::new(22050)?;
/// let sine = (0..110250).map(|i| (std::f64::consts::TAU * 0.04 * f64::from(i)).sin() as f32);
/// stage.push(&sine.collect::<Vec<_>>());
/// let spectral = stage.finish().expect("it is not silent");
/// assert!((spectral.centroid_hz.mean / 882.0 - 1.0).abs() < 0.02);
/// # Ok::<(), dsp::Error>(())
/// ```
#[derive(Debug)]
pub struct SpectralStage {
    framer: Framer,
    features: Features,
}

/// What is known of each frame, and from all of them.
#[derive(Debug)]
struct Features {
    rate_hz: f64,
    spectrum: PowerSpectrum,
    mel: MelFilterBank,
    dct: Dct<N_MFCC>,
    contrast: Contrast,
    chroma_bank: ChromaFilterBank,
    power: Vec<f32>,
    magnitude: Vec<f32>,
    bands: Vec<f32>,
    /// Bands of the frame before; empty at first.
    bands_before: Vec<f32>,
    /// Loudest band so far, dB.
    loudest_db: f32,
    gate: Gate,
    n_frames: u64,
    n_heard: u64,
    rms: Moments,
    centroid: Moments,
    bandwidth: Moments,
    rolloff: Moments,
    flatness: Moments,
    flux: Moments,
    zero_crossings: Moments,
    contrasts: [Moments; CONTRAST_BANDS],
    chroma: [Moments; PITCH_CLASSES],
    mfcc: Covariance<N_MFCC>,
    course: Course,
    picture: Picture,
    chroma_pool: ChromaPool,
    emotion: SpectrumStage,
    steadiness: Steadiness,
    slots: SlotStage,
}

/// One frame that is heard.
struct Heard {
    cepstrum: [f32; N_MFCC],
    /// All but its steadiness, which is only known over time.
    sound: SoundFrame,
}

/// The same frames over time, in forms that are small enough to keep.
#[derive(Debug, Clone)]
pub struct OverTime {
    /// What sections and segments are found in.
    pub course: Course,
    /// A small picture of the mel bands.
    pub spectrogram: MelSpectrogram,
    /// Strength of the pitch classes, about twice a second.
    pub chroma: Chromagram,
    pub(crate) emotion: SpectrumFeatures,
    pub(crate) slots: Vec<Slot>,
}

impl SpectralStage {
    /// A stage for mono samples at `rate_hz`; made for 22 050 Hz.
    ///
    /// # Errors
    ///
    /// None for these sizes; the type is that of the filter banks.
    pub fn new(rate_hz: u32) -> Result<Self> {
        let spectrum = PowerSpectrum::new(window::hann(N_FFT))?;
        let n_bins = spectrum.n_bins();
        let features = Features {
            rate_hz: rate_hz.into(),
            spectrum,
            mel: MelFilterBank::new(rate_hz, N_FFT, MEL_BANDS)?,
            dct: Dct::new(MEL_BANDS),
            contrast: Contrast::new(rate_hz, N_FFT),
            chroma_bank: ChromaFilterBank::new(rate_hz, N_FFT, 0.0)?,
            power: vec![0.0; n_bins],
            magnitude: vec![0.0; n_bins],
            bands: vec![0.0; MEL_BANDS],
            bands_before: Vec::new(),
            loudest_db: MEL_FLOOR_DB,
            gate: Gate::new(GATE, RANGE, LEAST),
            n_frames: 0,
            n_heard: 0,
            rms: Moments::default(),
            centroid: Moments::default(),
            bandwidth: Moments::default(),
            rolloff: Moments::default(),
            flatness: Moments::default(),
            flux: Moments::default(),
            zero_crossings: Moments::default(),
            contrasts: [Moments::default(); CONTRAST_BANDS],
            chroma: [Moments::default(); PITCH_CLASSES],
            mfcc: Covariance::new(),
            course: Course::new(rate_hz),
            picture: Picture::new(),
            chroma_pool: ChromaPool::default(),
            emotion: SpectrumStage::new(rate_hz.into(), N_FFT, HOP),
            steadiness: Steadiness::default(),
            slots: SlotStage::default(),
        };
        Ok(Self { framer: Framer::centred(N_FFT, HOP)?, features })
    }

    /// Takes the next samples; blocks of any length give the same bits.
    pub fn push(&mut self, samples: &[f32]) {
        let Self { framer, features } = self;
        framer.push(samples, |frame| features.add(frame));
    }

    /// The seconds of which it is known by now how likely they are speech.
    pub(crate) fn slots(&self) -> &[Slot] {
        self.features.slots.slots()
    }

    /// Statistics of everything pushed.
    ///
    /// # Errors
    ///
    /// [`Reason::TooShort`] if nothing was pushed, [`Reason::Silence`] if no frame is above −70 dBFS.
    pub fn finish(self) -> Estimate<Spectral> {
        self.finish_over_time().0
    }

    /// Like [`Self::finish`], and the frames themselves in forms that are small enough to keep.
    pub fn finish_over_time(self) -> (Estimate<Spectral>, OverTime) {
        let Self { framer, mut features } = self;
        framer.finish(|frame| features.add(frame));
        let spectral = if features.n_frames == 0 {
            Err(Reason::TooShort)
        } else if features.n_heard == 0 {
            Err(Reason::Silence)
        } else {
            Ok(features.spectral())
        };
        let frame_s = HOP as f64 / features.rate_hz;
        let over_time = OverTime {
            course: features.course.finish(),
            spectrogram: features.picture.finish(frame_s),
            chroma: features.chroma_pool.finish(frame_s),
            emotion: features.emotion.finish(),
            slots: features.slots.finish(),
        };
        (spectral, over_time)
    }
}

impl Features {
    fn add(&mut self, frame: &[f32]) {
        let mean_square = mean_square(frame);
        self.n_frames += 1;
        self.rms.add(mean_square.sqrt());
        let is_heard = self.gate.hears(mean_square);
        let is_silent = !is_heard || mean_square < GATE;
        if is_silent {
            self.chroma_pool.add_silence();
            self.steadiness.skip();
            self.slots.push(SoundFrame { rms: mean_square.sqrt(), ..SoundFrame::default() });
        }
        if is_silent && self.bands_before.is_empty() {
            self.course.add_silence();
            self.picture.add_silence();
            return;
        }
        self.spectrum.of(frame, &mut self.power).expect("frame and window have one length");
        self.mel.apply(&self.power, &mut self.bands).expect("bank and spectrum have one size");
        power_to_db(&mut self.bands, MEL_FLOOR_DB);
        self.picture.add(&self.bands);
        self.loudest_db = larger(self.loudest_db, largest(&self.bands));
        let floor_db = self.loudest_db - MEL_RANGE_DB;
        raise(&mut self.bands, floor_db);
        raise(&mut self.bands_before, floor_db);
        if is_silent {
            self.course.add_silence();
        }
        if is_heard {
            let heard = self.hear(frame, mean_square.sqrt());
            if !is_silent {
                self.keep(&heard);
            }
        }
        self.bands_before.resize(MEL_BANDS, MEL_FLOOR_DB);
        std::mem::swap(&mut self.bands, &mut self.bands_before);
    }

    /// Adds a frame to the statistics.
    fn hear(&mut self, frame: &[f32], rms: f32) -> Heard {
        self.n_heard += 1;
        magnitudes(&self.power, &mut self.magnitude);
        let shape = shape(&self.magnitude);
        self.centroid.add(shape.centroid_bins);
        self.bandwidth.add(shape.bandwidth_bins);
        self.rolloff.add(shape.rolloff_bins);
        let flatness = flatness(&self.power);
        self.flatness.add(flatness);
        self.zero_crossings.add(super::level::zero_crossing_rate(frame));
        let mut levels = [0f32; 2 * CONTRAST_BANDS];
        let extremes = self.contrast.peaks_and_valleys(&self.magnitude);
        for (pair, (peak, valley)) in levels.chunks_exact_mut(2).zip(extremes) {
            pair.copy_from_slice(&[peak, valley]);
        }
        power_to_db(&mut levels, CONTRAST_FLOOR_DB);
        let mut contrast_db = 0.0;
        for (moments, pair) in self.contrasts.iter_mut().zip(levels.chunks_exact(2)) {
            moments.add(pair[0] - pair[1]);
            contrast_db += (pair[0] - pair[1]) / CONTRAST_BANDS as f32;
        }
        let chroma = self.chroma_bank.apply(&self.power).expect("bank and spectrum have one size");
        for (moments, value) in self.chroma.iter_mut().zip(chroma) {
            moments.add(value);
        }
        let cepstrum = self.dct.apply(&self.bands);
        self.mfcc.add(&cepstrum);
        let mut flux_db = 0.0;
        if !self.bands_before.is_empty() {
            flux_db = mean_rise(&self.bands_before, &self.bands);
            self.flux.add(flux_db);
        }
        self.emotion.push(&HeardFrame {
            index: self.n_frames - 1,
            magnitude: &self.magnitude,
            centroid_bins: shape.centroid_bins,
            flatness,
            flux_db,
        });
        let sound = SoundFrame {
            is_heard: true,
            rms,
            flux_db,
            centroid_bins: shape.centroid_bins,
            flatness,
            contrast_db,
            groups_db: group_means(&self.bands),
            steadiness: 0.0,
            chroma,
        };
        Heard { cepstrum, sound }
    }

    /// Keeps what is heard over time.
    fn keep(&mut self, heard: &Heard) {
        let Heard { cepstrum, sound } = heard;
        self.chroma_pool.add(&sound.chroma);
        self.course.add(cepstrum, &sound.chroma, sound.flux_db);
        self.slots.push(SoundFrame { steadiness: self.steadiness.of(&self.magnitude), ..*sound });
    }

    fn spectral(&self) -> Spectral {
        let hz = |moments: &Moments| {
            let bins = moments.stats();
            let hz = |bins: f32| bin_to_hz(bins.into(), N_FFT, self.rate_hz) as f32;
            Stats { mean: hz(bins.mean), std: hz(bins.std) }
        };
        Spectral {
            centroid_hz: hz(&self.centroid),
            bandwidth_hz: hz(&self.bandwidth),
            rolloff_hz: hz(&self.rolloff),
            flatness: self.flatness.stats(),
            flux_db: self.flux.stats(),
            contrast_db: self.contrasts.map(|moments| moments.stats()),
            zero_crossing_rate: self.zero_crossings.stats(),
            rms: self.rms.stats(),
            mfcc: self.mfcc.stats(),
            mfcc_covariance: self.mfcc.upper_triangle(),
            chroma: self.chroma.map(|moments| moments.mean() as f32),
        }
    }
}

/// Means of equally large groups of bands.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn group_means(bands: &[f32]) -> [f32; N_GROUPS] {
    const WIDTH: usize = MEL_BANDS / N_GROUPS;
    std::array::from_fn(|i| bands[i * WIDTH..][..WIDTH].iter().sum::<f32>() / WIDTH as f32)
}

/// Lifts values to at least `floor`.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn raise(values: &mut [f32], floor: f32) {
    for value in values {
        *value = larger(*value, floor);
    }
}

/// Mean over bands of how much they rose.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn mean_rise(before: &[f32], now: &[f32]) -> f32 {
    let mut lanes = [0f32; 8];
    let (before, _) = before.as_chunks::<8>();
    let (now, _) = now.as_chunks::<8>();
    for (before, now) in before.iter().zip(now) {
        for i in 0..8 {
            lanes[i] += larger(now[i] - before[i], 0.0);
        }
    }
    lanes.iter().sum::<f32>() / (8 * now.len()).max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(samples: &[f32], block: usize) -> Estimate<Spectral> {
        let mut stage = SpectralStage::new(22050).unwrap();
        samples.chunks(block).for_each(|block| stage.push(block));
        stage.finish()
    }

    fn noise(n: usize) -> Vec<f32> {
        let mut state = 3u32;
        let mut next = || {
            state = state.wrapping_mul(1664525).wrapping_add(1013904223);
            state as f32 / 2f32.powi(31) - 1.0
        };
        (0..n).map(|_| next()).collect()
    }

    #[test]
    fn nothing_and_silence_are_told_apart() {
        assert_eq!(run(&[], 1), Err(Reason::TooShort));
        for level in [0.0, 1e-5] {
            assert_eq!(run(&vec![level; 5000], 100), Err(Reason::Silence));
        }
    }

    #[test]
    fn one_sample_has_a_flat_spectrum() {
        let spectral = run(&[1.0], 1).unwrap();
        assert!(spectral.flatness.mean > 0.99);
        assert!((spectral.centroid_hz.mean - 5512.5).abs() < 1.0);
        assert_eq!(spectral.flux_db, Stats::default());
    }

    #[test]
    fn any_split_gives_the_same_bits() {
        let samples = noise(20_000);
        let whole = run(&samples, usize::MAX).unwrap();
        for block in [1, 100, 513, 7000] {
            assert_eq!(run(&samples, block).unwrap(), whole);
        }
    }

    #[test]
    fn silence_around_does_not_change_the_timbre() {
        let mut padded = vec![0.0; 44_032];
        padded.extend(noise(65_536));
        padded.extend(vec![0.0; 44_032]);
        let (alone, padded) = (run(&noise(65_536), 999).unwrap(), run(&padded, 999).unwrap());
        assert!((alone.centroid_hz.mean / padded.centroid_hz.mean - 1.0).abs() < 0.02);
        assert!(alone.rms.mean > 1.5 * padded.rms.mean);
    }

    #[test]
    fn white_noise_is_as_flat_as_theory_says() {
        // exp(−γ): geometric over arithmetic mean of exponentially distributed powers.
        let spectral = run(&noise(220_500), 4096).unwrap();
        assert!((spectral.flatness.mean - 0.5615).abs() < 0.02, "{:?}", spectral.flatness);
        assert!((spectral.centroid_hz.mean - 5512.5).abs() < 50.0);
        assert_eq!(spectral.mfcc_covariance.len(), 210);
    }
}
