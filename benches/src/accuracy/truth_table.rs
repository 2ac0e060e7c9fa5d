//! `truth.csv`: one line a recording, columns by name.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::annotation::{self, Beats};
use super::layout::{Recording, Truth};

/// The columns that are read; others explain themselves to people.
#[derive(Debug, Deserialize)]
struct Row {
    file: String,
    tempo_bpm: Option<f64>,
    #[serde(default)]
    key: String,
    #[serde(default)]
    mode: String,
    #[serde(default)]
    beats_file: String,
}

/// The recordings of `folder`, which holds a `truth.csv`; paths in it are relative to the folder.
///
/// # Errors
///
/// When the table or a beats file that it names cannot be read.
pub fn recordings(folder: &Path) -> Result<Vec<Recording>> {
    let path = folder.join("truth.csv");
    let mut table =
        csv::Reader::from_path(&path).with_context(|| format!("cannot read {}", path.display()))?;
    table
        .deserialize()
        .map(|row| recording(folder, row.with_context(|| path.display().to_string())?))
        .collect()
}

fn recording(folder: &Path, row: Row) -> Result<Recording> {
    let beats = if row.beats_file.is_empty() {
        None
    } else {
        let path = folder.join(&row.beats_file);
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        Beats::parse(&text)
    };
    // A tonic alone is no key: a reader that took it for a major key would make up half of the truth.
    let key = if row.mode.is_empty() { None } else { Some(format!("{} {}", row.key, row.mode)) };
    let (beats_s, downbeats_s) =
        beats.map_or((None, None), |beats| (Some(beats.beats_s), beats.downbeats_s));
    Ok(Recording {
        path: folder.join(&row.file),
        truth: Truth {
            tempo_bpm: row.tempo_bpm.filter(|bpm| *bpm > 0.0),
            key: key.and_then(|key| annotation::key(&key)),
            beats_s,
            downbeats_s,
        },
        file: row.file,
    })
}

#[cfg(test)]
mod tests {
    use dsp::Mode;

    use super::super::metrics::key::Key;
    use super::*;

    #[test]
    fn reads_columns_by_name_and_leaves_blanks_unknown() {
        let folder = tempfile::tempdir().unwrap();
        let table = "file,mode,tempo_bpm,key,beats_file,source\n\
                     audio/a.wav,minor,121.0,C#,beats/a.beats,\"one, two\"\n\
                     audio/b.wav,,,,,\n";
        std::fs::write(folder.path().join("truth.csv"), table).unwrap();
        std::fs::create_dir(folder.path().join("beats")).unwrap();
        std::fs::write(folder.path().join("beats/a.beats"), "0.5\t1\n1.0\t2\n").unwrap();
        let recordings = recordings(folder.path()).unwrap();
        let truth = &recordings[0].truth;
        assert_eq!(truth.tempo_bpm, Some(121.0));
        assert_eq!(truth.key, Some(Key { tonic: 1, mode: Mode::Minor }));
        assert_eq!(truth.downbeats_s, Some(vec![0.5]));
        assert_eq!(recordings[1].truth, Truth::default());
        assert_eq!(recordings[1].path, folder.path().join("audio/b.wav"));
    }
}
