//! One row of a table (RFC 4180, but for line breaks of one character).

use crate::Report;
use crate::formats::Recording;

/// Names of the columns, separated by commas. Columns are added at the end only.
pub fn header() -> String {
    cells(COLUMNS.iter().map(|(name, _)| (*name).to_owned()))
}

/// The values of a recording in the order of [`header`]; what is not known is an empty cell.
pub fn row(recording: &Recording<'_>) -> String {
    cells(COLUMNS.iter().map(|(_, value)| value(recording).unwrap_or_default()))
}

/// One cell: in quotes if it needs them.
pub fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

fn cells(values: impl Iterator<Item = String>) -> String {
    values.map(|value| cell(&value)).collect::<Vec<_>>().join(",")
}

/// A column: its name and what a recording has there.
type Column = (&'static str, fn(&Recording<'_>) -> Option<String>);

fn number(value: Option<f64>) -> Option<String> {
    value.map(|value| value.to_string())
}

fn of(report: &Report, value: impl Fn(&Report) -> Option<f64>) -> Option<String> {
    number(value(report))
}

const COLUMNS: &[Column] = &[
    ("sha256", |r| Some(r.report.source.sha256.clone())),
    ("artist", |r| r.tags.artist.clone()),
    ("title", |r| r.tags.title.clone()),
    ("album", |r| r.tags.album.clone()),
    ("duration_s", |r| of(r.report, |it| Some(it.source.duration_s))),
    ("codec", |r| Some(r.report.source.codec.clone())),
    ("sample_rate_hz", |r| Some(r.report.source.sample_rate_hz.to_string())),
    ("n_channels", |r| Some(r.report.source.n_channels.to_string())),
    ("tempo_bpm", |r| of(r.report, |it| it.tempo.bpm)),
    ("tempo_confidence", |r| of(r.report, |it| it.tempo.confidence)),
    ("tempo_stability", |r| of(r.report, |it| it.tempo.stability)),
    ("n_beats", |r| Some(r.report.rhythm.beats.len().to_string())),
    ("onset_rate_hz", |r| of(r.report, |it| it.rhythm.onset_rate_hz)),
    ("pulse_clarity", |r| of(r.report, |it| it.rhythm.pulse_clarity)),
    ("key", |r| r.report.key.tonic.map(|it| it.to_string())),
    ("mode", |r| r.report.key.mode.map(|it| it.to_string())),
    ("key_confidence", |r| of(r.report, |it| it.key.confidence)),
    ("camelot", |r| r.report.key.camelot.clone()),
    ("open_key", |r| r.report.key.open_key.clone()),
    ("tuning_cents", |r| of(r.report, |it| it.key.tuning_cents)),
    ("integrated_lufs", |r| of(r.report, |it| it.loudness.integrated_lufs)),
    ("loudness_range_lu", |r| of(r.report, |it| it.loudness.range_lu)),
    ("true_peak_dbtp", |r| of(r.report, |it| it.loudness.true_peak_dbtp)),
    ("centroid_hz", |r| of(r.report, |it| it.spectral.centroid_hz.map(|stats| stats.mean))),
    ("valence", |r| of(r.report, |it| it.emotion.valence.value)),
    ("arousal", |r| of(r.report, |it| it.emotion.arousal.value)),
    ("tension", |r| of(r.report, |it| it.emotion.tension.value)),
    ("energy", |r| of(r.report, |it| it.dynamics.energy)),
    ("danceability", |r| of(r.report, |it| it.dynamics.danceability)),
    ("dynamic_complexity_db", |r| of(r.report, |it| it.dynamics.dynamic_complexity_db)),
    ("crest_db", |r| of(r.report, |it| it.dynamics.crest_db)),
    ("n_sections", |r| Some(r.report.structure.sections.len().to_string())),
    ("analysis_version", |r| Some(r.report.analysis_version.to_string())),
    ("mood_quadrant", |r| r.report.emotion.quadrant.map(|it| it.to_string())),
    ("happy", |r| of(r.report, |it| it.emotion.concepts.happy.value)),
    ("sad", |r| of(r.report, |it| it.emotion.concepts.sad.value)),
    ("tender", |r| of(r.report, |it| it.emotion.concepts.tender.value)),
    ("anger", |r| of(r.report, |it| it.emotion.concepts.anger.value)),
    ("fear", |r| of(r.report, |it| it.emotion.concepts.fear.value)),
    ("acousticness_hint", |r| of(r.report, |it| it.emotion.acousticness_hint)),
    ("instrumentalness_hint", |r| of(r.report, |it| it.emotion.instrumentalness_hint)),
    ("liveness_hint", |r| of(r.report, |it| it.emotion.liveness_hint)),
    ("speechiness_hint", |r| of(r.report, |it| it.emotion.speechiness_hint)),
    ("speech_share", |r| of(r.report, |it| it.voice.speech_share)),
    ("voice_arousal", |r| of(r.report, |it| it.voice.arousal.value)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_what_would_be_torn() {
        assert_eq!(cell("plain"), "plain");
        assert_eq!(cell("a, b"), "\"a, b\"");
        assert_eq!(cell("7\" single"), "\"7\"\" single\"");
        assert_eq!(cell("two\nlines"), "\"two\nlines\"");
    }
}
