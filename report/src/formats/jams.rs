//! JSON Annotated Music Specification.
//!
//! # Source
//!
//! Humphrey et al. (2014), "JAMS: a JSON annotated music specification for reproducible MIR research"; the schema of
//! the Python package `jams` 0.3.4, which accepts what is written here.

use serde::Serialize;
use serde_json::{Value, json};

use crate::digits::rounded;
use crate::formats::{Recording, bars};
use crate::{Mode, Tonic};

/// Version of JAMS that is written.
const JAMS_VERSION: &str = "0.3.4";

/// Tempo, beats, key, sections, mood, and where there is speech, music and noise; an annotation of what is not known has no observations.
pub fn document(recording: &Recording<'_>) -> Value {
    let Recording { report, tags, .. } = recording;
    let duration_s = report.source.duration_s;
    let annotation = |namespace: &str, data: Vec<Value>| {
        json!({
            "annotation_metadata": {
                "curator": { "name": "", "email": "" },
                "annotator": {},
                "version": format!("analysis {}", report.analysis_version),
                "corpus": "",
                "annotation_tools": "Consort",
                "annotation_rules": "",
                "validation": "",
                "data_source": "program",
            },
            "namespace": namespace,
            "data": data,
            "sandbox": {},
            "time": 0.0,
            "duration": duration_s,
        })
    };
    let mut identifiers = json!({ "sha256": report.source.sha256 });
    for (name, value) in
        [("isrc", &tags.isrc), ("musicbrainz_recording", &tags.musicbrainz_recording_id)]
    {
        if let Some(value) = value {
            identifiers[name] = json!(value);
        }
    }
    json!({
        "annotations": [
            annotation("tempo", tempo(recording)),
            annotation("beat", beats(recording)),
            annotation("key_mode", key(recording)),
            annotation("segment_open", sections(recording)),
            annotation("mood_thayer", mood(recording)),
            annotation("tag_open", sounds(recording)),
        ],
        "file_metadata": {
            "title": tags.title.as_deref().unwrap_or_default(),
            "artist": tags.artist.as_deref().unwrap_or_default(),
            "release": tags.album.as_deref().unwrap_or_default(),
            "duration": duration_s,
            "identifiers": identifiers,
            "jams_version": JAMS_VERSION,
        },
        "sandbox": {},
    })
}

fn observation(
    time_s: f64,
    duration_s: f64,
    value: impl Serialize,
    confidence: Option<f64>,
) -> Value {
    json!({ "time": time_s, "duration": duration_s, "value": value, "confidence": confidence })
}

fn tempo(recording: &Recording<'_>) -> Vec<Value> {
    let tempo = &recording.report.tempo;
    let whole = recording.report.source.duration_s;
    tempo.bpm.map(|bpm| observation(0.0, whole, bpm, tempo.confidence)).into_iter().collect()
}

fn beats(recording: &Recording<'_>) -> Vec<Value> {
    let rhythm = &recording.report.rhythm;
    let beats = rhythm.beats.iter().zip(bars::positions(rhythm));
    beats.map(|(&time_s, place)| observation(time_s, 0.0, place, rhythm.confidence)).collect()
}

fn key(recording: &Recording<'_>) -> Vec<Value> {
    let key = &recording.report.key;
    let whole = recording.report.source.duration_s;
    let name = |tonic: Tonic, mode: Mode| format!("{tonic}:{mode}");
    if key.regions.is_empty() {
        let lone = key.tonic.zip(key.mode);
        return lone
            .map(|(tonic, mode)| observation(0.0, whole, name(tonic, mode), key.confidence))
            .into_iter()
            .collect();
    }
    let regions = key.regions.iter();
    regions
        .map(|region| {
            let duration_s = rounded((region.end_s - region.start_s).max(0.0), 5).unwrap_or(0.0);
            let value = name(region.tonic, region.mode);
            observation(region.start_s, duration_s, value, Some(region.confidence))
        })
        .collect()
}

/// Valence and arousal of the whole, as sure as the less certain of them.
fn mood(recording: &Recording<'_>) -> Vec<Value> {
    let emotion = &recording.report.emotion;
    let (valence, arousal) = (&emotion.valence, &emotion.arousal);
    let confidence = valence.confidence.zip(arousal.confidence).map(|(a, b)| a.min(b));
    let whole = recording.report.source.duration_s;
    let pair = valence.value.zip(arousal.value);
    pair.map(|(v, a)| observation(0.0, whole, [v, a], confidence)).into_iter().collect()
}

fn sections(recording: &Recording<'_>) -> Vec<Value> {
    let sections = recording.report.structure.sections.iter();
    sections
        .map(|section| {
            let duration_s = rounded(section.end_s - section.start_s, 5).unwrap_or(0.0);
            observation(section.start_s, duration_s, &section.label, Some(section.confidence))
        })
        .collect()
}

/// Speech, music and noise.
fn sounds(recording: &Recording<'_>) -> Vec<Value> {
    let ranges = recording.report.voice.ranges.iter();
    ranges
        .map(|range| {
            let duration_s = rounded((range.end_s - range.start_s).max(0.0), 5).unwrap_or(0.0);
            observation(range.start_s, duration_s, range.kind, Some(range.confidence))
        })
        .collect()
}
