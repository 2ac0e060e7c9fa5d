//! What can go wrong with a file, by class.

use std::io;

/// Shorthand for a result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a file gave no (more) audio.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No reader or no decoder for these bytes.
    #[error("unsupported format: {what}")]
    UnsupportedFormat {
        /// What was not recognised or not supported.
        what: String,
    },
    /// The bytes contradict the format that they claim to be.
    #[error("bad media: {what}")]
    BadMedia {
        /// What was wrong.
        what: String,
    },
    /// A limit was crossed.
    #[error("{what} is over the limit of {limit}")]
    LimitExceeded {
        /// What was limited.
        what: LimitKind,
        /// The limit, in the unit of [`LimitKind`].
        limit: u64,
    },
    /// No bytes, or a well-formed file without a single frame.
    #[error("no audio")]
    Empty,
    /// Reading failed; says nothing about the file.
    #[error("reading failed")]
    Io(#[source] io::Error),
}

impl Error {
    /// The stable code that is stored and shown.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnsupportedFormat { .. } => "unsupported_format",
            Self::BadMedia { .. } => "bad_media",
            Self::LimitExceeded { .. } => "limit_exceeded",
            Self::Empty => "empty",
            Self::Io(_) => "io",
        }
    }

    pub(crate) fn bad(what: impl Into<String>) -> Self {
        Self::BadMedia { what: what.into() }
    }

    pub(crate) fn unsupported(what: impl Into<String>) -> Self {
        Self::UnsupportedFormat { what: what.into() }
    }
}

/// What a limit is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitKind {
    /// Bytes of the file.
    Bytes,
    /// Seconds of audio.
    Duration,
    /// Channels.
    Channels,
    /// Sample rate in Hz; the limit named is the bound that was crossed.
    SampleRate,
    /// Bytes of embedded pictures.
    PictureBytes,
    /// Bytes of tags, and of everything else that is read before audio begins.
    TagBytes,
}

impl LimitKind {
    /// The name in error texts and stored details.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Duration => "duration_s",
            Self::Channels => "channels",
            Self::SampleRate => "sample_rate_hz",
            Self::PictureBytes => "picture_bytes",
            Self::TagBytes => "tag_bytes",
        }
    }
}

impl std::fmt::Display for LimitKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
