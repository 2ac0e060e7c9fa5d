//! The whole analysis in one streaming pass.

use multiversion::multiversion;

use crate::analysis::{ANALYSIS_VERSION, Analysis, Estimate, Input, Key, Reason, Spectral};
use crate::curves::Curves;
use crate::curves::waveform::WaveformStage;
use crate::dynamics::{DynamicsStage, LevelStage};
use crate::emotion::emotion;
use crate::fingerprint::{self, FingerprintStage};
use crate::loudness::LoudnessStage;
use crate::loudness::true_peak::sample_peak;
use crate::planes::mean_of_channels;
use crate::resample::{ANALYSIS_RATE_HZ, Resampler};
use crate::rhythm::RhythmStage;
use crate::scale::db_to_amplitude;
use crate::spectral::SpectralStage;
use crate::structure::structure;
use crate::tonal::TonalStage;
use crate::{Error, Result};

/// Most channels of a recording.
pub const MAX_CHANNELS: u32 = 8;
/// Shortest recording with a tempo, a key or an emotion, seconds.
const MIN_DURATION_S: f64 = 3.0;
/// Sample frames that are handled at once; bounds the buffers for pushes of any length.
const CHUNK_FRAMES: usize = 4096;
/// Samples are cut here, 100 dB above full scale, so that no sum overflows.
const MAX_SAMPLE: f32 = 1e5;
/// Samples below this, 400 dB below full scale, are read as 0: arithmetic on still smaller ones is slow.
const MIN_SAMPLE: f32 = 1e-20;
/// Peak of the mean of the channels, as a share of the peak of the channels, below which they cancel each other: −40 dB,
/// what a lossy codec leaves of one channel that is the other turned over.
const MIN_MEAN_PEAK: f64 = 0.01;
/// Deviation of the flux over its mean below which a sound is steady. Noise has 0.2 in any colour; the least among 171
/// pieces of music, of strings alone, is 0.36.
const STEADY_FLUX: f32 = 0.3;
/// Mean spectral contrast below which a sound has no partials, dB. Noise has 12 to 15, steady music 18 and more.
const NOISE_CONTRAST_DB: f32 = 17.0;
/// Mean flatness from which steady noise hides whatever else there is.
const NOISE_FLATNESS: f32 = 0.2;
/// Key clarity from which there is a tone in the noise.
const TONE_CLARITY: f64 = 0.5;

/// Streaming analysis of one recording: interleaved samples in, [`Analysis`] out.
///
/// Everything but the loudness listens to the mean of the channels at 22 050 Hz. Memory does not depend on the length,
/// but for envelopes of some hundred bytes per second. The bits of the result do not depend on how the recording is cut
/// into pushes.
///
/// # Examples
///
/// ```
/// let mut analyzer = dsp::Analyzer::new(44100, 2)?;
/// analyzer.push(&[0.0; 2 * 4410])?;
/// let analysis = analyzer.finish();
/// assert_eq!(analysis.key, Err(dsp::Reason::Silence));
/// # Ok::<(), dsp::Error>(())
/// ```
pub struct Analyzer {
    sample_rate_hz: u32,
    n_channels: u32,
    n_frames: u64,
    n_invalid_samples: u64,
    /// Largest magnitude of the mean of the channels.
    mean_peak: f32,
    loudness: LoudnessStage,
    waveform: WaveformStage,
    resampler: Resampler,
    spectral: SpectralStage,
    rhythm: RhythmStage,
    tonal: TonalStage,
    level: LevelStage,
    dynamics: DynamicsStage,
    fingerprint: FingerprintStage,
    clean: Vec<f32>,
    mono: Vec<f32>,
    resampled: Vec<f32>,
}

impl std::fmt::Debug for Analyzer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Analyzer")
            .field("sample_rate_hz", &self.sample_rate_hz)
            .field("n_channels", &self.n_channels)
            .field("n_frames", &self.n_frames)
            .finish_non_exhaustive()
    }
}

impl Analyzer {
    /// Analysis of a recording at `sample_rate_hz` (4 000..=384 000) with `n_channels` (1..=8) in WAV order.
    ///
    /// # Errors
    ///
    /// [`Error::SampleRateOutOfRange`] or [`Error::ChannelsOutOfRange`].
    pub fn new(sample_rate_hz: u32, n_channels: u32) -> Result<Self> {
        if !(1..=MAX_CHANNELS).contains(&n_channels) {
            return Err(Error::ChannelsOutOfRange { actual: n_channels, max: MAX_CHANNELS });
        }
        Ok(Self {
            sample_rate_hz,
            n_channels,
            n_frames: 0,
            n_invalid_samples: 0,
            mean_peak: 0.0,
            resampler: Resampler::new(sample_rate_hz)?,
            loudness: LoudnessStage::new(sample_rate_hz, n_channels),
            waveform: WaveformStage::new(sample_rate_hz),
            spectral: SpectralStage::new(ANALYSIS_RATE_HZ)?,
            rhythm: RhythmStage::new(ANALYSIS_RATE_HZ),
            tonal: TonalStage::new(ANALYSIS_RATE_HZ),
            level: LevelStage::new(sample_rate_hz, n_channels),
            dynamics: DynamicsStage::new(ANALYSIS_RATE_HZ)?,
            fingerprint: FingerprintStage::new(if takes_fingerprint_of_source(sample_rate_hz) {
                sample_rate_hz
            } else {
                ANALYSIS_RATE_HZ
            })?,
            clean: Vec::new(),
            mono: Vec::new(),
            resampled: Vec::new(),
        })
    }

    /// Takes the next interleaved samples. NaN and infinities are read as 0 and counted.
    ///
    /// # Errors
    ///
    /// [`Error::PartialFrame`] if their number is no multiple of the channels; nothing is taken then.
    pub fn push(&mut self, interleaved: &[f32]) -> Result<()> {
        let n_channels = self.n_channels as usize;
        if !interleaved.len().is_multiple_of(n_channels) {
            return Err(Error::PartialFrame {
                n_samples: interleaved.len(),
                n_channels: self.n_channels,
            });
        }
        for chunk in interleaved.chunks(CHUNK_FRAMES * n_channels) {
            self.clean.resize(chunk.len(), 0.0);
            self.n_invalid_samples += u64::from(clean(chunk, &mut self.clean));
            self.n_frames += (chunk.len() / n_channels) as u64;
            self.loudness.push(&self.clean);
            self.level.push(&self.clean);
            mean_of_channels(&mut self.mono, &self.clean, n_channels);
            if takes_fingerprint_of_source(self.sample_rate_hz) {
                self.fingerprint.push(&self.mono);
            }
            self.mean_peak = self.mean_peak.max(sample_peak(&self.mono));
            self.waveform.push(&self.mono);
            self.resampled.clear();
            self.resampler.push(&self.mono, &mut self.resampled);
            self.push_resampled();
        }
        Ok(())
    }

    /// The analysis of everything pushed.
    pub fn finish(mut self) -> Analysis {
        self.resampled.clear();
        let resampler = self.resampler.clone();
        resampler.finish(&mut self.resampled);
        self.push_resampled();
        let duration_s = self.n_frames as f64 / f64::from(self.sample_rate_hz);
        let mut key = self.tonal.finish();
        if let Some(last) = key.as_mut().ok().and_then(|key| key.regions.last_mut()) {
            // The stage counts resampled frames, which end up to one of them later.
            last.end_s = duration_s;
        }
        let rhythm = self.rhythm.finish();
        let level = self.level.finish();
        let momentary_lufs = self.loudness.momentary_lufs();
        let (spectral, over_time) = self.spectral.finish_over_time();
        let loudness = self.loudness.finish();
        let mut analysis = Analysis {
            version: ANALYSIS_VERSION,
            input: Input {
                sample_rate_hz: self.sample_rate_hz,
                n_channels: self.n_channels,
                n_frames: self.n_frames,
                duration_s,
                n_invalid_samples: self.n_invalid_samples,
            },
            dynamics: self.dynamics.finish(&level, &spectral, &loudness, &rhythm.rhythm),
            structure: structure(
                &level,
                &over_time.course,
                rhythm.rhythm.as_ref().ok(),
                duration_s,
            ),
            fingerprint: self.fingerprint.finish(),
            spectral,
            loudness,
            tempo: rhythm.tempo,
            rhythm: rhythm.rhythm,
            key,
            // Filled in once it is known whether there is anything to feel.
            emotion: Err(Reason::TooShort),
            curves: Curves {
                waveform: self.waveform.finish(),
                momentary_lufs,
                spectrogram: over_time.spectrogram,
                chroma: over_time.chroma,
            },
        };
        decide(&mut analysis, self.mean_peak);
        analysis
    }

    fn push_resampled(&mut self) {
        self.spectral.push(&self.resampled);
        self.rhythm.push(&self.resampled);
        self.tonal.push(&self.resampled);
        self.dynamics.push(&self.resampled);
        if !takes_fingerprint_of_source(self.sample_rate_hz) {
            self.fingerprint.push(&self.resampled);
        }
    }
}

/// Whether the fingerprint hears the source itself, which has the rate that it wants.
fn takes_fingerprint_of_source(sample_rate_hz: u32) -> bool {
    sample_rate_hz == fingerprint::RATE_HZ
}

/// Decides in one place what cannot be known: stages see only their own frames.
fn decide(analysis: &mut Analysis, mean_peak: f32) {
    if analysis.input.n_frames == 0 {
        analysis.loudness = Err(Reason::TooShort);
        analysis.dynamics = Err(Reason::TooShort);
        analysis.structure = Err(Reason::TooShort);
    } else if let Some(reason) = unheard(analysis, mean_peak) {
        analysis.spectral = Err(reason);
        analysis.dynamics = Err(reason);
        analysis.structure = Err(reason);
        analysis.fingerprint = Err(reason);
        withhold(analysis, reason);
        return;
    }
    if analysis.input.duration_s < MIN_DURATION_S {
        withhold(analysis, Reason::TooShort);
    } else if is_noise(&analysis.spectral, &analysis.key) {
        withhold(analysis, Reason::Noise);
    } else {
        let Analysis { spectral, loudness, tempo, rhythm, key, .. } = &*analysis;
        analysis.emotion = emotion(spectral, loudness, tempo, rhythm, key);
    }
}

/// Why there is nothing to listen to, although there are samples. The loudness is known all the same where only the
/// mean of the channels is silent.
fn unheard(analysis: &Analysis, mean_peak: f32) -> Option<Reason> {
    if analysis.loudness == Err(Reason::Silence) {
        return Some(Reason::Silence);
    }
    let cancels = analysis.loudness.is_ok_and(|loudness| {
        f64::from(mean_peak) < MIN_MEAN_PEAK * db_to_amplitude(loudness.sample_peak_dbfs)
    });
    if cancels {
        return Some(Reason::OutOfPhase);
    }
    (analysis.spectral == Err(Reason::Silence)).then_some(Reason::Silence)
}

/// Gives one reason for everything that is an interpretation.
fn withhold(analysis: &mut Analysis, reason: Reason) {
    analysis.tempo = Err(reason);
    analysis.rhythm = Err(reason);
    analysis.key = Err(reason);
    analysis.emotion = Err(reason);
    if let Ok(dynamics) = &mut analysis.dynamics {
        dynamics.danceability = Err(reason);
        dynamics.energy = Err(reason);
    }
    if let Ok(structure) = &mut analysis.structure {
        structure.sections = Err(reason);
    }
}

/// Whether a sound is steady, without partials and without a tone.
fn is_noise(spectral: &Estimate<Spectral>, key: &Estimate<Key>) -> bool {
    let Ok(spectral) = spectral else { return false };
    let contrast = spectral.contrast_db.iter().map(|band| band.mean).sum::<f32>()
        / spectral.contrast_db.len() as f32;
    let is_steady = spectral.flux_db.std < STEADY_FLUX * spectral.flux_db.mean;
    let has_tone = key.as_ref().is_ok_and(|key| key.clarity > TONE_CLARITY);
    is_steady
        && contrast < NOISE_CONTRAST_DB
        && (spectral.flatness.mean > NOISE_FLATNESS || !has_tone)
}

/// Copies samples, the unusable ones replaced; returns how many were NaN or infinite.
#[multiversion(targets("x86_64+avx2", "aarch64+neon"))]
fn clean(samples: &[f32], cleaned: &mut [f32]) -> u32 {
    let mut n_invalid = 0;
    for (out, &x) in cleaned.iter_mut().zip(samples) {
        let magnitude = x.abs();
        n_invalid += u32::from(!x.is_finite());
        let is_usable = (MIN_SAMPLE..=f32::MAX).contains(&magnitude);
        let bounded = if x > MAX_SAMPLE { MAX_SAMPLE } else { x };
        let bounded = if bounded < -MAX_SAMPLE { -MAX_SAMPLE } else { bounded };
        *out = if is_usable { bounded } else { 0.0 };
    }
    n_invalid
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unusable_samples_are_replaced_and_counted() {
        let samples = [0.5, f32::NAN, f32::INFINITY, -1e30, 1e-40, f32::NEG_INFINITY, -0.25];
        let mut cleaned = [9.0; 7];
        assert_eq!(clean(&samples, &mut cleaned), 3);
        let expected = [0.5, 0.0, 0.0, -MAX_SAMPLE, 0.0, 0.0, -0.25];
        assert!(cleaned.iter().zip(expected).all(|(a, b)| (a - b).abs() < f32::MIN_POSITIVE));
    }

    #[test]
    fn rejects_what_is_out_of_range() {
        assert_eq!(
            Analyzer::new(44100, 0).err(),
            Some(Error::ChannelsOutOfRange { actual: 0, max: 8 })
        );
        assert!(Analyzer::new(44100, 9).is_err());
        assert!(Analyzer::new(3999, 1).is_err());
        let mut analyzer = Analyzer::new(44100, 2).unwrap();
        assert_eq!(
            analyzer.push(&[0.0; 3]),
            Err(Error::PartialFrame { n_samples: 3, n_channels: 2 })
        );
    }
}
