//! Where people keep recordings and what is true about them.
//!
//! | layout | recordings | truth |
//! | --- | --- | --- |
//! | ours | named in `truth.csv` | `truth.csv`, `beats/NAME.beats` |
//! | any other | every audio file below the folder | text files below it, matched by name |
//!
//! A text file belongs to a recording if the name is the same, or goes on after it with a separator, whatever the
//! folders between them; `.`, `-` and `_` are one, and a leading `gtzan_` does not count. So `SMC_001_2_1_1_a.txt` belongs to
//! `SMC_001.wav`, `gtzan_blues_00000.beats` to `blues.00000.wav`, `10089.LOFI.key` to `10089.LOFI.mp3`. Of two that say
//! the same thing the last by path counts: `annotations_v2/tempo` of `GiantSteps` over `annotations/tempo`.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use super::annotation::{self, Beats};
use super::metrics::key::Key;
use super::peers::{self, Peer};
use super::truth_table;

/// What is known about a recording.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Truth {
    /// Beats per minute.
    pub tempo_bpm: Option<f64>,
    /// Key.
    pub key: Option<Key>,
    /// Times of the beats, s.
    pub beats_s: Option<Vec<f64>>,
    /// Times of the first beats of bars, s.
    pub downbeats_s: Option<Vec<f64>>,
}

/// A recording and its truth.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// Name within its set, as `truth.csv` and `peers.jsonl` have it.
    pub file: String,
    /// Where it is.
    pub path: PathBuf,
    /// What is known about it.
    pub truth: Truth,
}

/// A folder of recordings.
#[derive(Debug, Clone, PartialEq)]
pub struct Set {
    /// Name of the folder.
    pub name: String,
    /// By file name.
    pub recordings: Vec<Recording>,
    /// What other programs said of them.
    pub peers: Vec<Peer>,
}

/// The sets of a folder: itself if it holds a `truth.csv`, else each folder in it that does, else all audio below it.
///
/// # Errors
///
/// When a folder or a text file cannot be read, or there is no recording.
pub fn sets(folder: &Path) -> Result<Vec<Set>> {
    if folder.join("truth.csv").is_file() {
        return Ok(vec![labelled(folder)?]);
    }
    let mut folders = Vec::new();
    for entry in folder.read_dir().with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.join("truth.csv").is_file() {
            folders.push(path);
        }
    }
    folders.sort();
    if folders.is_empty() {
        return Ok(vec![annotated(folder)?]);
    }
    folders.iter().map(|folder| labelled(folder)).collect()
}

fn labelled(folder: &Path) -> Result<Set> {
    let mut recordings = truth_table::recordings(folder)?;
    recordings.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(Set { name: name(folder), recordings, peers: peers::read(folder)? })
}

/// All audio below `folder`, with the text files that belong to it.
fn annotated(folder: &Path) -> Result<Set> {
    let mut paths = Vec::new();
    collect(folder, &mut paths)?;
    paths.sort();
    let (audio, texts): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| is_audio(path));
    ensure!(!audio.is_empty(), "there is no audio below {}", folder.display());
    let mut recordings: BTreeMap<String, Recording> = BTreeMap::new();
    for path in audio {
        let file = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned();
        recordings.insert(stem(&path), Recording { file, path, truth: Truth::default() });
    }
    for path in texts {
        let stem = stem(&path);
        // The longest name that this one begins with: `song_1` must not take what is said of `song_10`.
        let owner = recordings.keys().rev().find(|owner| belongs(&stem, owner)).cloned();
        if let Some(recording) = owner.and_then(|owner| recordings.get_mut(&owner)) {
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            annotate(&mut recording.truth, extension(&path), &text);
        }
    }
    Ok(Set {
        name: name(folder),
        recordings: recordings.into_values().collect(),
        peers: peers::read(folder)?,
    })
}

/// Adds what a text file says.
fn annotate(truth: &mut Truth, extension: &str, text: &str) {
    match extension {
        "bpm" => truth.tempo_bpm = annotation::bpm(text),
        "key" => truth.key = annotation::key(text),
        // A key has one line, also where it is a number.
        "txt" if text.trim().lines().count() <= 1 => {
            truth.key = annotation::key(text).or(truth.key);
        }
        _ => {
            if let Some(beats) = Beats::parse(text) {
                truth.beats_s = Some(beats.beats_s);
                truth.downbeats_s = beats.downbeats_s;
            }
        }
    }
}

fn belongs(text: &str, audio: &str) -> bool {
    text.strip_prefix(audio).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

/// The name of a file without folder and extension, in lower case, separators alike.
fn stem(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
    let stem = stem.replace(['.', '-', ' '], "_");
    stem.strip_prefix("gtzan_").map(str::to_owned).unwrap_or(stem)
}

fn name(folder: &Path) -> String {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned()
}

fn extension(path: &Path) -> &str {
    path.extension().and_then(OsStr::to_str).unwrap_or_default()
}

fn is_audio(path: &Path) -> bool {
    let extension = extension(path).to_ascii_lowercase();
    ["wav", "aif", "aiff", "flac", "mp3", "ogg", "oga", "opus", "m4a"].contains(&extension.as_str())
}

/// Audio and text files below `folder`.
fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    for entry in folder.read_dir().with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if is_audio(&path) || ["beats", "bpm", "key", "txt"].contains(&extension(&path)) {
            paths.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use dsp::Mode;

    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    fn truth_of(files: &[(&str, &str)]) -> Truth {
        let folder = folder(files);
        let sets = sets(folder.path()).unwrap();
        assert_eq!((sets.len(), sets[0].recordings.len()), (1, 1));
        sets[0].recordings[0].truth.clone()
    }

    #[test]
    fn gtzan() {
        let truth = truth_of(&[
            ("genres/blues/blues.00000.wav", ""),
            ("gtzan_tempo_beat-main/beats/gtzan_blues_00000.beats", "0.5 1\n1.0 2\n"),
            ("gtzan_tempo_beat-main/tempo/gtzan_blues_00000.bpm", "120.0\n"),
            ("gtzan_key/genres/blues/blues.00000.lerch.txt", "12"),
        ]);
        assert_eq!(truth.tempo_bpm, Some(120.0));
        assert_eq!(truth.key, Some(Key { tonic: 9, mode: Mode::Minor }));
        assert_eq!(truth.downbeats_s, Some(vec![0.5]));
    }

    #[test]
    fn ballroom() {
        let truth = truth_of(&[
            ("BallroomData/Jive/Albums-Fire-01.wav", ""),
            ("BallroomAnnotations/Albums-Fire-01.beats", "0.04 1\n0.51 2\n"),
            ("BallroomAnnotations/ballroomGroundTruth/Albums-Fire-01.bpm", "124\n"),
        ]);
        assert_eq!((truth.tempo_bpm, truth.beats_s), (Some(124.0), Some(vec![0.04, 0.51])));
    }

    #[test]
    fn giantsteps_prefers_the_second_annotation() {
        let truth = truth_of(&[
            ("audio/10089.LOFI.mp3", ""),
            ("annotations/tempo/10089.LOFI.bpm", "70"),
            ("annotations_v2/tempo/10089.LOFI.bpm", "140"),
            ("annotations/key/10089.LOFI.key", "D minor"),
        ]);
        assert_eq!(truth.tempo_bpm, Some(140.0));
        assert_eq!(truth.key, Some(Key { tonic: 2, mode: Mode::Minor }));
    }

    #[test]
    fn smc() {
        let truth = truth_of(&[
            ("SMC_MIREX_Audio/SMC_001.wav", ""),
            ("SMC_MIREX_Annotations_05_08_2014/SMC_001_2_1_1_a.txt", "0.7\n1.4\n"),
            ("SMC_MIREX_Readme.txt", "Read me\nplease"),
        ]);
        assert_eq!((truth.beats_s, truth.downbeats_s), (Some(vec![0.7, 1.4]), None));
    }

    #[test]
    fn names_that_begin_alike_are_told_apart() {
        let folder = folder(&[
            ("song_1.wav", ""),
            ("song_10.wav", ""),
            ("song_10_b.wav", ""),
            ("song_1.bpm", "100"),
            ("song_10.bpm", "110"),
            ("song_10_b.bpm", "120"),
        ]);
        let sets = sets(folder.path()).unwrap();
        let tempi: Vec<_> = sets[0].recordings.iter().map(|r| r.truth.tempo_bpm).collect();
        assert_eq!(tempi, [Some(100.0), Some(110.0), Some(120.0)]);
    }

    #[test]
    fn folders_with_a_table_are_sets_of_their_own() {
        let table = "file,tempo_bpm,key,mode,beats_file\n";
        let folder = folder(&[("b/truth.csv", table), ("a/truth.csv", table), ("c/x.wav", "")]);
        let names: Vec<String> =
            sets(folder.path()).unwrap().into_iter().map(|set| set.name).collect();
        assert_eq!(names, ["a", "b"]);
        assert!(sets(&folder.path().join("nothing")).is_err());
    }
}
