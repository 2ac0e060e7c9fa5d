//! How much of a file is accepted.

use crate::{Error, LimitKind, Result};

/// Limits on one file. They are counted while decoding, never only read from a header.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Bytes of the file.
    pub max_bytes: u64,
    /// Seconds of decoded audio.
    pub max_duration_s: f64,
    /// Channels.
    pub max_channels: u32,
    /// Lowest sample rate.
    pub min_rate_hz: u32,
    /// Highest sample rate.
    pub max_rate_hz: u32,
    /// Bytes of all embedded pictures together.
    pub max_picture_bytes: u64,
    /// Bytes of all tags together.
    pub max_tag_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 4 << 30,
            max_duration_s: 3.5 * 3600.0,
            max_channels: 8,
            min_rate_hz: 4_000,
            max_rate_hz: 384_000,
            max_picture_bytes: 16 << 20,
            max_tag_bytes: 1 << 20,
        }
    }
}

impl Limits {
    pub(crate) fn check_channels(&self, n_channels: usize) -> Result<()> {
        if n_channels == 0 {
            return Err(Error::bad("no channels"));
        }
        if n_channels > self.max_channels as usize {
            let limit = u64::from(self.max_channels);
            return Err(Error::LimitExceeded { what: LimitKind::Channels, limit });
        }
        Ok(())
    }

    pub(crate) fn check_rate(&self, rate_hz: u32) -> Result<()> {
        if rate_hz == 0 {
            return Err(Error::bad("sample rate is 0 Hz"));
        }
        let crossed = if rate_hz < self.min_rate_hz {
            self.min_rate_hz
        } else if rate_hz > self.max_rate_hz {
            self.max_rate_hz
        } else {
            return Ok(());
        };
        Err(Error::LimitExceeded { what: LimitKind::SampleRate, limit: u64::from(crossed) })
    }

    /// Frames that fit into the duration limit at this rate.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float cast saturates, and a limit beyond u64 is none"
    )]
    pub(crate) fn max_frames(&self, rate_hz: u32) -> u64 {
        (self.max_duration_s.max(0.0) * f64::from(rate_hz)) as u64
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float cast saturates, and the figure is only told to people"
    )]
    pub(crate) fn too_long(&self) -> Error {
        Error::LimitExceeded {
            what: LimitKind::Duration,
            limit: self.max_duration_s.max(0.0) as u64,
        }
    }
}
