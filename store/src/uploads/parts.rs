//! Parts of uploads: put under their number, straight into the object store or by the API.

use std::time::Duration;

use time::OffsetDateTime;

use super::row::Upload;
use crate::blobs::{PieceName, PresignedPut, Staging};
use crate::{Result, Sha256, Store};

/// A part that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ArrivedPart {
    /// Its number, from 1 on.
    pub number: u32,
    /// Its length.
    pub n_bytes: u64,
}

/// A part that arrives. Dropping it throws it away.
#[derive(Debug)]
pub struct PartStaging {
    store: Store,
    name: PieceName,
    staging: Staging,
}

/// How many parts an upload has.
pub fn n_parts(upload: &Upload) -> u32 {
    let n_parts = upload.n_bytes.div_ceil(upload.part_bytes.max(1));
    u32::try_from(n_parts).unwrap_or(u32::MAX)
}

impl Upload {
    /// Bytes that this part must have; `None` if there is no such part.
    pub fn bytes_of_part(&self, number: u32) -> Option<u64> {
        let n_before = u64::from(number.checked_sub(1)?).checked_mul(self.part_bytes)?;
        let n_bytes = self.n_bytes.checked_sub(n_before)?.min(self.part_bytes);
        (n_bytes > 0).then_some(n_bytes)
    }
}

/// The parts that are there with the length that they must have, by number.
///
/// # Errors
///
/// When the blob store fails.
pub async fn parts(store: &Store, upload: &Upload) -> Result<Vec<ArrivedPart>> {
    let pieces = store.blobs().pieces(upload.id).await?;
    let arrived = pieces.into_iter().filter_map(|piece| {
        let number = piece.name.parse().ok()?;
        let is_whole = upload.bytes_of_part(number) == Some(piece.n_bytes);
        is_whole.then_some(ArrivedPart { number, n_bytes: piece.n_bytes })
    });
    Ok(arrived.collect())
}

/// A request that puts this part straight into the object store, from `now` on; `None` where there is none, or no such part.
///
/// # Errors
///
/// When it cannot be signed.
pub async fn presign(
    store: &Store,
    upload: &Upload,
    number: u32,
    now: OffsetDateTime,
    expires_in: Duration,
) -> Result<Option<PresignedPut>> {
    let Some(n_bytes) = upload.bytes_of_part(number) else { return Ok(None) };
    let name = PieceName::part(upload.id, number);
    store.blobs().presign_piece(&name, n_bytes, now, expires_in).await
}

/// Begins to take a part, `n_bytes` at most.
///
/// # Errors
///
/// When the blob store fails.
pub fn stage_part(
    store: &Store,
    upload: &Upload,
    number: u32,
    n_bytes: u64,
) -> Result<PartStaging> {
    let name = PieceName::part(upload.id, number);
    let staging = store.blobs().stage_piece(&name, n_bytes)?;
    Ok(PartStaging { store: store.clone(), name, staging })
}

impl PartStaging {
    /// Takes the next bytes.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`](crate::Error::TooLarge), or when the blob store fails.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.staging.write(bytes).await
    }

    /// Puts the part where it belongs, in the place of an earlier one; the SHA-256 of its bytes.
    ///
    /// # Errors
    ///
    /// When the blob store fails; an earlier one is then still there.
    pub async fn finish(self) -> Result<Sha256> {
        let staged = self.staging.finish().await?;
        let sha256 = staged.sha256;
        self.store.blobs().keep_piece(&self.name, staged).await?;
        Ok(sha256)
    }

    /// Throws the bytes away. Dropping does the same, but cannot wait for an object store.
    pub async fn abort(self) {
        self.staging.abort().await;
    }
}
