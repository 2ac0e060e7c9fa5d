//! What this crate refuses, and why.

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A request that has no meaningful answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The source rate is outside of what the analysis supports.
    #[error("sample rate is {actual} Hz, must be {min}..={max}")]
    SampleRateOutOfRange {
        /// The rate that was asked for, Hz.
        actual: u32,
        /// Lowest supported rate, Hz.
        min: u32,
        /// Highest supported rate, Hz.
        max: u32,
    },
    /// The number of channels is outside of what the analysis supports.
    #[error("{actual} channels, must be 1..={max}")]
    ChannelsOutOfRange {
        /// The number that was asked for.
        actual: u32,
        /// Highest supported number.
        max: u32,
    },
    /// Interleaved samples that end within a sample frame.
    #[error("{n_samples} samples are not a multiple of {n_channels} channels")]
    PartialFrame {
        /// Samples that were pushed at once.
        n_samples: usize,
        /// Channels of the stream.
        n_channels: u32,
    },
    /// A transform, window, hop or filter bank of no length.
    #[error("{what} is {actual}, must be at least {min}")]
    TooSmall {
        /// What was measured, in words.
        what: &'static str,
        /// Its value.
        actual: usize,
        /// The least that makes sense.
        min: usize,
    },
    /// Two arrays that belong together differ in length.
    #[error("{what} has length {actual}, must be {expected}")]
    LengthMismatch {
        /// Which array, in words.
        what: &'static str,
        /// Its length.
        actual: usize,
        /// The length that fits.
        expected: usize,
    },
}
