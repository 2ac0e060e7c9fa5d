//! Audio analysis.

use serde_json::{Value, json};

use super::{key_number, mode_number, parts, whole};
use crate::Rhythm;
use crate::digits::rounded;
use crate::formats::{FormatError, Recording};

/// Rate that Spotify analyses at, and that we do, Hz.
const ANALYSIS_RATE_HZ: u32 = 22_050;

/// Spotify's audio analysis object. What is not measured is `null`, a list that is not known is empty.
///
/// # Errors
///
/// [`FormatError::NoDetails`].
pub fn analysis(recording: &Recording<'_>) -> Result<Value, FormatError> {
    Ok(json!({
        "meta": meta(recording),
        "track": track(recording),
        "bars": bars(recording),
        "beats": beats(recording),
        "sections": parts::sections(recording)?,
        "segments": parts::segments(recording)?,
        "tatums": tatums(recording),
    }))
}

fn meta(recording: &Recording<'_>) -> Value {
    let source = &recording.report.source;
    json!({
        "analyzer_version": format!("consort {}", recording.report.analysis_version),
        "platform": "consort",
        "detailed_status": "OK",
        "status_code": 0,
        "timestamp": null,
        "analysis_time": null,
        "input_process": format!(
            "{} {} {} Hz {} channels",
            source.container, source.codec, source.sample_rate_hz, source.n_channels
        ),
    })
}

fn track(recording: &Recording<'_>) -> Value {
    let report = recording.report;
    let duration_s = report.source.duration_s;
    json!({
        "num_samples": rounded(duration_s * f64::from(ANALYSIS_RATE_HZ), 0).map(whole),
        "duration": duration_s,
        "sample_md5": null,
        "offset_seconds": 0,
        "window_seconds": 0,
        "analysis_sample_rate": ANALYSIS_RATE_HZ,
        "analysis_channels": 1,
        "end_of_fade_in": report.structure.fade_in_end_s,
        "start_of_fade_out": report.structure.fade_out_start_s,
        "loudness": report.loudness.integrated_lufs,
        "tempo": report.tempo.bpm,
        "tempo_confidence": report.tempo.confidence,
        "time_signature": report.rhythm.meter.beats_per_bar,
        "time_signature_confidence": report.rhythm.meter.confidence,
        "key": key_number(&report.key),
        "key_confidence": report.key.confidence,
        "mode": mode_number(report.key.mode),
        "mode_confidence": report.key.confidence,
        "codestring": null,
        "code_version": null,
        "echoprintstring": null,
        "echoprint_version": null,
        "synchstring": null,
        "synch_version": null,
        "rhythmstring": null,
        "rhythm_version": null,
    })
}

fn beats(recording: &Recording<'_>) -> Vec<Value> {
    let rhythm = &recording.report.rhythm;
    let end = recording.report.source.duration_s;
    intervals(&rhythm.beats, end)
        .enumerate()
        .map(|(beat, (start, duration))| interval(start, duration, strength(rhythm, beat)))
        .collect()
}

/// How clearly a beat is heard; reports of before that was measured have one value for all beats.
fn strength(rhythm: &Rhythm, beat: usize) -> Option<f64> {
    rhythm.beat_strengths.get(beat).copied().or(rhythm.confidence)
}

fn bars(recording: &Recording<'_>) -> Vec<Value> {
    let meter = &recording.report.rhythm.meter;
    intervals(&meter.downbeats, recording.report.source.duration_s)
        .map(|(start, duration)| interval(start, duration, meter.downbeat_confidence))
        .collect()
}

/// Beats in equal parts, each with the confidence of its beat.
fn tatums(recording: &Recording<'_>) -> Vec<Value> {
    let rhythm = &recording.report.rhythm;
    let Some(n) = rhythm.tatums_per_beat.filter(|&n| n > 0) else { return Vec::new() };
    let end = recording.report.source.duration_s;
    intervals(&rhythm.beats, end)
        .enumerate()
        .flat_map(|(beat, (start, duration))| {
            let part = duration / f64::from(n);
            (0..n).map(move |k| {
                let start = rounded(start + part * f64::from(k), 5).unwrap_or(start);
                interval(start, rounded(part, 5).unwrap_or(0.0), strength(rhythm, beat))
            })
        })
        .collect()
}

fn interval(start_s: f64, duration_s: f64, confidence: Option<f64>) -> Value {
    json!({ "start": start_s, "duration": duration_s, "confidence": confidence })
}

/// Each time with the duration to the next one; the last one is as long as the one before it, but not beyond `whole_s`.
fn intervals(times_s: &[f64], whole_s: f64) -> impl Iterator<Item = (f64, f64)> {
    let last_end = match times_s {
        [.., before, last] => (*last + (last - before)).min(whole_s).max(*last),
        _ => whole_s,
    };
    let ends = times_s.iter().skip(1).copied().chain([last_end]);
    let length = |start: f64, end: f64| rounded((end - start).max(0.0), 5).unwrap_or(0.0);
    times_s.iter().copied().zip(ends).map(move |(start, end)| (start, length(start, end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_reach_to_the_next_one_and_not_beyond_the_end() {
        let of = |times: &[f64], end| intervals(times, end).collect::<Vec<_>>();
        assert_eq!(of(&[0.5, 1.0, 1.6], 9.0), [(0.5, 0.5), (1.0, 0.6), (1.6, 0.6)]);
        assert_eq!(of(&[0.5, 1.0], 1.2), [(0.5, 0.5), (1.0, 0.2)]);
        assert_eq!(of(&[0.5], 2.0), [(0.5, 1.5)]);
        assert_eq!(of(&[], 2.0), []);
    }
}
