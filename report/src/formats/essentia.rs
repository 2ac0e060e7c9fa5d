//! The low-level shape of Essentia's music extractor, which is that of AcousticBrainz.
//!
//! Only the fields that we have, by Essentia's names; what Essentia defines otherwise is left out. The spectral values
//! are ours (librosa's definitions at 22 050 Hz), so that they are near those of Essentia, but not the same.

use serde_json::{Value, json};

use crate::Stats;
use crate::digits::rounded;
use crate::formats::Recording;

/// Rate at which everything but the loudness is measured, Hz.
const ANALYSIS_RATE_HZ: u32 = 22_050;
/// Pitch classes from C up to A, where Essentia's profile begins.
const C_TO_A: usize = 9;

/// Metadata, low level, rhythm and tonality; what is not known is `null`.
pub fn low_level(recording: &Recording<'_>) -> Value {
    json!({
        "metadata": metadata(recording),
        "lowlevel": lowlevel(recording),
        "rhythm": rhythm(recording),
        "tonal": tonal(recording),
    })
}

fn metadata(recording: &Recording<'_>) -> Value {
    let Recording { report, tags, .. } = recording;
    let source = &report.source;
    #[expect(clippy::cast_precision_loss, reason = "sizes stay far below 2^52 bytes")]
    let bits = 8.0 * source.n_bytes as f64;
    let bit_rate = (source.duration_s > 0.0).then(|| rounded(bits / source.duration_s, 0));
    let mut words = json!({});
    for (name, value) in [
        ("title", &tags.title),
        ("artist", &tags.artist),
        ("album", &tags.album),
        ("isrc", &tags.isrc),
        ("musicbrainz_recordingid", &tags.musicbrainz_recording_id),
        ("musicbrainz_albumid", &tags.musicbrainz_release_id),
        ("musicbrainz_artistid", &tags.musicbrainz_artist_id),
    ] {
        if let Some(value) = value {
            words[name] = json!([value]);
        }
    }
    if let Some(number) = tags.track_number {
        words["tracknumber"] = json!([number.to_string()]);
    }
    json!({
        "audio_properties": {
            "analysis_sample_rate": ANALYSIS_RATE_HZ,
            "bit_rate": bit_rate,
            "codec": source.codec,
            "length": source.duration_s,
            "number_channels": source.n_channels,
            "sample_rate": source.sample_rate_hz,
            "sha256_encoded": source.sha256,
        },
        "tags": words,
        "version": { "consort_analysis": report.analysis_version, "consort_report": crate::SCHEMA },
    })
}

fn lowlevel(recording: &Recording<'_>) -> Value {
    let (spectral, loudness) = (&recording.report.spectral, &recording.report.loudness);
    let mfcc = (!spectral.mfcc.is_empty())
        .then(|| json!({ "mean": spectral.mfcc.iter().map(|it| it.mean).collect::<Vec<_>>() }));
    json!({
        "dynamic_complexity": recording.report.dynamics.dynamic_complexity_db,
        "loudness_ebu128": {
            "integrated": loudness.integrated_lufs,
            "loudness_range": loudness.range_lu,
            "momentary": { "max": loudness.momentary_max_lufs },
            "short_term": {
                "max": loudness.short_term_max_lufs,
                "median": loudness.short_term_median_lufs,
            },
        },
        "mfcc": mfcc,
        "spectral_centroid": moments(spectral.centroid_hz),
        "spectral_rolloff": moments(spectral.rolloff_hz),
        "zerocrossingrate": moments(spectral.zero_crossing_rate),
    })
}

fn rhythm(recording: &Recording<'_>) -> Value {
    let (tempo, rhythm) = (&recording.report.tempo, &recording.report.rhythm);
    json!({
        "bpm": tempo.bpm,
        "beats_count": rhythm.beats.len(),
        "beats_position": rhythm.beats,
        "danceability": recording.report.dynamics.danceability,
        "onset_rate": rhythm.onset_rate_hz,
    })
}

fn tonal(recording: &Recording<'_>) -> Value {
    let key = &recording.report.key;
    let tuning = key.tuning_cents.map(|cents| rounded(440.0 * (cents / 1200.0).exp2(), 3));
    let mut profile = key.profile.clone();
    if profile.len() > C_TO_A {
        profile.rotate_left(C_TO_A);
    }
    let profile = (!profile.is_empty()).then(|| json!({ "mean": profile }));
    json!({
        "key_key": key.tonic,
        "key_scale": key.mode,
        "key_strength": key.clarity,
        "tuning_frequency": tuning,
        "hpcp": profile,
    })
}

fn moments(stats: Option<Stats>) -> Option<Value> {
    stats.map(|Stats { mean, std }| json!({ "mean": mean, "var": rounded(std * std, 6) }))
}
