//! Which files a list of files and folders means.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// What recordings are called. Only folders are filtered by it: a file that is named is taken as it is.
const EXTENSIONS: [&str; 18] = [
    "aac", "aif", "aiff", "alac", "caf", "flac", "m4a", "m4b", "mka", "mp1", "mp2", "mp3", "mp4",
    "oga", "ogg", "opus", "wav", "webm",
];

/// A recording on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Its path below the folder that was named, or the last part of its own if it was named itself.
    pub(crate) name: PathBuf,
}

/// Every named file, and every recording in every named folder and below, sorted within a folder.
pub(crate) fn find(paths: &[PathBuf]) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            let mut below = Vec::new();
            walk(path, &mut below)?;
            found.extend(below.into_iter().map(|file| {
                let name = file.strip_prefix(path).unwrap_or(&file).to_owned();
                Found { path: file, name }
            }));
        } else {
            let name = path.file_name().map_or_else(|| path.clone(), PathBuf::from);
            found.push(Found { path: path.clone(), name });
        }
    }
    Ok(found)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    for path in paths {
        // A link to a folder may lead back up: links to files are followed, links to folders are not.
        if path.is_dir() && !path.is_symlink() {
            walk(&path, found)?;
        } else if path.is_file() && is_recording(&path) {
            found.push(path);
        }
    }
    Ok(())
}

fn is_recording(path: &Path) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| EXTENSIONS.contains(&extension.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_recordings_of_a_folder_and_any_named_file() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("more")).unwrap();
        for name in ["b.MP3", "a.flac", "cover.jpg", "more/c.ogg"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let named = folder.path().join("cover.jpg");
        let found = find(&[folder.path().to_owned(), named]).unwrap();
        let expected = ["a.flac", "b.MP3", "more/c.ogg", "cover.jpg"]
            .map(|name| Found { path: folder.path().join(name), name: name.into() });
        assert_eq!(found, expected);
    }
}
