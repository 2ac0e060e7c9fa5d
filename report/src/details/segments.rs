//! What sounds from one onset to the next, column by column.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::packed;

/// Steps of a decibel of level and of timbre.
const STEPS_PER_DB: f64 = 100.0;
/// Steps of a coefficient of the timbre.
const STEPS_PER_COEFFICIENT: f64 = 50.0;
/// Steps of a confidence and of a pitch class from 0 to 1.
const STEPS_TO_ONE: f64 = 255.0;

/// Segments, which tile the recording; every list has an entry for each, or twelve.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Segments {
    /// Packed 32-bit numbers: starts in ms; a segment ends where the next one starts, the last one with the recording.
    #[serde(with = "packed")]
    #[schemars(with = "String")]
    pub start_ms: Vec<u32>,
    /// Packed 8-bit numbers: how clearly an onset starts it, 255 for 1.
    #[serde(with = "packed")]
    #[schemars(with = "String")]
    pub confidence: Vec<u8>,
    /// Packed 16-bit numbers: level at the start, hundredths of dBFS.
    #[serde(with = "packed")]
    #[schemars(with = "String")]
    pub loudness_start_db: Vec<i16>,
    /// Packed 16-bit numbers: highest level, hundredths of dBFS.
    #[serde(with = "packed")]
    #[schemars(with = "String")]
    pub loudness_max_db: Vec<i16>,
    /// Packed 32-bit numbers: from the start to the highest level, ms.
    #[serde(with = "packed")]
    #[schemars(with = "String")]
    pub loudness_max_ms: Vec<u32>,
    /// Packed 8-bit numbers: twelve pitch classes of each segment, C first, 255 for 1.
    #[serde(with = "packed")]
    #[schemars(with = "String")]
    pub pitches: Vec<u8>,
    /// Packed 16-bit numbers: twelve coefficients of each segment, fiftieths.
    #[serde(with = "packed")]
    #[schemars(with = "String")]
    pub timbre: Vec<i16>,
}

/// One segment in its units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// Start, seconds.
    pub start_s: f64,
    /// 0 to 1.
    pub confidence: f64,
    /// Level at the start, dBFS.
    pub loudness_start_db: f64,
    /// Highest level, dBFS.
    pub loudness_max_db: f64,
    /// From the start to the highest level, seconds.
    pub loudness_max_time_s: f64,
    /// Chroma, C first, largest 1.
    pub pitches: [f64; 12],
    /// Shape of the spectrum in twelve coefficients.
    pub timbre: [f64; 12],
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts of floats cut at the ends of the range"
)]
impl From<&[dsp::Segment]> for Segments {
    fn from(segments: &[dsp::Segment]) -> Self {
        let ms = |seconds: f64| (seconds * 1000.0).round() as u32;
        let db = |level: f64| (level * STEPS_PER_DB).round() as i16;
        let share = |value: f64| (value * STEPS_TO_ONE).round() as u8;
        let coefficient = |value: f64| (value * STEPS_PER_COEFFICIENT).round() as i16;
        Self {
            start_ms: segments.iter().map(|it| ms(it.start_s)).collect(),
            confidence: segments.iter().map(|it| share(it.confidence)).collect(),
            loudness_start_db: segments.iter().map(|it| db(it.loudness_start_db)).collect(),
            loudness_max_db: segments.iter().map(|it| db(it.loudness_max_db)).collect(),
            loudness_max_ms: segments.iter().map(|it| ms(it.loudness_max_time_s)).collect(),
            pitches: segments
                .iter()
                .flat_map(|it| it.pitches)
                .map(|value| share(value.into()))
                .collect(),
            timbre: segments
                .iter()
                .flat_map(|it| it.timbre)
                .map(|value| coefficient(value.into()))
                .collect(),
        }
    }
}

impl Segments {
    /// Number of segments.
    pub fn len(&self) -> usize {
        self.start_ms.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.start_ms.is_empty()
    }

    /// Each segment in its units.
    pub fn iter(&self) -> impl Iterator<Item = Segment> + '_ {
        let ms = |value: u32| f64::from(value) / 1000.0;
        let db = |value: i16| f64::from(value) / STEPS_PER_DB;
        let columns = self.pitches.as_chunks::<12>().0.iter().zip(self.timbre.as_chunks::<12>().0);
        columns.enumerate().map_while(move |(i, (pitches, timbre))| {
            Some(Segment {
                start_s: ms(*self.start_ms.get(i)?),
                confidence: f64::from(*self.confidence.get(i)?) / STEPS_TO_ONE,
                loudness_start_db: db(*self.loudness_start_db.get(i)?),
                loudness_max_db: db(*self.loudness_max_db.get(i)?),
                loudness_max_time_s: ms(*self.loudness_max_ms.get(i)?),
                pitches: pitches.map(|value| f64::from(value) / STEPS_TO_ONE),
                timbre: timbre.map(|value| f64::from(value) / STEPS_PER_COEFFICIENT),
            })
        })
    }

    /// Whether every list has as many entries as it must have.
    pub(super) fn fits(&self) -> bool {
        let n = self.len();
        [
            self.confidence.len(),
            self.loudness_start_db.len(),
            self.loudness_max_db.len(),
            self.loudness_max_ms.len(),
        ]
        .iter()
        .all(|&length| length == n)
            && self.pitches.len() == 12 * n
            && self.timbre.len() == 12 * n
    }
}
