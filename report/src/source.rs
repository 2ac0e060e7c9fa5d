//! What the bytes were, and what came out of the decoder.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The analysed bytes and what decoding them met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// SHA-256 of the bytes, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Number of bytes.
    pub n_bytes: u64,
    /// Container, for example "wave", "ogg" or "isomp4".
    pub container: String,
    /// Codec, for example "flac", "vorbis" or "aac".
    pub codec: String,
    /// Sample rate in Hz.
    pub sample_rate_hz: u32,
    /// Channels.
    pub n_channels: u32,
    /// Decoded duration in seconds, 6 decimals.
    pub duration_s: f64,
    /// Whether the bytes ended before the container said they would.
    pub truncated: bool,
    /// Packets that could not be decoded and were left out.
    pub n_bad_packets: u32,
}

/// The decoded signal in figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Signal {
    /// Sample frames (samples per channel) that were analysed.
    pub n_frames: u64,
    /// Samples that were NaN or infinite and were read as 0.
    pub n_invalid_samples: u64,
    /// SHA-256 of rate, channels and samples rounded to 16 bits, 64 lower-case hexadecimal digits: the same for the same
    /// sound in another container or lossless codec. Filled in by whoever decoded.
    pub pcm_hash: Option<String>,
}

impl From<&dsp::Input> for Signal {
    fn from(input: &dsp::Input) -> Self {
        Self {
            n_frames: input.n_frames,
            n_invalid_samples: input.n_invalid_samples,
            pcm_hash: None,
        }
    }
}
