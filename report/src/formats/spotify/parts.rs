//! Sections and segments of the audio analysis.

use serde_json::{Value, json};

use super::{key_number, mode_number};
use crate::digits::{rounded, rounded_all};
use crate::formats::{FormatError, Recording};

/// Sections. Tempo and key are those of the whole recording, with their confidence; what is not measured is `null`.
pub(super) fn sections(recording: &Recording<'_>) -> Vec<Value> {
    let report = recording.report;
    let section = |section: &crate::Section| {
        json!({
            "start": section.start_s,
            "duration": length(section.start_s, section.end_s),
            "confidence": section.confidence,
            "loudness": null,
            "tempo": report.tempo.bpm,
            "tempo_confidence": report.tempo.confidence,
            "key": key_number(&report.key),
            "key_confidence": report.key.confidence,
            "mode": mode_number(report.key.mode),
            "mode_confidence": report.key.confidence,
            "time_signature": null,
            "time_signature_confidence": null,
        })
    };
    report.structure.sections.iter().map(section).collect()
}

/// Segments. The loudness at the end is that at the start of the next one, which Spotify gives for the last one only.
pub(super) fn segments(recording: &Recording<'_>) -> Result<Vec<Value>, FormatError> {
    let segments = &recording.details()?.segments;
    let end = recording.report.source.duration_s;
    let ends = segments.iter().skip(1).map(|next| next.start_s).chain([end]);
    let values = segments.iter().zip(ends).map(|(segment, end_s)| {
        json!({
            "start": segment.start_s,
            "duration": length(segment.start_s, end_s),
            "confidence": rounded(segment.confidence, 3),
            "loudness_start": segment.loudness_start_db,
            "loudness_max": segment.loudness_max_db,
            "loudness_max_time": segment.loudness_max_time_s,
            "loudness_end": 0.0,
            "pitches": rounded_all(&segment.pitches, 3),
            "timbre": rounded_all(&segment.timbre, 2),
        })
    });
    Ok(values.collect())
}

fn length(start_s: f64, end_s: f64) -> Option<f64> {
    rounded((end_s - start_s).max(0.0), 5)
}
