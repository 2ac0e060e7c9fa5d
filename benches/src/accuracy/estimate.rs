//! What a program says of a recording.

use std::fs::File;
use std::path::Path;

use anyhow::{Context as _, Result};
use decode::{Decoder, Limits};
use dsp::{Analysis, Analyzer, Rhythm};

use super::metrics::key::Key;

/// What a program says to one question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Answer<T> {
    /// It does not deal with the question.
    NotOffered,
    /// It deals with the question and has no answer for this recording.
    Unknown,
    /// Its answer.
    Known(T),
}

impl<T> Answer<T> {
    /// The answer, if there is one.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::NotOffered | Self::Unknown => None,
        }
    }
}

impl<T> From<Option<T>> for Answer<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Unknown, Self::Known)
    }
}

/// All answers of one program about one recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// Beats per minute.
    pub tempo_bpm: Answer<f64>,
    /// Confidence of the tempo, 0..=1; 0 without one.
    pub tempo_confidence: f64,
    /// Key.
    pub key: Answer<Key>,
    /// Confidence of the key, 0..=1; 0 without one.
    pub key_confidence: f64,
    /// Times of the beats, s, ascending.
    pub beats_s: Answer<Vec<f64>>,
    /// Times of the first beats of bars, s, ascending.
    pub downbeats_s: Answer<Vec<f64>>,
    /// Length of the recording, s, where the program says it.
    pub duration_s: Option<f64>,
}

impl Estimate {
    /// No answer to anything.
    pub fn unknown() -> Self {
        Self {
            tempo_bpm: Answer::Unknown,
            tempo_confidence: 0.0,
            key: Answer::Unknown,
            key_confidence: 0.0,
            beats_s: Answer::Unknown,
            downbeats_s: Answer::Unknown,
            duration_s: None,
        }
    }

    /// Our own answers.
    pub fn new(analysis: &Analysis) -> Self {
        let tempo = analysis.tempo.as_ref().ok();
        let key = analysis.key.as_ref().ok();
        let rhythm = analysis.rhythm.as_ref().ok();
        Self {
            tempo_bpm: tempo.map(|tempo| tempo.bpm).into(),
            tempo_confidence: tempo.map_or(0.0, |tempo| tempo.confidence),
            key: key.map(|key| Key { tonic: key.tonic, mode: key.mode }).into(),
            key_confidence: key.map_or(0.0, |key| key.confidence),
            beats_s: rhythm.map(|rhythm| rhythm.beats_s.clone()).into(),
            downbeats_s: rhythm.and_then(downbeats_s).into(),
            duration_s: Some(analysis.input.duration_s),
        }
    }

    /// Our own answers about a file, decoded and analysed in this process.
    ///
    /// # Errors
    ///
    /// When it cannot be read, decoded or analysed.
    pub fn of_file(path: &Path) -> Result<Self> {
        let extension = path.extension().and_then(|extension| extension.to_str());
        let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
        let mut decoder = Decoder::open(file, extension, &Limits::default())?;
        let format = decoder.format();
        let mut analyzer = Analyzer::new(format.sample_rate_hz, format.n_channels)?;
        while let Some(block) = decoder.next_block()? {
            analyzer.push(block)?;
        }
        Ok(Self::new(&analyzer.finish()))
    }
}

/// Times of the first beats of bars, where the metre is known.
fn downbeats_s(rhythm: &Rhythm) -> Option<Vec<f64>> {
    let meter = rhythm.meter.as_ref().ok()?;
    Some(meter.downbeats.iter().filter_map(|&n| rhythm.beats_s.get(n).copied()).collect())
}
