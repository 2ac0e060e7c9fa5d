//! Bytes on their way in.

use super::local::LocalStaging;
use super::s3_staging::{S3Staged, S3Staging};
use super::{Hasher, Sha256};
use crate::{Error, Result};

/// Bytes that arrive. Dropping it throws them away.
#[derive(Debug)]
pub struct Staging {
    backend: Backend,
    n_bytes: u64,
    max_bytes: u64,
}

#[derive(Debug)]
pub(super) enum Backend {
    /// Hashes where it writes.
    Local(LocalStaging),
    S3(S3Staging, Hasher),
}

/// Bytes that have arrived and wait to be committed. Dropping it throws them away.
#[derive(Debug)]
pub struct Staged {
    /// The name of the blob.
    pub sha256: Sha256,
    /// Its length.
    pub n_bytes: u64,
    pub(super) backend: StagedBackend,
}

#[derive(Debug)]
pub(super) enum StagedBackend {
    Local(tempfile::TempPath),
    S3(S3Staged),
}

impl Staging {
    pub(super) fn new(backend: Backend, max_bytes: u64) -> Self {
        Self { backend, n_bytes: 0, max_bytes }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] as soon as the limit is passed; [`Error::Disk`] or [`Error::ObjectStore`] when the bytes
    /// cannot be kept.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.n_bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if self.n_bytes > self.max_bytes {
            return Err(Error::TooLarge { limit: self.max_bytes });
        }
        match &mut self.backend {
            Backend::Local(staging) => staging.write(bytes).await,
            Backend::S3(staging, hasher) => {
                hasher.update(bytes);
                staging.write(bytes).await
            }
        }
    }

    /// Makes the bytes durable under a temporary name.
    ///
    /// # Errors
    ///
    /// [`Error::Disk`] or [`Error::ObjectStore`]; the bytes are then thrown away.
    pub async fn finish(self) -> Result<Staged> {
        let (backend, sha256) = match self.backend {
            Backend::Local(staging) => {
                let (path, sha256) = staging.finish().await?;
                (StagedBackend::Local(path), sha256)
            }
            Backend::S3(staging, hasher) => {
                (StagedBackend::S3(staging.finish().await?), hasher.finish())
            }
        };
        Ok(Staged { sha256, n_bytes: self.n_bytes, backend })
    }

    /// Throws the bytes away. Dropping does the same, but cannot wait for an object store.
    pub async fn abort(self) {
        match self.backend {
            Backend::Local(staging) => drop(staging),
            Backend::S3(staging, _) => staging.abort().await,
        }
    }
}
