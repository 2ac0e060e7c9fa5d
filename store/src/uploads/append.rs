//! Bytes that arrive by tus.

use uuid::Uuid;

use super::row::Upload;
use crate::blobs::{PieceName, Staging};
use crate::db::{Tx, execute};
use crate::{Error, Result, Store, UploadId};

/// What a process that is killed may lose of a request that runs: bytes count from the end of their piece on.
const PIECE_BYTES: u64 = 32 << 20;

/// An upload of more pieces takes no more: a client that sends a few bytes at a time would fill the blob store with objects.
pub const MAX_PIECES: u64 = 10_000;

/// Takes the bytes of one request.
///
/// Pieces count as soon as they are whole, unless [`all_or_nothing`](Self::all_or_nothing) was asked for. Dropping it leaves what counts already.
#[derive(Debug)]
pub struct Append {
    store: Store,
    upload: UploadId,
    /// Bytes that count.
    offset_bytes: u64,
    n_bytes_left: u64,
    is_all_or_nothing: bool,
    current: Option<Current>,
    /// Pieces that are kept but do not count yet.
    pending: Vec<Kept>,
}

#[derive(Debug)]
struct Current {
    name: PieceName,
    staging: Staging,
    n_bytes: u64,
}

#[derive(Debug, Clone)]
struct Kept {
    name: PieceName,
    n_bytes: u64,
}

impl Append {
    /// Goes on where the upload ends.
    pub fn new(store: &Store, upload: &Upload) -> Self {
        Self {
            store: store.clone(),
            upload: upload.id,
            offset_bytes: upload.offset_bytes,
            n_bytes_left: upload.n_bytes - upload.offset_bytes,
            is_all_or_nothing: false,
            current: None,
            pending: Vec::new(),
        }
    }

    /// Lets nothing count before [`finish`](Self::finish).
    #[must_use]
    pub fn all_or_nothing(self) -> Self {
        Self { is_all_or_nothing: true, ..self }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] when there are more than the upload may have; [`Error::UploadMoved`] when another request was faster; or when the store fails.
    pub async fn write(&mut self, mut bytes: &[u8]) -> Result<()> {
        let n_bytes = bytes.len() as u64;
        self.n_bytes_left = self
            .n_bytes_left
            .checked_sub(n_bytes)
            .ok_or(Error::TooLarge { limit: self.n_bytes_left })?;
        while !bytes.is_empty() {
            let current = match &mut self.current {
                Some(current) => current,
                None => self.current.insert(Current::begin(&self.store, self.upload)?),
            };
            let room = usize::try_from(PIECE_BYTES - current.n_bytes).unwrap_or(usize::MAX);
            let (now, later) = bytes.split_at(bytes.len().min(room));
            current.staging.write(now).await?;
            current.n_bytes += now.len() as u64;
            bytes = later;
            if current.n_bytes == PIECE_BYTES {
                self.keep_current().await?;
                if !self.is_all_or_nothing {
                    self.count_pending().await?;
                }
            }
        }
        Ok(())
    }

    /// Lets everything count that was taken; how many bytes the upload has then.
    ///
    /// # Errors
    ///
    /// Those of [`write`](Self::write).
    pub async fn finish(mut self) -> Result<u64> {
        self.keep_current().await?;
        self.count_pending().await?;
        Ok(self.offset_bytes)
    }

    /// Throws away what does not count yet.
    pub async fn discard(mut self) {
        if let Some(current) = self.current.take() {
            current.staging.abort().await;
        }
        self.remove_pending().await;
    }

    async fn keep_current(&mut self) -> Result<()> {
        if let Some(Current { name, staging, n_bytes }) = self.current.take() {
            let staged = staging.finish().await?;
            self.store.blobs().keep_piece(&name, staged).await?;
            self.pending.push(Kept { name, n_bytes });
        }
        Ok(())
    }

    async fn count_pending(&mut self) -> Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        // Taken out: if it does not come out whether they count now, they must not be removed, but are left to the sweep.
        let kept = std::mem::take(&mut self.pending);
        let (upload, from, counting) = (self.upload, self.offset_bytes, kept.clone());
        let counted =
            self.store.write(move |tx| Box::pin(count(tx, upload, from, counting))).await?;
        let Some(offset_bytes) = counted else {
            self.pending = kept;
            self.remove_pending().await;
            return Err(Error::UploadMoved);
        };
        self.offset_bytes = offset_bytes;
        Ok(())
    }

    async fn remove_pending(&mut self) {
        for piece in self.pending.drain(..) {
            if let Err(error) = self.store.blobs().delete_piece(&piece.name).await {
                tracing::debug!("a piece is left to the sweep: {error}");
            }
        }
    }
}

impl Current {
    fn begin(store: &Store, upload: UploadId) -> Result<Self> {
        let name = PieceName::fresh(upload, store.new_id::<Uuid>());
        let staging = store.blobs().stage_piece(&name, PIECE_BYTES)?;
        Ok(Self { name, staging, n_bytes: 0 })
    }
}

/// Moves the offset from `from` over the pieces; `None` if it is no longer there.
async fn count(tx: &mut Tx, upload: UploadId, from: u64, kept: Vec<Kept>) -> Result<Option<u64>> {
    let column = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    let now = tx.now_us();
    let to = from + kept.iter().map(|piece| piece.n_bytes).sum::<u64>();
    let n_rows = execute!(
        tx,
        "update uploads set offset_bytes = $1, n_pieces = n_pieces + $2
         where id = $3 and offset_bytes = $4 and state = 'open' and expires_at_us > $5 and n_bytes >= $1",
        column(to),
        column(kept.len() as u64),
        upload,
        column(from),
        now
    )?;
    if n_rows == 0 {
        return Ok(None);
    }
    let mut first_byte = from;
    for piece in kept {
        execute!(
            tx,
            "insert into upload_pieces (upload_id, first_byte, n_bytes, name) values ($1, $2, $3, $4)",
            upload,
            column(first_byte),
            column(piece.n_bytes),
            piece.name.name()
        )?;
        first_byte += piece.n_bytes;
    }
    Ok(Some(to))
}
