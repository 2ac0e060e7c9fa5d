//! Pieces of uploads: bytes that wait in the blob store under the id of their upload until all of them are there.

use std::time::Duration;

use time::OffsetDateTime;
use uuid::Uuid;

use super::backend::Kind;
use super::s3::S3;
use super::staging::{Backend, StagedBackend};
use super::{BlobReader, Blobs, Hasher, Staged, Staging};
use crate::{Error, Result, UploadId};

/// Where a piece lies. Made of digits and small letters only, whatever a client sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PieceName {
    upload: UploadId,
    name: String,
}

/// A piece that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredPiece {
    /// The last part of its name.
    pub(crate) name: String,
    /// Its length.
    pub(crate) n_bytes: u64,
}

/// An open piece.
#[derive(Debug)]
pub(crate) struct Piece {
    /// Its bytes.
    pub(crate) reader: BlobReader,
    /// What an object store calls this version of it, without quotes; `None` in a folder.
    pub(crate) etag: Option<String>,
}

/// A request that whoever has it may send to the object store, once or more, until it expires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresignedPut {
    /// Where to send it, by `PUT`.
    pub url: String,
    /// Headers that must go with it, but for those that every client sends by itself.
    pub headers: Vec<(String, String)>,
}

impl PieceName {
    /// The part with this number, from 1 on.
    pub(crate) fn part(upload: UploadId, number: u32) -> Self {
        Self { upload, name: format!("{number:05}") }
    }

    /// A piece that nobody else has the name of.
    pub(crate) fn fresh(upload: UploadId, unique: Uuid) -> Self {
        Self { upload, name: unique.simple().to_string() }
    }

    /// A piece by the last part of its name.
    pub(crate) fn named(upload: UploadId, name: String) -> Self {
        Self { upload, name }
    }

    /// The last part of its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn upload(&self) -> UploadId {
        self.upload
    }
}

/// The folder of an upload. Not its id as people see it: names that differ in capitals only are the same on some disks.
pub(super) fn folder(upload: UploadId) -> String {
    format!("{:032x}", upload.as_u128())
}

impl Blobs {
    /// Begins to take the bytes of a piece, `max_bytes` at most.
    ///
    /// # Errors
    ///
    /// When a temporary file cannot be made.
    pub(crate) fn stage_piece(&self, name: &PieceName, max_bytes: u64) -> Result<Staging> {
        let backend = match &self.0 {
            Kind::Local(local) => Backend::Local(local.stage()?),
            Kind::S3(s3) => Backend::S3(S3::stage_piece(s3, name), Hasher::default()),
        };
        Ok(Staging::new(backend, max_bytes))
    }

    /// Makes a piece of staged bytes, in the place of one that is there already.
    ///
    /// # Errors
    ///
    /// When the blob store fails; the bytes are then thrown away.
    pub(crate) async fn keep_piece(&self, name: &PieceName, staged: Staged) -> Result<()> {
        match (&self.0, staged.backend) {
            (Kind::Local(local), StagedBackend::Local(path)) => local.keep_piece(name, path).await,
            (Kind::S3(s3), StagedBackend::S3(object)) => s3.keep_piece(name, object).await,
            _ => Err(Error::Config {
                key: "blobs.kind",
                rule: "must be the same for staging and keeping".into(),
            }),
        }
    }

    /// Opens a piece; `None` if it is not there.
    ///
    /// # Errors
    ///
    /// When the blob store fails.
    pub(crate) async fn open_piece(&self, name: &PieceName) -> Result<Option<Piece>> {
        match &self.0 {
            Kind::Local(local) => local.open_piece(name).await,
            Kind::S3(s3) => s3.open_piece(name).await,
        }
    }

    /// The pieces of an upload that are there, by name.
    ///
    /// # Errors
    ///
    /// When the blob store fails.
    pub(crate) async fn pieces(&self, upload: UploadId) -> Result<Vec<StoredPiece>> {
        let mut pieces = match &self.0 {
            Kind::Local(local) => local.pieces(upload).await?,
            Kind::S3(s3) => s3.pieces(upload).await?,
        };
        pieces.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(pieces)
    }

    /// Removes a piece; one that is not there is fine.
    ///
    /// # Errors
    ///
    /// When the blob store fails.
    pub(crate) async fn delete_piece(&self, name: &PieceName) -> Result<()> {
        match &self.0 {
            Kind::Local(local) => local.delete_piece(name).await,
            Kind::S3(s3) => s3.delete_key(&s3.piece_key(name)).await,
        }
    }

    /// Removes all pieces of an upload; that there are none is fine.
    ///
    /// # Errors
    ///
    /// When the blob store fails.
    pub(crate) async fn delete_pieces(&self, upload: UploadId) -> Result<()> {
        match &self.0 {
            Kind::Local(local) => local.delete_pieces(upload).await,
            Kind::S3(s3) => s3.delete_pieces(upload).await,
        }
    }

    /// Removes pieces older than any upload may be: those that no row knows of; their number.
    ///
    /// # Errors
    ///
    /// When the blob store fails.
    pub(crate) async fn sweep_pieces(&self, older_than: OffsetDateTime) -> Result<u64> {
        match &self.0 {
            Kind::Local(local) => local.sweep_pieces(older_than).await,
            Kind::S3(s3) => s3.sweep_prefix(&s3.uploads_prefix(), older_than).await,
        }
    }

    /// A request to put a piece of exactly `n_bytes` straight into the object store; `None` where there is none.
    ///
    /// # Errors
    ///
    /// When it cannot be signed.
    pub(crate) async fn presign_piece(
        &self,
        name: &PieceName,
        n_bytes: u64,
        now: OffsetDateTime,
        expires_in: Duration,
    ) -> Result<Option<PresignedPut>> {
        match &self.0 {
            Kind::Local(_) => Ok(None),
            Kind::S3(s3) => s3.presign_piece(name, n_bytes, now, expires_in).await.map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_digits_and_small_letters() {
        let upload = UploadId::from_u128(u128::MAX);
        for name in
            [PieceName::part(upload, 1), PieceName::fresh(upload, Uuid::from_u128(u128::MAX))]
        {
            let text = format!("{}/{}", folder(name.upload()), name.name());
            assert!(
                text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'/')),
                "{text}"
            );
        }
        assert_eq!(PieceName::part(upload, 12).name(), "00012");
    }
}
