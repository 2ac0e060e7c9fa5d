//! The whole analysis in one streaming pass.

use multiversion::multiversion;

use crate::analysis::{ANALYSIS_VERSION, Analysis, Input, Reason};
use crate::curves::Curves;
use crate::stages::{ChannelStages, MonoStages};
use crate::structure::structure;
use crate::verdict::decide;
use crate::{Error, Result};

/// Most channels of a recording.
pub const MAX_CHANNELS: u32 = 8;
/// Sample frames that are handled at once, however short the pushes: enough work for several threads and for the code of
/// each stage to stay at hand, few enough for the cache of one.
const CHUNK_FRAMES: usize = 8_192;
/// Samples are cut here, 100 dB above full scale, so that no sum overflows.
const MAX_SAMPLE: f32 = 1e5;
/// Samples below this, 400 dB below full scale, are read as 0: arithmetic on still smaller ones is slow.
const MIN_SAMPLE: f32 = 1e-20;

/// Streaming analysis of one recording: interleaved samples in, [`Analysis`] out.
///
/// Everything but the loudness listens to the mean of the channels at 22 050 Hz. Memory does not depend on the length,
/// but for envelopes of about 9 kB per second. The stages go on side by side on the threads of the rayon pool of
/// the caller. The bits of the result depend neither on their number nor on how the recording is cut into pushes.
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
    channels: ChannelStages,
    mono: MonoStages,
    /// Room for a chunk, and how many samples wait in it for the rest.
    clean: Vec<f32>,
    n_waiting: usize,
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
            channels: ChannelStages::new(sample_rate_hz, n_channels),
            mono: MonoStages::new(sample_rate_hz)?,
            clean: vec![0.0; CHUNK_FRAMES * n_channels as usize],
            n_waiting: 0,
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
        self.n_frames += (interleaved.len() / n_channels) as u64;
        let mut rest = interleaved;
        while !rest.is_empty() {
            let room = &mut self.clean[self.n_waiting..];
            let (now, later) = rest.split_at(rest.len().min(room.len()));
            rest = later;
            self.n_invalid_samples += u64::from(clean(now, room));
            self.n_waiting += now.len();
            if self.n_waiting == self.clean.len() {
                self.handle_chunk();
            }
        }
        Ok(())
    }

    /// Hands the waiting samples to the stages.
    fn handle_chunk(&mut self) {
        let Self { channels, mono, n_channels, .. } = self;
        let samples = &self.clean[..self.n_waiting];
        rayon::join(|| mono.push(samples, *n_channels as usize), || channels.push(samples));
        self.n_waiting = 0;
    }

    /// The analysis of everything pushed.
    pub fn finish(mut self) -> Analysis {
        self.handle_chunk();
        let duration_s = self.n_frames as f64 / f64::from(self.sample_rate_hz);
        let (mono, channels) =
            rayon::join(|| self.mono.finish(duration_s), || self.channels.finish());
        let (level, loudness) = (channels.level, channels.loudness);
        let rhythm = mono.rhythm.rhythm;
        let mut analysis = Analysis {
            version: ANALYSIS_VERSION,
            input: Input {
                sample_rate_hz: self.sample_rate_hz,
                n_channels: self.n_channels,
                n_frames: self.n_frames,
                duration_s,
                n_invalid_samples: self.n_invalid_samples,
            },
            dynamics: mono.dynamics.finish(&level, &mono.spectral, &loudness, &rhythm),
            structure: structure(&level, &mono.over_time.course, rhythm.as_ref().ok(), duration_s),
            fingerprint: mono.fingerprint,
            spectral: mono.spectral,
            loudness,
            tempo: mono.rhythm.tempo,
            rhythm,
            key: mono.key,
            expression: mono.expression,
            voice: mono.voice,
            // Filled in once it is known whether there is anything to feel.
            emotion: Err(Reason::TooShort),
            curves: Curves {
                waveform: mono.waveform,
                momentary_lufs: channels.momentary_lufs,
                spectrogram: mono.over_time.spectrogram,
                chroma: mono.over_time.chroma,
            },
        };
        decide(&mut analysis, mono.peak);
        analysis
    }
}

/// Copies samples to the start of `cleaned`, the unusable ones replaced; returns how many were NaN or infinite.
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
