//! Audio features.

use serde_json::{Value, json};

use super::{key_number, mode_number, whole};
use crate::digits::rounded;
use crate::formats::Recording;

/// Highest value of our danceability; Spotify's is 1.
const MAX_DANCEABILITY: f64 = 3.0;

/// Spotify's audio features object. What is not known is `null`; the four values
/// from speechiness to liveness are our hints, which are not Spotify's. The id is the SHA-256 of the bytes.
pub fn features(recording: &Recording<'_>) -> Value {
    let report = recording.report;
    // From −1..=1 to Spotify's 0..=1.
    let valence = report.emotion.valence.value.and_then(|value| rounded(0.5 * (value + 1.0), 3));
    let danceability =
        report.dynamics.danceability.and_then(|value| rounded(value / MAX_DANCEABILITY, 3));
    json!({
        "danceability": danceability,
        "energy": report.dynamics.energy,
        "key": key_number(&report.key),
        "loudness": report.loudness.integrated_lufs,
        "mode": mode_number(report.key.mode),
        "speechiness": report.emotion.speechiness_hint,
        "acousticness": report.emotion.acousticness_hint,
        "instrumentalness": report.emotion.instrumentalness_hint,
        "liveness": report.emotion.liveness_hint,
        "valence": valence,
        "tempo": report.tempo.bpm,
        "type": "audio_features",
        "id": report.source.sha256,
        "uri": null,
        "track_href": null,
        "analysis_url": null,
        "duration_ms": rounded(1000.0 * report.source.duration_s, 0).map(whole),
        "time_signature": report.rhythm.meter.beats_per_bar,
    })
}
