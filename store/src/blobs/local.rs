//! Blobs in a folder: `staging/…` while they arrive, then `blobs/ab/cd/abcd…`; pieces of uploads under `uploads/…`.

use std::io::{self, SeekFrom, Write};
use std::mem;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use futures::future::try_join_all;
use tempfile::TempPath;
use time::OffsetDateTime;
use tokio::fs::{self, File};
use tokio::io::AsyncSeekExt;
use tokio::task::{self, JoinHandle};

use super::{BlobReader, ByteRange, Hasher, Sha256};
use crate::{Error, Result};

/// Writes reach the disk in pieces of this size: each is a hop to another thread. An upload holds two of them.
const BUFFER_BYTES: usize = 512 * 1024;

#[derive(Debug)]
pub(super) struct Local {
    blobs: PathBuf,
    staging: PathBuf,
    pub(super) uploads: PathBuf,
}

pub(super) fn disk(operation: &'static str) -> impl FnOnce(io::Error) -> Error {
    move |source| Error::Disk { operation, source }
}

impl Local {
    pub(super) async fn open(path: &Path) -> Result<Self> {
        let (blobs, staging, uploads) =
            (path.join("blobs"), path.join("staging"), path.join("uploads"));
        for folder in [&blobs, &staging, &uploads] {
            fs::create_dir_all(folder).await.map_err(disk("make a folder"))?;
        }
        Ok(Self { blobs, staging, uploads })
    }

    pub(super) async fn ping(&self) -> Result<()> {
        fs::metadata(&self.blobs).await.map(|_| ()).map_err(disk("look"))
    }

    pub(super) fn stage(&self) -> Result<LocalStaging> {
        let (file, path) = tempfile::Builder::new()
            .prefix("upload-")
            .tempfile_in(&self.staging)
            .map_err(disk("make a temporary file"))?
            .into_parts();
        Ok(LocalStaging::new(file, path))
    }

    /// Moves the file to its name. A blob that is there already is replaced by the same bytes, which also mends one
    /// that has rotted.
    pub(super) async fn commit(&self, sha256: &Sha256, staged: TempPath) -> Result<()> {
        let path = self.path(sha256);
        let folder = path.parent().expect("a blob's path has two folders above it");
        fs::create_dir_all(folder).await.map_err(disk("make a folder"))?;
        fs::rename(&staged, &path).await.map_err(disk("move an upload"))?;
        // The name is gone; there is nothing left to remove.
        staged.keep().map_err(|error| disk("move an upload")(error.error))?;
        // The rename itself, and the two folders that it may have made.
        sync_folders(folder, 3).await
    }

    pub(super) async fn open_blob(
        &self,
        sha256: &Sha256,
        range: Option<ByteRange>,
    ) -> Result<Option<BlobReader>> {
        let Some(mut file) = self.open_file(sha256).await? else { return Ok(None) };
        let n_bytes_total = file.metadata().await.map_err(disk("read a blob"))?.len();
        let range = match range {
            Some(range) => range.within(n_bytes_total)?,
            None => ByteRange { start: 0, end: n_bytes_total },
        };
        file.seek(SeekFrom::Start(range.start)).await.map_err(disk("read a blob"))?;
        Ok(Some(BlobReader::new(n_bytes_total, range.n_bytes(), file)))
    }

    pub(super) async fn fetch_to_file(&self, sha256: &Sha256) -> Result<std::fs::File> {
        match self.open_file(sha256).await? {
            Some(file) => Ok(file.into_std().await),
            None => Err(Error::BlobMissing(*sha256)),
        }
    }

    pub(super) async fn n_bytes(&self, sha256: &Sha256) -> Result<Option<u64>> {
        match fs::metadata(self.path(sha256)).await {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(disk("look for a blob")(error)),
        }
    }

    pub(super) async fn delete(&self, sha256: &Sha256) -> Result<()> {
        match fs::remove_file(self.path(sha256)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(disk("remove a blob")(error))
            }
            _ => Ok(()),
        }
    }

    /// Removes what uploads that ended with their process left behind.
    pub(super) async fn sweep_staging(&self, older_than: OffsetDateTime) -> Result<u64> {
        let limit = time_of_files(older_than);
        let mut n_removed = 0;
        let mut entries = fs::read_dir(&self.staging).await.map_err(disk("list uploads"))?;
        while let Some(entry) = entries.next_entry().await.map_err(disk("list uploads"))? {
            // An entry may go away between two calls: its upload has just ended.
            let Ok(metadata) = entry.metadata().await else { continue };
            if metadata.modified().map_err(disk("list uploads"))? < limit
                && fs::remove_file(entry.path()).await.is_ok()
            {
                n_removed += 1;
            }
        }
        Ok(n_removed)
    }

    async fn open_file(&self, sha256: &Sha256) -> Result<Option<File>> {
        match File::open(self.path(sha256)).await {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(disk("open a blob")(error)),
        }
    }

    fn path(&self, sha256: &Sha256) -> PathBuf {
        let name = sha256.to_string();
        self.blobs.join(&name[0..2]).join(&name[2..4]).join(name)
    }
}

/// A time as the clock of the disk tells it.
pub(super) fn time_of_files(time: OffsetDateTime) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(time.unix_timestamp()).unwrap_or(0))
}

/// Makes what was renamed into a folder, and made in the folders above it, survive a power cut.
pub(super) async fn sync_folders(folder: &Path, n_folders: usize) -> Result<()> {
    // At once, because most of the time the disk is waited for.
    let syncs = folder.ancestors().take(n_folders).map(|folder| async move {
        let folder = File::open(folder).await.map_err(disk("open a folder"))?;
        folder.sync_all().await.map_err(disk("sync a folder"))
    });
    try_join_all(syncs).await.map(drop)
}

/// Work that waits for the disk, on a thread that may.
#[expect(clippy::disallowed_methods, reason = "it is hardly CPU work, which the crossings are for")]
fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    task::spawn_blocking(work)
}

/// An upload on its way into the folder. Its file goes when this does.
#[derive(Debug)]
pub(super) struct LocalStaging {
    path: TempPath,
    /// What has arrived since the last piece was handed over.
    buffer: Vec<u8>,
    writer: Writer,
}

/// Where the file is: another thread writes and hashes a piece while the next one arrives.
#[derive(Debug)]
enum Writer {
    Idle(Written),
    Writing(JoinHandle<io::Result<Written>>),
    /// A piece could not be written.
    Broken,
}

/// What has been written.
#[derive(Debug)]
struct Written {
    file: std::fs::File,
    hasher: Hasher,
    /// An empty buffer to fill next.
    buffer: Vec<u8>,
}

impl Written {
    fn add(mut self, piece: Vec<u8>) -> io::Result<Self> {
        self.file.write_all(&piece)?;
        self.hasher.update(&piece);
        self.buffer = piece;
        self.buffer.clear();
        Ok(self)
    }
}

impl LocalStaging {
    fn new(file: std::fs::File, path: TempPath) -> Self {
        let written = Written { file, hasher: Hasher::default(), buffer: Vec::new() };
        Self { path, buffer: Vec::new(), writer: Writer::Idle(written) }
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER_BYTES {
            self.hand_over().await?;
        }
        Ok(())
    }

    pub(super) async fn finish(mut self) -> Result<(TempPath, Sha256)> {
        self.hand_over().await?;
        let Written { file, hasher, .. } = self.written().await?;
        let synced = aside(move || file.sync_all()).await;
        synced.map_err(io::Error::from).flatten().map_err(disk("sync an upload"))?;
        Ok((self.path, hasher.finish()))
    }

    /// Begins to write what has arrived. Whether it could be written shows when the next piece is handed over.
    async fn hand_over(&mut self) -> Result<()> {
        let mut written = self.written().await?;
        let piece = mem::replace(&mut self.buffer, mem::take(&mut written.buffer));
        self.writer = Writer::Writing(aside(move || written.add(piece)));
        Ok(())
    }

    /// The file, when all that was handed over is in it.
    async fn written(&mut self) -> Result<Written> {
        let written = match mem::replace(&mut self.writer, Writer::Broken) {
            Writer::Idle(written) => Ok(written),
            Writer::Writing(task) => task.await.map_err(io::Error::from).flatten(),
            Writer::Broken => Err(io::Error::other("an earlier piece could not be written")),
        };
        written.map_err(disk("write an upload"))
    }
}
