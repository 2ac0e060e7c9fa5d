//! The audio analysis for the OpenAPI document; `report` writes it.

#![expect(dead_code, reason = "describes in the OpenAPI document what `report` writes")]

use utoipa::ToSchema;

/// How it was made.
#[derive(ToSchema)]
#[schema(as = AudioAnalysisMeta)]
struct MetaBody {
    /// Version of the analysis.
    #[schema(example = "consort 11")]
    analyzer_version: String,
    /// `consort`.
    platform: String,
    /// `OK`.
    detailed_status: String,
    /// 0.
    status_code: i32,
    /// Always `null`: the same bytes give the same document.
    timestamp: Option<i64>,
    /// Always `null`.
    analysis_time: Option<f64>,
    /// What the file was.
    input_process: String,
}

/// The whole recording.
#[derive(ToSchema)]
#[schema(as = AudioAnalysisTrack)]
struct TrackBody {
    /// Samples at `analysis_sample_rate`.
    num_samples: Option<i64>,
    /// Seconds.
    duration: f64,
    /// Always `null`.
    sample_md5: Option<String>,
    /// 0.
    offset_seconds: i32,
    /// 0.
    window_seconds: i32,
    /// Hz.
    analysis_sample_rate: u32,
    /// 1.
    analysis_channels: i32,
    /// Where the fade-in ends, seconds.
    end_of_fade_in: Option<f64>,
    /// Where the fade-out begins, seconds.
    start_of_fade_out: Option<f64>,
    /// Integrated loudness, LUFS.
    loudness: Option<f64>,
    /// Beats per minute.
    tempo: Option<f64>,
    /// 0 to 1.
    tempo_confidence: Option<f64>,
    /// Beats per bar.
    time_signature: Option<u8>,
    /// 0 to 1.
    time_signature_confidence: Option<f64>,
    /// Pitch class of the key, C = 0; -1 when unknown.
    #[schema(minimum = -1, maximum = 11)]
    key: i32,
    /// 0 to 1.
    key_confidence: Option<f64>,
    /// 1 is major, 0 minor.
    mode: Option<u8>,
    /// 0 to 1.
    mode_confidence: Option<f64>,
    /// Always `null`.
    codestring: Option<String>,
    /// Always `null`.
    code_version: Option<f64>,
    /// Always `null`.
    echoprintstring: Option<String>,
    /// Always `null`.
    echoprint_version: Option<f64>,
    /// Always `null`.
    synchstring: Option<String>,
    /// Always `null`.
    synch_version: Option<f64>,
    /// Always `null`.
    rhythmstring: Option<String>,
    /// Always `null`.
    rhythm_version: Option<f64>,
}

/// A stretch of time.
#[derive(ToSchema)]
#[schema(as = AudioAnalysisInterval)]
struct IntervalBody {
    /// Where it begins, seconds.
    start: f64,
    /// How long it is, seconds.
    duration: f64,
    /// 0 to 1.
    confidence: Option<f64>,
}

/// A section.
#[derive(ToSchema)]
#[schema(as = AudioAnalysisSection)]
struct SectionBody {
    /// Where it begins, seconds.
    start: f64,
    /// How long it is, seconds.
    duration: Option<f64>,
    /// 0 to 1.
    confidence: Option<f64>,
    /// Mean power of the momentary loudness inside, LUFS.
    loudness: Option<f64>,
    /// Beats per minute.
    tempo: Option<f64>,
    /// 0 to 1.
    tempo_confidence: Option<f64>,
    /// Pitch class of the key, C = 0; -1 when unknown.
    #[schema(minimum = -1, maximum = 11)]
    key: i32,
    /// 0 to 1.
    key_confidence: Option<f64>,
    /// 1 is major, 0 minor.
    mode: Option<u8>,
    /// 0 to 1.
    mode_confidence: Option<f64>,
    /// Beats per bar.
    time_signature: Option<u8>,
    /// 0 to 1.
    time_signature_confidence: Option<f64>,
}

/// A segment: a stretch of even sound.
#[derive(ToSchema)]
#[schema(as = AudioAnalysisSegment)]
struct SegmentBody {
    /// Where it begins, seconds.
    start: f64,
    /// How long it is, seconds.
    duration: Option<f64>,
    /// 0 to 1.
    confidence: Option<f64>,
    /// At its beginning, dB.
    loudness_start: f64,
    /// Where it is loudest, dB.
    loudness_max: f64,
    /// Seconds from its beginning.
    loudness_max_time: f64,
    /// 0.
    loudness_end: f64,
    /// Strength of each pitch class from C, 0 to 1.
    #[schema(min_items = 12, max_items = 12)]
    pitches: Vec<f64>,
    /// Timbre, in a basis of our own.
    #[schema(min_items = 12, max_items = 12)]
    timbre: Vec<f64>,
}

/// Spotify's audio analysis. What is not measured is `null`, a list that is not known is empty.
#[derive(ToSchema)]
#[schema(as = AudioAnalysis)]
pub(super) struct AnalysisBody {
    /// How it was made.
    meta: MetaBody,
    /// The whole recording.
    track: TrackBody,
    /// From downbeat to downbeat.
    bars: Vec<IntervalBody>,
    /// From beat to beat.
    beats: Vec<IntervalBody>,
    /// Beats in equal parts.
    tatums: Vec<IntervalBody>,
    /// Sections.
    sections: Vec<SectionBody>,
    /// Segments.
    segments: Vec<SegmentBody>,
}
