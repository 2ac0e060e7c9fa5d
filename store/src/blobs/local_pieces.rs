//! Pieces of uploads in a folder: `uploads/<upload>/<piece>`.

use std::io;
use std::path::PathBuf;

use tempfile::TempPath;
use time::OffsetDateTime;
use tokio::fs::{self, File};

use super::local::{Local, disk, sync_folders, time_of_files};
use super::pieces::folder;
use super::{BlobReader, Piece, PieceName, StoredPiece};
use crate::{Result, UploadId};

impl Local {
    pub(super) async fn keep_piece(&self, name: &PieceName, staged: TempPath) -> Result<()> {
        let folder = self.folder(name.upload());
        fs::create_dir_all(&folder).await.map_err(disk("make a folder"))?;
        fs::rename(&staged, folder.join(name.name())).await.map_err(disk("move a piece"))?;
        // The name is gone; there is nothing left to remove.
        staged.keep().map_err(|error| disk("move a piece")(error.error))?;
        sync_folders(&folder, 2).await
    }

    pub(super) async fn open_piece(&self, name: &PieceName) -> Result<Option<Piece>> {
        let file = match File::open(self.path_of(name)).await {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(disk("open a piece")(error)),
        };
        let n_bytes = file.metadata().await.map_err(disk("read a piece"))?.len();
        Ok(Some(Piece { reader: BlobReader::new(n_bytes, n_bytes, file), etag: None }))
    }

    pub(super) async fn pieces(&self, upload: UploadId) -> Result<Vec<StoredPiece>> {
        let mut entries = match fs::read_dir(self.folder(upload)).await {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(disk("list pieces")(error)),
        };
        let mut pieces = Vec::new();
        while let Some(entry) = entries.next_entry().await.map_err(disk("list pieces"))? {
            // An entry may go away between two calls: its upload has just ended.
            let (Ok(metadata), Ok(name)) =
                (entry.metadata().await, entry.file_name().into_string())
            else {
                continue;
            };
            pieces.push(StoredPiece { name, n_bytes: metadata.len() });
        }
        Ok(pieces)
    }

    pub(super) async fn delete_piece(&self, name: &PieceName) -> Result<()> {
        gone(fs::remove_file(self.path_of(name)).await)
    }

    pub(super) async fn delete_pieces(&self, upload: UploadId) -> Result<()> {
        gone(fs::remove_dir_all(self.folder(upload)).await)
    }

    pub(super) async fn sweep_pieces(&self, older_than: OffsetDateTime) -> Result<u64> {
        let limit = time_of_files(older_than);
        let mut n_removed = 0;
        let mut entries = fs::read_dir(&self.uploads).await.map_err(disk("list uploads"))?;
        while let Some(entry) = entries.next_entry().await.map_err(disk("list uploads"))? {
            let Ok(metadata) = entry.metadata().await else { continue };
            if metadata.modified().map_err(disk("list uploads"))? < limit
                && fs::remove_dir_all(entry.path()).await.is_ok()
            {
                n_removed += 1;
            }
        }
        Ok(n_removed)
    }

    fn folder(&self, upload: UploadId) -> PathBuf {
        self.uploads.join(folder(upload))
    }

    fn path_of(&self, name: &PieceName) -> PathBuf {
        self.folder(name.upload()).join(name.name())
    }
}

fn gone(removed: io::Result<()>) -> Result<()> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(disk("remove pieces")(error)),
        _ => Ok(()),
    }
}
