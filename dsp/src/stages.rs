//! The stages of the analysis, by what they listen to.

use crate::Result;
use crate::analysis::{Estimate, Key, Loudness, Spectral};
use crate::curves::Waveform;
use crate::curves::waveform::WaveformStage;
use crate::dynamics::{DynamicsStage, Level, LevelStage};
use crate::emotion::{EnvelopeStage, Expression};
use crate::fingerprint::{self, Fingerprint, FingerprintStage};
use crate::loudness::LoudnessStage;
use crate::loudness::true_peak::sample_peak;
use crate::planes::mean_of_channels;
use crate::resample::{ANALYSIS_RATE_HZ, Resampler};
use crate::rhythm::{RhythmResult, RhythmStage};
use crate::spectral::{OverTime, SpectralStage};
use crate::tonal::TonalStage;
use crate::voice::{Voice, VoiceStage};

/// What listens to all channels at the rate of the source.
pub(crate) struct ChannelStages {
    loudness: LoudnessStage,
    level: LevelStage,
}

/// What [`ChannelStages`] found.
pub(crate) struct ChannelResults {
    pub(crate) loudness: Estimate<Loudness>,
    pub(crate) momentary_lufs: Vec<f32>,
    pub(crate) level: Level,
}

impl ChannelStages {
    pub(crate) fn new(sample_rate_hz: u32, n_channels: u32) -> Self {
        Self {
            loudness: LoudnessStage::new(sample_rate_hz, n_channels),
            level: LevelStage::new(sample_rate_hz, n_channels),
        }
    }

    /// Takes the next interleaved samples.
    pub(crate) fn push(&mut self, interleaved: &[f32]) {
        self.loudness.push(interleaved);
        self.level.push(interleaved);
    }

    pub(crate) fn finish(self) -> ChannelResults {
        ChannelResults {
            momentary_lufs: self.loudness.momentary_lufs(),
            loudness: self.loudness.finish(),
            level: self.level.finish(),
        }
    }
}

/// What listens to the mean of the channels, most of it at [`ANALYSIS_RATE_HZ`].
pub(crate) struct MonoStages {
    peak: f32,
    waveform: WaveformStage,
    resampler: Resampler,
    /// Whether the source has the very rate that the fingerprint wants.
    has_fingerprint_rate: bool,
    fingerprint: FingerprintStage,
    spectral: SpectralStage,
    rhythm: RhythmStage,
    tonal: TonalStage,
    dynamics: DynamicsStage,
    envelope: EnvelopeStage,
    voice: VoiceStage,
    mono: Vec<f32>,
    resampled: Vec<f32>,
}

/// What [`MonoStages`] found.
pub(crate) struct MonoResults {
    /// Largest magnitude of the mean of the channels.
    pub(crate) peak: f32,
    pub(crate) waveform: Waveform,
    pub(crate) fingerprint: Estimate<Fingerprint>,
    pub(crate) spectral: Estimate<Spectral>,
    pub(crate) over_time: OverTime,
    pub(crate) rhythm: RhythmResult,
    pub(crate) key: Estimate<Key>,
    pub(crate) expression: Expression,
    pub(crate) voice: Estimate<Voice>,
    /// Needs what the others found, so it finishes last.
    pub(crate) dynamics: DynamicsStage,
}

impl MonoStages {
    pub(crate) fn new(sample_rate_hz: u32) -> Result<Self> {
        let has_fingerprint_rate = sample_rate_hz == fingerprint::RATE_HZ;
        let heard_hz = if has_fingerprint_rate { sample_rate_hz } else { ANALYSIS_RATE_HZ };
        Ok(Self {
            peak: 0.0,
            waveform: WaveformStage::new(sample_rate_hz),
            resampler: Resampler::new(sample_rate_hz)?,
            has_fingerprint_rate,
            fingerprint: FingerprintStage::new(heard_hz)?,
            spectral: SpectralStage::new(ANALYSIS_RATE_HZ)?,
            rhythm: RhythmStage::new(ANALYSIS_RATE_HZ),
            tonal: TonalStage::new(ANALYSIS_RATE_HZ),
            dynamics: DynamicsStage::new(ANALYSIS_RATE_HZ)?,
            envelope: EnvelopeStage::new(ANALYSIS_RATE_HZ)?,
            voice: VoiceStage::new()?,
            mono: Vec::new(),
            resampled: Vec::new(),
        })
    }

    /// Takes the next interleaved samples.
    pub(crate) fn push(&mut self, interleaved: &[f32], n_channels: usize) {
        mean_of_channels(&mut self.mono, interleaved, n_channels);
        self.peak = self.peak.max(sample_peak(&self.mono));
        self.waveform.push(&self.mono);
        if self.has_fingerprint_rate {
            self.fingerprint.push(&self.mono);
        }
        self.resampled.clear();
        self.resampler.push(&self.mono, &mut self.resampled);
        self.push_resampled();
    }

    fn push_resampled(&mut self) {
        let Self { fingerprint, spectral, rhythm, tonal, dynamics, envelope, voice, .. } = self;
        let resampled = &self.resampled;
        let hears_source = self.has_fingerprint_rate;
        rayon::join(
            || {
                spectral.push(resampled);
                dynamics.push(resampled);
                envelope.push(resampled);
                voice.push(resampled, spectral.slots());
            },
            || {
                rayon::join(
                    || rhythm.push(resampled),
                    || {
                        tonal.push(resampled);
                        if !hears_source {
                            fingerprint.push(resampled);
                        }
                    },
                )
            },
        );
    }

    pub(crate) fn finish(mut self, duration_s: f64) -> MonoResults {
        self.resampled.clear();
        self.resampler.clone().finish(&mut self.resampled);
        self.push_resampled();
        let Self { fingerprint, spectral, rhythm, tonal, envelope, .. } = self;
        let (rhythm, ((mut key, harmony), (spectral, mut over_time))) = rayon::join(
            || rhythm.finish(),
            || rayon::join(|| tonal.finish_with_harmony(), || spectral.finish_over_time()),
        );
        if let Some(last) = key.as_mut().ok().and_then(|key| key.regions.last_mut()) {
            // The stage counts resampled frames, which end up to one of them later.
            last.end_s = duration_s;
        }
        MonoResults {
            peak: self.peak,
            waveform: self.waveform.finish(),
            fingerprint: fingerprint.finish(),
            voice: self.voice.finish(&over_time.slots, duration_s),
            expression: Expression {
                spectrum: std::mem::take(&mut over_time.emotion),
                harmony,
                envelope: envelope.finish(),
            },
            spectral,
            over_time,
            rhythm,
            key,
            dynamics: self.dynamics,
        }
    }
}
