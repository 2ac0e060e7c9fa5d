//! `peers.jsonl`: what other programs said, one line a program and recording.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::annotation;
use super::estimate::{Answer, Estimate};
use super::metrics::key::Key;

/// Peers with trained networks: shown beside, but not what an analysis without a model has to reach.
const WITH_NETWORKS: [&str; 1] = ["madmom"];

/// Another program.
#[derive(Debug, Clone, PartialEq)]
pub struct Peer {
    /// Its name.
    pub name: String,
    /// What it said, by file.
    pub estimates: BTreeMap<String, Estimate>,
}

impl Peer {
    /// Whether it is of our kind, so that its figures are the ones to reach.
    pub fn is_rival(&self) -> bool {
        !WITH_NETWORKS.contains(&self.name.as_str())
    }
}

/// One line; a question that is missing or `null` has no answer.
#[derive(Debug, Deserialize)]
struct Line {
    peer: String,
    file: String,
    tempo_bpm: Option<f64>,
    beats: Option<Vec<f64>>,
    downbeats: Option<Vec<f64>>,
    key: Option<String>,
    mode: Option<String>,
}

impl Line {
    fn key(&self) -> Option<Key> {
        annotation::key(&format!("{} {}", self.key.as_deref()?, self.mode.as_deref()?))
    }
}

/// The peers of a folder by name; none if it has no `peers.jsonl`. A question that a program answers for no recording
/// counts as not offered.
///
/// # Errors
///
/// When the file cannot be read.
pub fn read(folder: &Path) -> Result<Vec<Peer>> {
    let path = folder.join("peers.jsonl");
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let mut peers: BTreeMap<String, Vec<Line>> = BTreeMap::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let line: Line = serde_json::from_str(line)
            .with_context(|| format!("cannot read {}", path.display()))?;
        peers.entry(line.peer.clone()).or_default().push(line);
    }
    Ok(peers.into_iter().map(|(name, lines)| Peer { name, estimates: estimates(&lines) }).collect())
}

fn estimates(lines: &[Line]) -> BTreeMap<String, Estimate> {
    let offers_tempo = lines.iter().any(|line| line.tempo_bpm.is_some());
    let offers_beats = lines.iter().any(|line| line.beats.is_some());
    let offers_downbeats = lines.iter().any(|line| line.downbeats.is_some());
    let offers_key = lines.iter().any(|line| line.key().is_some());
    let estimate = |line: &Line| Estimate {
        tempo_bpm: answer(offers_tempo, line.tempo_bpm.filter(|bpm| *bpm > 0.0)),
        key: answer(offers_key, line.key()),
        beats_s: answer(offers_beats, line.beats.clone()),
        downbeats_s: answer(offers_downbeats, line.downbeats.clone()),
        ..Estimate::unknown()
    };
    lines.iter().map(|line| (line.file.clone(), estimate(line))).collect()
}

fn answer<T>(is_offered: bool, value: Option<T>) -> Answer<T> {
    if is_offered { value.into() } else { Answer::NotOffered }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_without_any_answer_is_not_offered() {
        let folder = tempfile::tempdir().unwrap();
        let lines = r#"{"peer": "a", "file": "x", "tempo_bpm": 120.0, "beats": [], "key": null, "mode": null}
{"peer": "a", "file": "y", "tempo_bpm": null, "beats": [1.5], "key": null, "mode": null, "other": 1}
{"peer": "b", "file": "x", "tempo_bpm": null, "beats": null, "key": "Bb", "mode": "major"}
"#;
        std::fs::write(folder.path().join("peers.jsonl"), lines).unwrap();
        let peers = read(folder.path()).unwrap();
        let a = &peers[0].estimates;
        assert_eq!(a["x"].tempo_bpm, Answer::Known(120.0));
        assert_eq!(a["y"].tempo_bpm, Answer::Unknown);
        assert_eq!(a["y"].key, Answer::NotOffered);
        assert_eq!(a["x"].beats_s, Answer::Known(vec![]));
        let b = &peers[1].estimates;
        assert_eq!(b["x"].key.known().map(|key| key.tonic), Some(10));
        assert_eq!(b["x"].tempo_bpm, Answer::NotOffered);
        assert_eq!(read(&folder.path().join("none")).unwrap(), []);
    }
}
