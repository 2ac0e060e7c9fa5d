//! What we hear in recordings, kept in a file so that another run need not listen again.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context as _, Result};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use matching::Descriptor;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::collection::Track;
use crate::whole::analysed_file;

/// What is compared of one recording.
#[derive(Debug, Clone)]
pub struct Heard {
    /// What matching knows.
    pub descriptor: Descriptor,
    /// Plain statistics of the cepstrum; `None` where the recording has none.
    pub cepstrum: Option<Cepstrum>,
}

/// Statistics of the mel-frequency cepstral coefficients over a whole recording, without the first: it is the level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cepstrum {
    /// Mean of each coefficient.
    pub mean: Vec<f32>,
    /// Upper triangle of the covariance, row by row.
    pub covariance: Vec<f32>,
}

impl Cepstrum {
    /// Of a spectrum; nothing is left of one of a single coefficient.
    fn of(spectral: &dsp::Spectral) -> Self {
        Self {
            mean: spectral.mfcc.iter().skip(1).map(|stats| stats.mean).collect(),
            covariance: spectral.mfcc_covariance[spectral.mfcc.len()..].to_vec(),
        }
    }

    /// Variance of each coefficient.
    pub fn variances(&self) -> impl Iterator<Item = f32> {
        let n = self.mean.len();
        // Each row of the triangle is one shorter than the one before.
        (0..n).map(move |row| self.covariance[row * (2 * n + 1 - row) / 2])
    }
}

/// A line of the file.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    path: PathBuf,
    n_bytes: u64,
    modified_s: u64,
    analysis_version: u32,
    descriptor: String,
    cepstrum: Option<Cepstrum>,
}

/// What is heard in each track, several at once; `None` where one cannot be analysed, which `report` is told.
///
/// With `keep` what that file has of a recording is taken from it, unless the recording has changed since (length, time) or another
/// version of the analysis wrote it; and the file is written anew.
///
/// # Errors
///
/// When the file cannot be read or written.
pub fn all(
    tracks: &[Track],
    keep: Option<&Path>,
    report: impl Fn(&str) + Sync,
) -> Result<Vec<Option<Heard>>> {
    let kept = keep.map_or_else(|| Ok(HashMap::new()), read)?;
    let lines: Vec<Option<Line>> = tracks
        .par_iter()
        .map(|track| {
            line(&track.path, &kept)
                .inspect_err(|error| report(&format!("{}: left out: {error:#}", track.name)))
                .ok()
        })
        .collect();
    if let Some(path) = keep {
        let lines: Result<Vec<String>, _> =
            lines.iter().flatten().map(serde_json::to_string).collect();
        std::fs::write(path, lines?.join("\n") + "\n")
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    lines.into_iter().map(|line| line.map(heard).transpose()).collect()
}

fn read(path: &Path) -> Result<HashMap<PathBuf, Line>> {
    if !path.exists() {
        return Ok(HashMap::new());
    }
    let place = || format!("cannot read {}", path.display());
    let text = std::fs::read_to_string(path).with_context(place)?;
    text.lines()
        .map(|line| {
            let line: Line = serde_json::from_str(line).with_context(place)?;
            Ok((line.path.clone(), line))
        })
        .collect()
}

/// The line of a recording, from those that are kept if one is of it.
fn line(path: &Path, kept: &HashMap<PathBuf, Line>) -> Result<Line> {
    let path = path.canonicalize()?;
    let about = path.metadata()?;
    let n_bytes = about.len();
    let modified_s = about.modified()?.duration_since(UNIX_EPOCH)?.as_secs();
    let analysis_version = dsp::ANALYSIS_VERSION;
    if let Some(Line { descriptor, cepstrum, .. }) = kept.get(&path).filter(|line| {
        (line.n_bytes, line.modified_s, line.analysis_version)
            == (n_bytes, modified_s, analysis_version)
    }) {
        let (descriptor, cepstrum) = (descriptor.clone(), cepstrum.clone());
        return Ok(Line { path, n_bytes, modified_s, analysis_version, descriptor, cepstrum });
    }
    let analysis = analysed_file(&path)?;
    let descriptor = BASE64_STANDARD.encode(Descriptor::new(&analysis).to_bytes());
    let cepstrum = analysis.spectral.as_ref().ok().map(Cepstrum::of);
    Ok(Line { path, n_bytes, modified_s, analysis_version, descriptor, cepstrum })
}

fn heard(line: Line) -> Result<Heard> {
    let bytes = BASE64_STANDARD.decode(&line.descriptor)?;
    let place = || line.path.display().to_string();
    let descriptor = Descriptor::from_bytes(&bytes).with_context(place)?;
    Ok(Heard { descriptor, cepstrum: line.cepstrum })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn track(path: PathBuf) -> Track {
        let name = path.display().to_string();
        let group = name.clone();
        Track { name, path, group, artist: None, style: None, transform: None }
    }

    #[test]
    fn variances_are_the_diagonal() {
        let covariance = vec![1.0, 0.1, 0.2, 2.0, 0.3, 3.0];
        let cepstrum = Cepstrum { mean: vec![0.0; 3], covariance };
        assert_eq!(cepstrum.variances().collect::<Vec<_>>(), [1.0, 2.0, 3.0]);
    }

    #[test]
    fn what_is_kept_is_what_was_heard_until_the_recording_changes() {
        let folder = tempfile::tempdir().unwrap();
        let wav = |hz| fixtures::wav_i16(&fixtures::sine(hz, 22_050, 44_100), 22_050, 1);
        let (sound, keep) = (folder.path().join("a.wav"), folder.path().join("kept"));
        std::fs::write(&sound, wav(440.0)).unwrap();
        let nothing = folder.path().join("nothing.wav");
        let tracks = [track(sound.clone()), track(nothing)];
        let n_reported = AtomicUsize::new(0);
        let run = |keep: Option<&Path>| {
            let count = |_: &str| {
                n_reported.fetch_add(1, Ordering::Relaxed);
            };
            all(&tracks, keep, count).unwrap()[0].clone().unwrap().descriptor
        };
        let heard = run(Some(&keep));
        assert_eq!(n_reported.load(Ordering::Relaxed), 1);
        assert_eq!(run(None), heard);
        // The file is believed: a recording that cannot be told from the one before is not listened to.
        let kept = std::fs::read_to_string(&keep).unwrap();
        std::fs::write(&keep, kept.replace("\"modified_s\":", "\"modified_s\":1")).unwrap();
        assert_eq!(run(Some(&keep)), heard);
        assert_eq!(std::fs::read_to_string(&keep).unwrap(), kept);
        std::fs::write(&sound, &wav(880.0)[..60_000]).unwrap();
        assert_ne!(run(Some(&keep)), heard);
    }
}
