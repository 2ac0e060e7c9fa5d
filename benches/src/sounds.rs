//! What is measured: music, since silence and noise take other ways through the code.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use decode::{Decoder, Limits};
use fixtures::synth::{Rendered, Song};

/// Rate of the music.
pub const RATE_HZ: u32 = 44_100;
/// Minutes of the music.
pub const MINUTES: f64 = 3.0;
/// A song of [`Song::random`] with drums, bass, chords and melody in 4/4.
pub const SEED: u64 = 2;

/// Three minutes of a full band, 44.1 kHz stereo.
pub fn music() -> Rendered {
    Song { duration_s: MINUTES * 60.0, ..Song::random(SEED) }.render(RATE_HZ)
}

/// A decoded file: interleaved samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Pcm {
    /// Samples per second.
    pub rate_hz: u32,
    /// Channels.
    pub n_channels: u32,
    /// Interleaved samples.
    pub samples: Vec<f32>,
}

impl Pcm {
    /// Everything in `bytes`.
    ///
    /// # Errors
    ///
    /// When they cannot be decoded.
    pub fn decoded(bytes: &Arc<[u8]>, extension: &str) -> Result<Self> {
        let source = std::io::Cursor::new(Arc::clone(bytes));
        let mut decoder = Decoder::open(source, Some(extension), &Limits::default())
            .with_context(|| format!("cannot open the .{extension}"))?;
        let rate_hz = decoder.format().sample_rate_hz;
        let n_channels = decoder.format().n_channels;
        let mut samples = Vec::new();
        while let Some(block) = decoder.next_block()? {
            samples.extend_from_slice(block);
        }
        Ok(Self { rate_hz, n_channels, samples })
    }

    /// Length in minutes.
    #[expect(clippy::cast_precision_loss, reason = "sample counts stay far below 2^52")]
    pub fn minutes(&self) -> f64 {
        let n_frames = self.samples.len() / self.n_channels.max(1) as usize;
        n_frames as f64 / f64::from(self.rate_hz) / 60.0
    }

    /// Of channels of one length.
    pub fn of_channels(rate_hz: u32, channels: &[Vec<f32>]) -> Self {
        let n_frames = channels.iter().map(Vec::len).min().unwrap_or(0);
        let frames = (0..n_frames).flat_map(|frame| channels.iter().map(move |c| c[frame]));
        Self { rate_hz, n_channels: channels.len() as u32, samples: frames.collect() }
    }

    /// One channel after the other.
    pub fn channels(&self) -> Vec<Vec<f32>> {
        let n_channels = self.n_channels as usize;
        let channel = |first| self.samples.iter().skip(first).step_by(n_channels).copied();
        (0..n_channels).map(|first| channel(first).collect()).collect()
    }

    /// A WAV file of 16 bits, softer as a whole where it would be beyond full scale.
    pub fn to_wav(&self) -> Vec<u8> {
        let peak = self.samples.iter().fold(1.0, |peak: f32, x| peak.max(x.abs()));
        let samples: Vec<f32> = self.samples.iter().map(|x| x / peak).collect();
        fixtures::wav_i16(&samples, self.rate_hz, self.n_channels as u16)
    }

    /// The mean of all channels.
    #[expect(clippy::cast_precision_loss, reason = "there are at most 8 channels")]
    pub fn mono(&self) -> Vec<f32> {
        let n_channels = self.n_channels as usize;
        let gain = 1.0 / n_channels as f32;
        self.samples.chunks_exact(n_channels).map(|f| f.iter().sum::<f32>() * gain).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_decoded() {
        let samples = fixtures::sine(440.0, 8_000, 16_000);
        let pcm = Pcm::decoded(&fixtures::wav_f32(&samples, 8_000, 2).into(), "wav").unwrap();
        assert_eq!(pcm.samples, samples);
        assert!((pcm.minutes() - 1.0 / 60.0).abs() < 1e-12);
    }

    #[test]
    fn channels_come_apart_and_together() {
        let pcm = Pcm { rate_hz: 8_000, n_channels: 2, samples: vec![0.1, 0.2, 0.3, 0.4] };
        let channels = pcm.channels();
        assert_eq!(channels, [[0.1, 0.3], [0.2, 0.4]]);
        assert_eq!(Pcm::of_channels(8_000, &channels), pcm);
    }

    #[test]
    fn what_is_too_loud_becomes_softer_and_is_not_clipped() {
        let pcm = Pcm { rate_hz: 8_000, n_channels: 1, samples: vec![2.0, 1.0, 0.0] };
        let wav = Pcm::decoded(&pcm.to_wav().into(), "wav").unwrap();
        // Half a step of 16 bits, and the one step below full scale.
        let close = |a: f32, b: f32| (a - b).abs() < 5e-5;
        assert!(close(wav.samples[0], 1.0) && close(wav.samples[1], 0.5));
    }

    #[test]
    fn the_music_has_all_parts() {
        let song = Song::random(SEED);
        let parts = [song.groove.is_some(), song.bass.is_some(), song.melody.is_some()];
        assert_eq!(parts, [true; 3]);
    }
}
