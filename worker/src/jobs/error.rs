//! Why a job did not succeed, decided where it arises.

use std::error::Error;

use crate::catalogues::LoadError;
use crate::child::ChildError;
use crate::compute::Panicked;
use crate::error::chain;

/// Why a job did not succeed. What follows from it is in [`super::settle`].
#[derive(Debug)]
pub(super) enum JobError {
    /// Another try gives the same.
    Abort { code: String, detail: String },
    /// Input or output failed: later it may work. Not the recording's fault.
    Retry { code: &'static str, detail: String },
    /// A death that nobody can explain.
    Crash { detail: String },
    /// Something from outside ended it.
    Interrupted(Interruption),
}

/// What ends a job from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interruption {
    /// Somebody asked for it.
    Cancelled,
    /// The lease is gone: another worker may have the job.
    Lost,
    /// This worker stops.
    Stopped,
}

impl JobError {
    pub(super) fn abort(code: &str, detail: impl Into<String>) -> Self {
        Self::Abort { code: code.to_owned(), detail: detail.into() }
    }

    pub(super) fn retry(code: &'static str, error: &dyn Error) -> Self {
        Self::Retry { code, detail: chain(error) }
    }
}

impl From<ChildError> for JobError {
    fn from(error: ChildError) -> Self {
        match error {
            ChildError::Media(failure) => Self::abort(&failure.code, failure.detail),
            ChildError::ResourceLimit(_) => Self::abort(error.code(), error.to_string()),
            ChildError::Crash { .. } => Self::Crash { detail: error.to_string() },
            // Whoever cancelled puts the reason in its place.
            ChildError::Cancelled => Self::Interrupted(Interruption::Stopped),
            ChildError::Io(_) => Self::retry("io", &error),
        }
    }
}

impl From<store::Error> for JobError {
    fn from(error: store::Error) -> Self {
        match &error {
            store::Error::BlobMissing(_) => Self::abort("blob_missing", error.to_string()),
            // What came over the network may be whole the next time.
            store::Error::BlobCorrupt { .. } => Self::retry("blob_corrupt", &error),
            _ => Self::retry("store", &error),
        }
    }
}

impl From<LoadError> for JobError {
    fn from(error: LoadError) -> Self {
        match error {
            LoadError::Store(error) => error.into(),
            LoadError::Panicked(panicked) => panicked.into(),
        }
    }
}

impl From<Panicked> for JobError {
    fn from(panicked: Panicked) -> Self {
        Self::Crash { detail: panicked.to_string() }
    }
}
