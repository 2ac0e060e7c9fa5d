//! Sections and segments of the audio analysis.

use dsp::scale::{db_to_power, power_to_db};
use serde_json::{Value, json};

use super::{key_number, mode_number};
use crate::details::LoudnessCurve;
use crate::digits::{rounded, rounded_all};
use crate::formats::{FormatError, Recording};
use crate::{KeyRegion, Section, TempoPoint};

/// Sections. The tempo is the median of the curve inside, the key that of the region that covers most of it; where there is
/// none, both are those of the whole recording. The loudness is the mean power of the momentary loudness inside. What is
/// not measured is `null`.
pub(super) fn sections(recording: &Recording<'_>) -> Result<Vec<Value>, FormatError> {
    let report = recording.report;
    let curve = &recording.details()?.loudness;
    let section = |section: &Section| {
        let region = region(&report.key.regions, section);
        let key = region.map_or_else(
            || key_number(&report.key),
            |region| i32::from(region.tonic.pitch_class()),
        );
        let mode = mode_number(region.map(|region| region.mode).or(report.key.mode));
        let key_confidence = region.map(|region| region.confidence).or(report.key.confidence);
        json!({
            "start": section.start_s,
            "duration": length(section.start_s, section.end_s),
            "confidence": section.confidence,
            "loudness": loudness(curve, section),
            "tempo": tempo(&report.tempo.curve, section).or(report.tempo.bpm),
            "tempo_confidence": report.tempo.confidence,
            "key": key,
            "key_confidence": key_confidence,
            "mode": mode,
            "mode_confidence": key_confidence,
            "time_signature": report.rhythm.meter.beats_per_bar,
            "time_signature_confidence": report.rhythm.meter.confidence,
        })
    };
    Ok(report.structure.sections.iter().map(section).collect())
}

/// Mean power of the momentary windows whose middle lies in a section, LUFS: loudness without gates.
fn loudness(curve: &LoudnessCurve, section: &Section) -> Option<f64> {
    let inside = curve.points().filter(|(t, _)| (section.start_s..section.end_s).contains(t));
    let (sum, n) =
        inside.fold((0.0, 0_u32), |(sum, n), (_, lufs)| (sum + db_to_power(lufs), n + 1));
    if n == 0 { None } else { rounded(power_to_db(sum / f64::from(n)), 2) }
}

/// Median of the local tempo inside a section, of the two in the middle the mean.
fn tempo(curve: &[TempoPoint], section: &Section) -> Option<f64> {
    let inside = curve.iter().filter(|it| (section.start_s..section.end_s).contains(&it.time_s));
    let mut bpm: Vec<f64> = inside.map(|it| it.bpm).collect();
    bpm.sort_by(f64::total_cmp);
    let (low, high) = (bpm.get(bpm.len().saturating_sub(1) / 2)?, bpm.get(bpm.len() / 2)?);
    rounded(0.5 * (low + high), 2)
}

/// The region of a key that covers most of a section, the first of equal ones.
fn region<'a>(regions: &'a [KeyRegion], section: &Section) -> Option<&'a KeyRegion> {
    let shared = |it: &KeyRegion| it.end_s.min(section.end_s) - it.start_s.max(section.start_s);
    let covering = regions.iter().filter(|it| shared(it) > 0.0);
    covering.reduce(|best, next| if shared(next) > shared(best) { next } else { best })
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
