//! What the structure of a recording is.

use crate::analysis::Estimate;

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// Start, seconds from the first decoded sample.
    pub start_s: f64,
    /// End, seconds; after the start.
    pub end_s: f64,
}

/// A part of the form: verse, refrain, bridge, without its name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Section {
    /// Start, seconds; the end of the section before.
    pub start_s: f64,
    /// End, seconds.
    pub end_s: f64,
    /// Sections of one label sound alike: 0 is A, 1 is B, in the order of their first appearance.
    pub label: u8,
    /// 0..=1: how clearly it is set off from its neighbours.
    pub confidence: f64,
}

/// What sounds from one onset to the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// Start, seconds; the end of the segment before.
    pub start_s: f64,
    /// End, seconds.
    pub end_s: f64,
    /// 0..=1: how clearly an onset starts it.
    pub confidence: f64,
    /// Level at the start, dBFS (root mean square of 10 ms, all channels), −100 and up.
    pub loudness_start_db: f64,
    /// Highest level within the segment, dBFS, −100 and up.
    pub loudness_max_db: f64,
    /// Time from the start to the highest level, seconds.
    pub loudness_max_time_s: f64,
    /// Chroma, C first, largest 1; all 0 where nothing is above −70 dBFS.
    pub pitches: [f32; 12],
    /// Shape of the spectrum in 12 coefficients: mean level, slope, curvature and so on of the 128 mel bands, dB (see
    /// [`crate::structure`]).
    pub timbre: [f32; 12],
}

/// The parts of a recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Structure {
    /// Where the level stops to rise from silence, seconds; 0 if it begins at full level.
    pub fade_in_end_s: f64,
    /// Where the level starts to sink into silence, seconds; the duration if it does not.
    pub fade_out_start_s: f64,
    /// Stretches of at least 0.5 s below −60 dBFS, ascending.
    pub silences: Vec<Span>,
    /// Parts of the form; they tile the recording.
    pub sections: Estimate<Vec<Section>>,
    /// What sounds from onset to onset; they tile the recording. At most ten a second.
    pub segments: Vec<Segment>,
}
