//! A folder of sources with all their copies.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use rayon::prelude::*;
use serde::Serialize;

use super::transform::{TRANSFORMS, Transform};
use crate::retrieval::collection::{SOURCE, Track};
use crate::sounds::Pcm;

/// A line of `truth.csv`.
#[derive(Debug, Serialize)]
struct Row {
    file: String,
    group: String,
    artist: String,
    style: String,
    transform: &'static str,
}

/// A source and the name of its group.
struct Source<'a> {
    track: &'a Track,
    group: String,
}

/// Writes `sources` and a copy of each by every transform that can be made here to `to/audio`, and what belongs together to
/// `to/truth.csv`; the answer is the names of the transforms that cannot, because the program that encodes is not here.
///
/// # Errors
///
/// When a source cannot be read, two have one name, or a file cannot be written.
pub fn write(sources: &[Track], to: &Path) -> Result<Vec<&'static str>> {
    let folder = to.join("audio");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot create {}", folder.display()))?;
    let sources = sources.iter().map(|track| Source { track, group: group(track) });
    let sources: Vec<Source<'_>> = sources.collect();
    let names: BTreeSet<&str> = sources.iter().map(|source| source.group.as_str()).collect();
    ensure!(names.len() == sources.len(), "two sources have one name");
    let (here, missing): (Vec<_>, Vec<_>) = TRANSFORMS.into_iter().partition(
        |(_, transform)| !matches!(transform, Transform::Encoded(codec) if !codec.is_available()),
    );
    let rows: Vec<Vec<Row>> = sources
        .par_iter()
        .map(|source| {
            let place = || source.track.path.display().to_string();
            source.write(&here, &folder).with_context(place)
        })
        .collect::<Result<_>>()?;
    let mut table = csv::Writer::from_path(to.join("truth.csv"))?;
    rows.iter().flatten().try_for_each(|row| table.serialize(row))?;
    table.flush()?;
    Ok(missing.into_iter().map(|(name, _)| name).collect())
}

/// The name of a source's file without folder and extension.
fn group(track: &Track) -> String {
    track.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

impl Source<'_> {
    /// Writes the source as it is and its copies.
    fn write(&self, transforms: &[(&'static str, Transform)], folder: &Path) -> Result<Vec<Row>> {
        let path = &self.track.path;
        let bytes: Arc<[u8]> = std::fs::read(path)?.into();
        let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
        let pcm = Pcm::decoded(&bytes, &extension)?;
        let (row, path) = self.row(folder, SOURCE, &extension);
        std::fs::write(path, &bytes)?;
        let mut rows = vec![row];
        for &(name, transform) in transforms {
            let extension = match transform {
                Transform::Encoded(codec) => codec.extension(),
                _ => "wav",
            };
            let (row, path) = self.row(folder, name, extension);
            let copy = transform.apply(&pcm)?;
            match transform {
                Transform::Encoded(codec) => codec.write(&copy, &path)?,
                _ => std::fs::write(path, copy.to_wav())?,
            }
            rows.push(row);
        }
        Ok(rows)
    }

    /// What the table says of a copy, and where it goes.
    fn row(&self, folder: &Path, transform: &'static str, extension: &str) -> (Row, PathBuf) {
        let Source { track, group } = self;
        let known = |text: &Option<String>| text.clone().unwrap_or_default();
        // Percent signs in names are trouble in addresses.
        let name = format!("{group}__{}.{extension}", transform.replace('%', ""));
        let row = Row {
            file: format!("audio/{name}"),
            group: group.clone(),
            artist: known(&track.artist),
            style: known(&track.style),
            transform,
        };
        (row, folder.join(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retrieval::collection::tracks;

    #[test]
    fn every_source_comes_with_its_copies_and_keeps_its_style() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let sound = fixtures::wav_i16(&fixtures::clicks(120.0, 8_000, 2.0), 8_000, 1);
        std::fs::write(from.path().join("a.wav"), &sound).unwrap();
        std::fs::write(from.path().join("truth.csv"), "file,style\na.wav,waltz\n").unwrap();
        let missing = write(&tracks(from.path()).unwrap(), to.path()).unwrap();
        let copies = tracks(to.path()).unwrap();
        assert_eq!(copies.len(), 1 + TRANSFORMS.len() - missing.len());
        assert!(copies.iter().all(|copy| copy.group == copies[0].group && copy.path.is_file()));
        assert!(copies.iter().all(|copy| copy.style.as_deref() == Some("waltz")));
        let sources: Vec<_> = copies.iter().filter(|copy| copy.transform.is_none()).collect();
        assert_eq!(sources.len(), 1);
        assert_eq!(std::fs::read(&sources[0].path).unwrap(), sound);
    }

    #[test]
    fn two_sources_of_one_name_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        for part in ["x", "y"] {
            std::fs::create_dir(folder.path().join(part)).unwrap();
            std::fs::write(folder.path().join(part).join("a.wav"), "").unwrap();
        }
        let to = folder.path().join("to");
        assert!(write(&tracks(folder.path()).unwrap(), &to).is_err());
    }
}
