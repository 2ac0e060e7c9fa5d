//! Pieces of uploads in a bucket: objects `uploads/<upload>/<piece>`.
//!
//! Each piece is an object of its own, and not a part of a multipart upload of the store's: it can be seen, replaced and removed like any other, needs
//! nothing that only some stores know, and has no least size.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use time::OffsetDateTime;

use super::pieces::folder;
use super::s3::{S3, failed};
use super::s3_staging::{S3Staged, S3Staging};
use super::{BlobReader, Piece, PieceName, PresignedPut, StoredPiece};
use crate::{Error, Result, UploadId};

impl S3 {
    pub(super) fn stage_piece(this: &Arc<Self>, name: &PieceName) -> S3Staging {
        S3Staging::new(Arc::clone(this), this.piece_key(name))
    }

    pub(super) async fn keep_piece(&self, name: &PieceName, staged: S3Staged) -> Result<()> {
        match staged {
            S3Staged::Small(bytes) => {
                self.client
                    .put_object()
                    .bucket(&self.bucket)
                    .key(self.piece_key(name))
                    .body(ByteStream::from(bytes))
                    .send()
                    .await
                    .map_err(failed("put a piece"))?;
            }
            S3Staged::Object(object) => object.keep(),
        }
        Ok(())
    }

    pub(super) async fn open_piece(&self, name: &PieceName) -> Result<Option<Piece>> {
        let answer =
            self.client.get_object().bucket(&self.bucket).key(self.piece_key(name)).send().await;
        let object = match answer {
            Ok(object) => object,
            Err(SdkError::ServiceError(error))
                if matches!(error.err(), GetObjectError::NoSuchKey(_)) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(failed("get a piece")(error)),
        };
        let n_bytes = object.content_length().and_then(|n| u64::try_from(n).ok());
        let n_bytes = n_bytes.ok_or_else(|| Error::ObjectStore {
            operation: "tell a piece's length",
            source: "the answer has no length".into(),
        })?;
        let etag = object.e_tag().map(|tag| tag.trim_matches('"').to_owned());
        let reader = BlobReader::new(n_bytes, n_bytes, object.body.into_async_read());
        Ok(Some(Piece { reader, etag }))
    }

    pub(super) async fn pieces(&self, upload: UploadId) -> Result<Vec<StoredPiece>> {
        let prefix = self.prefix_of(upload);
        let mut pieces = Vec::new();
        let mut pages = self
            .client
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(&prefix)
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            for object in page.map_err(failed("list pieces"))?.contents() {
                let name = object.key().and_then(|key| key.strip_prefix(&prefix));
                let n_bytes = object.size().and_then(|n| u64::try_from(n).ok());
                if let (Some(name), Some(n_bytes)) = (name, n_bytes) {
                    pieces.push(StoredPiece { name: name.to_owned(), n_bytes });
                }
            }
        }
        Ok(pieces)
    }

    pub(super) async fn delete_pieces(&self, upload: UploadId) -> Result<()> {
        for piece in self.pieces(upload).await? {
            self.delete_key(&self.piece_key(&PieceName::named(upload, piece.name))).await?;
        }
        Ok(())
    }

    /// The length is signed, so that the store takes no other; the bytes are not: they are looked at when all are there.
    pub(super) async fn presign_piece(
        &self,
        name: &PieceName,
        n_bytes: u64,
        now: OffsetDateTime,
        expires_in: Duration,
    ) -> Result<PresignedPut> {
        let life = PresigningConfig::builder()
            .start_time(SystemTime::from(now))
            .expires_in(expires_in)
            .build()
            .map_err(failed("sign a URL"))?;
        let request = self
            .public_client
            .put_object()
            .bucket(&self.bucket)
            .key(self.piece_key(name))
            .content_length(i64::try_from(n_bytes).unwrap_or(i64::MAX))
            .presigned(life)
            .await
            .map_err(failed("sign a URL"))?;
        let headers = request
            .headers()
            .filter(|(name, _)| !matches!(*name, "host" | "content-length"))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Ok(PresignedPut { url: request.uri().to_owned(), headers })
    }

    pub(super) fn piece_key(&self, name: &PieceName) -> String {
        format!("{}{}", self.prefix_of(name.upload()), name.name())
    }

    fn prefix_of(&self, upload: UploadId) -> String {
        format!("{}{}/", self.uploads_prefix(), folder(upload))
    }
}
