//! Beginning an upload.

use std::time::Duration;

use super::row::{Protocol, Row, Upload, Words, upload_columns};
use crate::clock::duration_to_us;
use crate::db::{Tx, execute, fetch_one};
use crate::tracks::without_nul;
use crate::{Error, Quota, Result, Sha256, Store, UploadId, UserId, quotas};

/// An upload to be begun.
#[derive(Debug, Clone)]
pub struct NewUpload {
    /// Whose it is.
    pub owner_id: UserId,
    /// How its bytes will come.
    pub protocol: Protocol,
    /// Bytes of the whole.
    pub n_bytes: u64,
    /// Bytes of every part but the last; 0 for [`Protocol::Tus`].
    pub part_bytes: u64,
    /// What its uploader says of it.
    pub words: Words,
    /// SHA-256 of the whole, if it is known.
    pub sha256: Option<Sha256>,
    /// What a client of tus wrote beside it.
    pub metadata: Option<String>,
    /// What the installation allows a user for whom nothing else was set.
    pub quota: Quota,
    /// Uploads that a user may have open.
    pub max_open: u64,
}

/// Begins an upload. It ends `queue.staging_keep_s` later, done or not.
///
/// # Errors
///
/// [`Error::QuotaExceeded`], counting what other open uploads announced; [`Error::TooManyUploads`]; or when the database fails.
pub async fn create(store: &Store, new: NewUpload) -> Result<Upload> {
    let id: UploadId = store.new_id();
    let keep = Duration::from_secs(store.queue().staging_keep_s);
    store.write(move |tx| Box::pin(insert(tx, id, new, duration_to_us(keep)))).await
}

async fn insert(tx: &mut Tx, id: UploadId, new: NewUpload, keep_us: i64) -> Result<Upload> {
    let n_bytes =
        i64::try_from(new.n_bytes).map_err(|_| Error::TooLarge { limit: i64::MAX as u64 })?;
    quotas::hold(tx, new.owner_id).await?;
    let room = quotas::room(tx, new.owner_id, new.quota).await?;
    if room.n_open_uploads >= new.max_open {
        return Err(Error::TooManyUploads { limit: new.max_open });
    }
    room.check_announced(new.n_bytes)?;
    let (now, words) = (tx.now_us(), new.words);
    execute!(
        tx,
        "insert into uploads (id, owner_id, protocol, n_bytes, part_bytes, file_name, content_type, title, artist, tags, visibility,
                              sha256, metadata, offset_bytes, n_pieces, state, completing_until_us, created_at_us, expires_at_us)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, 0, 'open', 0, $14, $15)",
        id,
        new.owner_id,
        new.protocol.as_str(),
        n_bytes,
        i64::try_from(new.part_bytes).unwrap_or(i64::MAX),
        words.file_name.as_deref().map(without_nul),
        words.content_type.as_deref().map(without_nul),
        words.title.as_deref().map(without_nul),
        words.artist.as_deref().map(without_nul),
        serde_json::to_string(&words.tags)?,
        words.visibility.as_str(),
        new.sha256.as_ref().map(|sha256| sha256.as_bytes().as_slice()),
        new.metadata.as_deref().map(without_nul),
        now,
        now.saturating_add(keep_us)
    )?;
    let sql = concat!("select ", upload_columns!(), " from uploads where id = $1");
    fetch_one!(tx, Row, sql, id)?.at(now)
}
