//! The two kinds of blob store behind one face.

use std::sync::Arc;

use time::OffsetDateTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::local::Local;
use super::s3::S3;
use super::staging::{Backend, StagedBackend};
use super::{BlobReader, ByteRange, Hasher, Sha256, Staged, Staging};
use crate::{BlobsConfig, Error, Result};

/// Recordings, named by their content. Clones share their connections.
#[derive(Debug, Clone)]
pub struct Blobs(pub(super) Kind);

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Local(Arc<Local>),
    S3(Arc<S3>),
}

impl Blobs {
    /// Opens the blob store that the settings name.
    ///
    /// # Errors
    ///
    /// When the folder cannot be made, or a setting cannot be used.
    pub async fn open_backend(config: &BlobsConfig) -> Result<Self> {
        Ok(Self(match config {
            BlobsConfig::Local { path } => Kind::Local(Arc::new(Local::open(path).await?)),
            BlobsConfig::S3(config) => Kind::S3(Arc::new(S3::open(config)?)),
        }))
    }

    /// Asks the blob store whether it answers.
    ///
    /// # Errors
    ///
    /// When it does not.
    pub async fn ping(&self) -> Result<()> {
        match &self.0 {
            Kind::Local(local) => local.ping().await,
            Kind::S3(s3) => s3.ping().await,
        }
    }

    /// Begins to take bytes, `max_bytes` at most.
    ///
    /// # Errors
    ///
    /// When a temporary file cannot be made.
    #[expect(clippy::unused_async, reason = "a backend may have to ask before it takes bytes")]
    pub async fn stage(&self, max_bytes: u64) -> Result<Staging> {
        let backend = match &self.0 {
            Kind::Local(local) => Backend::Local(local.stage()?),
            Kind::S3(s3) => Backend::S3(S3::stage(s3), Hasher::default()),
        };
        Ok(Staging::new(backend, max_bytes))
    }

    /// Moves staged bytes to their content address. Doing so twice is the same as once.
    ///
    /// # Errors
    ///
    /// When the bytes cannot be moved; they are then thrown away.
    pub async fn commit(&self, staged: Staged) -> Result<()> {
        match (&self.0, staged.backend) {
            (Kind::Local(local), StagedBackend::Local(path)) => {
                local.commit(&staged.sha256, path).await
            }
            (Kind::S3(s3), StagedBackend::S3(object)) => {
                s3.commit(&staged.sha256, staged.n_bytes, object).await
            }
            _ => Err(Error::Config {
                key: "blobs.kind",
                rule: "must be the same for staging and commit".into(),
            }),
        }
    }

    /// Opens a blob, or a range of it; `None` if there is no such blob.
    ///
    /// # Errors
    ///
    /// [`Error::RangeNotSatisfiable`], or when the blob store fails.
    pub async fn open(
        &self,
        sha256: &Sha256,
        range: Option<ByteRange>,
    ) -> Result<Option<BlobReader>> {
        match &self.0 {
            Kind::Local(local) => local.open_blob(sha256, range).await,
            Kind::S3(s3) => s3.open_blob(sha256, range).await,
        }
    }

    /// True if the blob is there.
    ///
    /// # Errors
    ///
    /// When the blob store fails.
    pub async fn exists(&self, sha256: &Sha256) -> Result<bool> {
        Ok(self.n_bytes(sha256).await?.is_some())
    }

    /// The length of a blob; `None` if there is no such blob.
    ///
    /// # Errors
    ///
    /// When the blob store fails.
    pub async fn n_bytes(&self, sha256: &Sha256) -> Result<Option<u64>> {
        match &self.0 {
            Kind::Local(local) => local.n_bytes(sha256).await,
            Kind::S3(s3) => s3.n_bytes(sha256).await,
        }
    }

    /// A file with the blob's bytes, at its beginning. A local blob is opened; one from an object store is fetched to
    /// a temporary file without a name, and its hash checked, because bodies have been cut short without an error.
    ///
    /// # Errors
    ///
    /// [`Error::BlobMissing`], [`Error::BlobCorrupt`], or when the blob store fails.
    pub async fn fetch_to_file(&self, sha256: &Sha256) -> Result<std::fs::File> {
        match &self.0 {
            Kind::Local(local) => local.fetch_to_file(sha256).await,
            Kind::S3(s3) => s3.fetch_to_file(sha256).await,
        }
    }

    /// Reads a blob to its end and compares its hash with its name.
    ///
    /// # Errors
    ///
    /// [`Error::BlobMissing`], [`Error::BlobCorrupt`], or when the blob store fails.
    pub async fn verify(&self, sha256: &Sha256) -> Result<()> {
        let reader = self.open(sha256, None).await?.ok_or(Error::BlobMissing(*sha256))?;
        copy_verified(reader, sha256, &mut tokio::io::sink()).await
    }

    /// Removes a blob; one that is not there is fine.
    ///
    /// # Errors
    ///
    /// When the blob store fails.
    pub async fn delete(&self, sha256: &Sha256) -> Result<()> {
        match &self.0 {
            Kind::Local(local) => local.delete(sha256).await,
            Kind::S3(s3) => s3.delete(sha256).await,
        }
    }

    /// Removes uploads that were begun before `older_than` and never finished; their number.
    ///
    /// # Errors
    ///
    /// When the blob store fails.
    pub async fn sweep_staging(&self, older_than: OffsetDateTime) -> Result<u64> {
        match &self.0 {
            Kind::Local(local) => local.sweep_staging(older_than).await,
            Kind::S3(s3) => s3.sweep_staging(older_than).await,
        }
    }
}

/// Copies a blob and compares its hash with its name.
pub(super) async fn copy_verified(
    mut reader: BlobReader,
    expected: &Sha256,
    to: &mut (impl tokio::io::AsyncWrite + Unpin),
) -> Result<()> {
    let failed = |source| Error::Disk { operation: "write a fetched blob", source };
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let n_read = reader.read(&mut buffer).await.map_err(|error| Error::ObjectStore {
            operation: "give a whole blob",
            source: error.into(),
        })?;
        if n_read == 0 {
            break;
        }
        hasher.update(&buffer[..n_read]);
        to.write_all(&buffer[..n_read]).await.map_err(failed)?;
    }
    to.flush().await.map_err(failed)?;
    let actual = hasher.finish();
    if actual == *expected {
        Ok(())
    } else {
        Err(Error::BlobCorrupt { expected: *expected, actual })
    }
}
