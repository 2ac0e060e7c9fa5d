//! What everything costs: bytes to report and descriptor.

use std::fs::File;
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use decode::{Decoder, Limits};
use dsp::{Analysis, Analyzer};
use fixtures::clips;
use matching::Descriptor;
use report::{Report, Source};
use worker::MediaLimits;
use worker::child::Media;

use crate::clock::Runs;
use crate::cost::{Group, Row};

/// The analysis of `bytes`, as the service does it.
///
/// # Errors
///
/// When they cannot be decoded, or hold a signal that the analysis refuses.
pub fn analysed(bytes: &Arc<[u8]>, extension: &str) -> Result<Analysis> {
    analysis(Decoder::open(Cursor::new(Arc::clone(bytes)), Some(extension), &Limits::default())?)
}

/// The analysis of the recording at `path`.
///
/// # Errors
///
/// As [`analysed`], and when it cannot be read.
pub fn analysed_file(path: &Path) -> Result<Analysis> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    analysis(Decoder::open(File::open(path)?, extension, &Limits::default())?)
}

fn analysis(mut decoder: Decoder) -> Result<Analysis> {
    let format = decoder.format();
    let mut analyzer = Analyzer::new(format.sample_rate_hz, format.n_channels)?;
    while let Some(block) = decoder.next_block()? {
        analyzer.push(block)?;
    }
    Ok(analyzer.finish())
}

/// What is stored of `analysis`: the report as JSON and the descriptor as bytes.
///
/// # Errors
///
/// When the report cannot be written as JSON.
pub fn outputs(analysis: &Analysis) -> Result<(String, Vec<u8>)> {
    let source = Source {
        sha256: "0".repeat(64),
        n_bytes: 0,
        container: String::new(),
        codec: String::new(),
        sample_rate_hz: analysis.input.sample_rate_hz,
        n_channels: analysis.input.n_channels,
        duration_s: analysis.input.duration_s,
        truncated: false,
        n_bad_packets: 0,
    };
    let json = serde_json::to_string(&Report::new(analysis, source))?;
    Ok((json, Descriptor::new(analysis).to_bytes()))
}

/// What the service's child does with the recording at `path` once it runs: bytes to the line that it answers with. The
/// hash of the decoded sound is part of it; that of the file is known from the upload.
///
/// # Errors
///
/// When it cannot be read or analysed.
pub fn answered(path: &Path) -> Result<String> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let extension = path.extension().map(|extension| extension.to_string_lossy().into_owned());
    let media = Media { file, extension, sha256: Some("0".repeat(64)) };
    let outcome = worker::child::analyze(media, &MediaLimits::default(), None, |_| {})
        .map_err(|failure| anyhow!("{}: {}", failure.code, failure.detail))?;
    Ok(serde_json::to_string(&outcome)?)
}

/// The long music as WAV: the row that shares refer to.
///
/// # Errors
///
/// When it cannot be written to a file or analysed.
pub fn wav(bytes: &[u8], input: &str, minutes: f64, n_runs: usize) -> Result<Row> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("music.wav");
    std::fs::write(&path, bytes)?;
    answered(&path)?;
    let runs = Runs::of(n_runs, || answered(&path));
    Ok(Row::new(Group::Whole, "whole analysis, from WAV", input, &runs, minutes))
}

/// All committed recordings in all their formats; short, so that what each file costs once counts for more.
///
/// # Errors
///
/// When one of them cannot be read or analysed.
pub fn committed(n_runs: usize) -> Result<Row> {
    let mut recordings = Vec::new();
    let mut minutes = 0.0;
    for clip in clips() {
        let path = clip.path();
        let bytes: Arc<[u8]> =
            std::fs::read(&path).with_context(|| format!("cannot read {}", clip.file))?.into();
        let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
        analysed(&bytes, &extension).with_context(|| format!("cannot analyse {}", clip.file))?;
        minutes += clip.truth.duration_s / 60.0;
        recordings.push((bytes, extension));
    }
    let runs = Runs::of(n_runs, || -> Result<()> {
        for (bytes, extension) in &recordings {
            std::hint::black_box(outputs(&analysed(bytes, extension)?)?);
        }
        Ok(())
    });
    let input = format!("{} clips of 15 to 20 s in 6 codecs", recordings.len());
    Ok(Row::new(Group::Whole, "whole analysis, of each fixture", &input, &runs, minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_gives_a_report_and_a_descriptor() {
        let samples = fixtures::clicks(120.0, 22_050, 6.0);
        let analysis = analysed(&fixtures::wav_i16(&samples, 22_050, 1).into(), "wav").unwrap();
        let (json, descriptor) = outputs(&analysis).unwrap();
        assert!(json.contains("\"tempo\""), "{json}");
        assert!(!descriptor.is_empty());
    }

    #[test]
    fn what_the_child_answers_has_the_hash_of_the_sound() {
        let samples = fixtures::clicks(120.0, 22_050, 6.0);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("clicks.wav");
        std::fs::write(&path, fixtures::wav_i16(&samples, 22_050, 1)).unwrap();
        assert!(answered(&path).unwrap().contains("\"pcm_hash\":\""));
    }
}
