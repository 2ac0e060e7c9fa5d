//! An upload on its way into a bucket.
//!
//! Below the size of one part, the bytes wait in memory and are put at their content address on commit. Above, parts
//! go up while further bytes arrive: one part is filled while one is sent, so an upload holds two at most.

use std::sync::Arc;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use bytes::Bytes;
use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;

use super::s3::{S3, failed};
use crate::{Error, Result};

/// Above the 5 MiB that the protocol asks for; 10,000 parts of it are more than any upload may have.
const PART_BYTES: usize = 8 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct S3Staging {
    s3: Arc<S3>,
    key: String,
    buffer: Vec<u8>,
    upload: Option<Upload>,
}

#[derive(Debug)]
struct Upload {
    id: String,
    guard: Guard,
    n_parts: i32,
    completed: Vec<CompletedPart>,
    // Ends with the upload: a part that lands after the abort would stay.
    sending: Option<AbortOnDropHandle<Result<CompletedPart>>>,
}

/// Bytes that have arrived.
#[derive(Debug)]
pub(super) enum S3Staged {
    /// Less than a part: still in memory.
    Small(Bytes),
    /// An object under a temporary name.
    Object(StagedObject),
}

/// An object under a temporary name; it goes when this does.
#[derive(Debug)]
pub(super) struct StagedObject(Guard);

/// Cleans up in the background when it is dropped while it still has something to clean up.
#[derive(Debug)]
struct Guard {
    s3: Arc<S3>,
    key: String,
    leftover: Option<Leftover>,
}

#[derive(Debug)]
enum Leftover {
    Parts { upload_id: String },
    Object,
}

impl S3Staging {
    pub(super) fn new(s3: Arc<S3>, key: String) -> Self {
        Self { s3, key, buffer: Vec::new(), upload: None }
    }

    pub(super) async fn write(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PART_BYTES - self.buffer.len()));
            // A whole part at once: pages that are never written cost nothing, and a buffer that grows step by step
            // would leave holes in the heap that no other part fits into.
            self.buffer.reserve_exact(PART_BYTES - self.buffer.len());
            self.buffer.extend_from_slice(now);
            bytes = later;
            if self.buffer.len() == PART_BYTES {
                self.send_part().await?;
            }
        }
        Ok(())
    }

    pub(super) async fn finish(mut self) -> Result<S3Staged> {
        if self.upload.is_none() {
            return Ok(S3Staged::Small(Bytes::from(self.buffer)));
        }
        if !self.buffer.is_empty() {
            self.send_part().await?;
        }
        let mut upload = self.upload.take().expect("a part was sent");
        upload.wait().await?;
        self.s3
            .client
            .complete_multipart_upload()
            .bucket(&self.s3.bucket)
            .key(&self.key)
            .upload_id(&upload.id)
            .multipart_upload(
                CompletedMultipartUpload::builder().set_parts(Some(upload.completed)).build(),
            )
            .send()
            .await
            .map_err(failed("complete an upload"))?;
        upload.guard.leftover = Some(Leftover::Object);
        Ok(S3Staged::Object(StagedObject(upload.guard)))
    }

    pub(super) async fn abort(self) {
        if let Some(mut upload) = self.upload {
            drop(upload.sending.take());
            upload.guard.clean().await;
        }
    }

    async fn send_part(&mut self) -> Result<()> {
        let bytes = Bytes::from(std::mem::take(&mut self.buffer));
        let upload = match &mut self.upload {
            Some(upload) => upload,
            None => self.upload.insert(Upload::begin(&self.s3, &self.key).await?),
        };
        upload.wait().await?;
        upload.n_parts += 1;
        let (s3, key, id, number) =
            (Arc::clone(&self.s3), self.key.clone(), upload.id.clone(), upload.n_parts);
        upload.sending = Some(AbortOnDropHandle::new(tokio::spawn(async move {
            let part = s3
                .client
                .upload_part()
                .bucket(&s3.bucket)
                .key(key)
                .upload_id(id)
                .part_number(number)
                .body(ByteStream::from(bytes))
                .send()
                .await
                .map_err(failed("take a part"))?;
            Ok(CompletedPart::builder().part_number(number).set_e_tag(part.e_tag).build())
        })));
        Ok(())
    }
}

impl Upload {
    async fn begin(s3: &Arc<S3>, key: &str) -> Result<Self> {
        let created = s3
            .client
            .create_multipart_upload()
            .bucket(&s3.bucket)
            .key(key)
            .send()
            .await
            .map_err(failed("begin an upload"))?;
        let id = created.upload_id.ok_or_else(|| Error::ObjectStore {
            operation: "begin an upload",
            source: "the answer has no upload id".into(),
        })?;
        let leftover = Some(Leftover::Parts { upload_id: id.clone() });
        let guard = Guard { s3: Arc::clone(s3), key: key.to_owned(), leftover };
        Ok(Self { id, guard, n_parts: 0, completed: Vec::new(), sending: None })
    }

    /// Waits for the part that is under way.
    async fn wait(&mut self) -> Result<()> {
        if let Some(sending) = &mut self.sending {
            let part = sending.await.map_err(failed("take a part"))?;
            self.sending = None;
            self.completed.push(part?);
        }
        Ok(())
    }
}

impl S3Staged {
    pub(super) async fn discard(self) {
        if let Self::Object(object) = self {
            object.delete().await;
        }
    }
}

impl StagedObject {
    pub(super) fn key(&self) -> &str {
        &self.0.key
    }

    pub(super) async fn delete(mut self) {
        self.0.clean().await;
    }

    /// The name is the one that it is to have.
    pub(super) fn keep(mut self) {
        self.0.leftover = None;
    }
}

impl Guard {
    async fn clean(&mut self) {
        if let Some(leftover) = self.leftover.take() {
            clean(&self.s3, &self.key, leftover).await;
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // Outside of a runtime, which is at the end of the process, the sweep will find it.
        if let (Some(leftover), Ok(runtime)) = (self.leftover.take(), Handle::try_current()) {
            let (s3, key) = (Arc::clone(&self.s3), std::mem::take(&mut self.key));
            runtime.spawn(async move { clean(&s3, &key, leftover).await });
        }
    }
}

async fn clean(s3: &S3, key: &str, leftover: Leftover) {
    match leftover {
        Leftover::Parts { upload_id } => s3.abort(key, &upload_id).await,
        Leftover::Object => {
            if let Err(error) = s3.delete_key(key).await {
                tracing::debug!(%error, "a staged object could not be removed: {error}");
            }
        }
    }
}
