//! Which recordings belong together.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::accuracy::layout;

/// What the column `transform` says of a recording that is nobody's copy; a blank one says the same.
pub const SOURCE: &str = "source";

/// A recording and what it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// Name of its folder, and name within it.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Recordings of one group are the same music.
    pub group: String,
    /// Who plays; `None` where that is not known.
    pub artist: Option<String>,
    /// Kind of music; `None` where that is not known.
    pub style: Option<String>,
    /// What was done to the music of the group; `None` for a source.
    pub transform: Option<String>,
}

/// The columns that are read; all but the first may be missing or blank.
#[derive(Debug, Default, Deserialize)]
struct Row {
    file: String,
    #[serde(default)]
    group: String,
    #[serde(default)]
    artist: String,
    #[serde(default)]
    style: String,
    #[serde(default)]
    transform: String,
}

/// The recordings of a folder, by name: those that its `truth.csv` names, else all audio below it, each a group of its own.
///
/// # Errors
///
/// When the folder or the table cannot be read, or there is no recording.
pub fn tracks(folder: &Path) -> Result<Vec<Track>> {
    let whole =
        folder.canonicalize().with_context(|| format!("cannot read {}", folder.display()))?;
    let set = whole.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let table = folder.join("truth.csv");
    let rows: Vec<Row> = if table.is_file() {
        let mut reader = csv::Reader::from_path(&table)?;
        let rows: Result<_, csv::Error> = reader.deserialize().collect();
        rows.with_context(|| format!("cannot read {}", table.display()))?
    } else {
        let recordings = layout::sets(folder)?.into_iter().flat_map(|set| set.recordings);
        recordings
            .map(|recording| Row {
                file: recording.path.strip_prefix(folder).map_or_else(
                    |_| recording.file.clone(),
                    |path| path.to_string_lossy().into_owned(),
                ),
                ..Row::default()
            })
            .collect()
    };
    let mut tracks: Vec<Track> = rows.into_iter().map(|row| track(folder, set, row)).collect();
    tracks.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(tracks)
}

fn track(folder: &Path, set: &str, row: Row) -> Track {
    let known = |text: String| Some(text).filter(|text| !text.is_empty());
    let name = format!("{set}/{}", row.file);
    Track {
        path: folder.join(&row.file),
        group: known(row.group).map_or_else(|| name.clone(), |group| format!("{set}/{group}")),
        artist: known(row.artist),
        style: known(row.style),
        transform: known(row.transform).filter(|transform| transform != SOURCE),
        name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_may_be_missing_or_blank() {
        let folder = tempfile::tempdir().unwrap();
        let table = "file,tempo_bpm,style,group,transform\n\
                     b.wav,120,,a,key+1\n\
                     a.wav,120,waltz,a,source\n\
                     c.wav,90,waltz,,\n";
        std::fs::write(folder.path().join("truth.csv"), table).unwrap();
        let tracks = tracks(folder.path()).unwrap();
        let groups: Vec<&str> =
            tracks.iter().map(|track| track.group.rsplit('/').next().unwrap()).collect();
        assert_eq!(groups, ["a", "a", "c.wav"]);
        let transforms: Vec<_> = tracks.iter().map(|track| track.transform.as_deref()).collect();
        assert_eq!(transforms, [None, Some("key+1"), None]);
        assert_eq!((tracks[0].style.as_deref(), tracks[1].style.as_deref()), (Some("waltz"), None));
        assert_eq!(tracks[0].artist, None);
    }

    #[test]
    fn without_a_table_all_audio_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("x")).unwrap();
        std::fs::write(folder.path().join("x/a.wav"), "").unwrap();
        std::fs::write(folder.path().join("b.flac"), "").unwrap();
        let tracks = tracks(folder.path()).unwrap();
        assert_eq!(tracks.len(), 2);
        assert_eq!(tracks[1].path, folder.path().join("x/a.wav"));
        assert_eq!(tracks[1].group, tracks[1].name);
    }
}
