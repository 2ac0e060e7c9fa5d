//! What a recording looks like from beginning to end.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::packed;
use crate::digits::rounded;

/// Momentary loudness, seconds from value to value.
const LOUDNESS_STEP_S: f64 = 0.1;
/// Length of its window, seconds.
const LOUDNESS_WINDOW_S: f64 = 0.4;

/// Lowest and highest sample of every pixel of the mean of the channels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Waveform {
    /// Rate of the recording, Hz.
    pub sample_rate_hz: u32,
    /// Samples in a pixel; the last one may have fewer.
    pub samples_per_pixel: u32,
    /// Packed 8-bit numbers: lowest and highest sample of each pixel, -128 to 127 of full scale 128.
    #[serde(with = "packed")]
    #[schemars(with = "String")]
    pub peaks: Vec<i8>,
}

/// Momentary loudness over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoudnessCurve {
    /// Seconds from value to value.
    pub step_s: f64,
    /// Seconds that a value covers; the first begins at 0.
    pub window_s: f64,
    /// Packed 16-bit numbers: hundredths of a LUFS, -10000 for that and everything below.
    #[serde(with = "packed")]
    #[schemars(with = "String")]
    pub momentary_lufs: Vec<i16>,
}

/// Levels of mel bands over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spectrogram {
    /// Seconds from column to column, 9 decimals.
    pub column_s: f64,
    /// Rows of a column, evenly on Slaney's mel scale from 0 to 11 025 Hz.
    pub n_rows: u32,
    /// Decibels of level 0.
    pub lowest_db: f64,
    /// Levels in a decibel.
    pub levels_per_db: f64,
    /// Packed 8-bit numbers: the levels of one column, lowest row first, after the other.
    #[serde(with = "packed")]
    #[schemars(with = "String")]
    pub levels: Vec<u8>,
}

/// Strength of the pitch classes over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChromaCurve {
    /// Seconds from column to column, 9 decimals.
    pub column_s: f64,
    /// Packed 8-bit numbers: the twelve strengths of one column, C first and the largest 255, after the other.
    #[serde(with = "packed")]
    #[schemars(with = "String")]
    pub strengths: Vec<u8>,
}

/// Valence, arousal and tension over time, smoothed over 9 s; their place in the middle is that of the report.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct EmotionCurve {
    /// Seconds from value to value; the first is around 0.5 s. 0 in documents without this curve.
    pub step_s: f64,
    /// Packed 8-bit numbers: hundredths, -100 to 100; -128 where nothing sounds.
    #[serde(with = "packed")]
    #[schemars(with = "String")]
    pub valence: Vec<i8>,
    /// As `valence`, and as many.
    #[serde(with = "packed")]
    #[schemars(with = "String")]
    pub arousal: Vec<i8>,
    /// As `valence`, and as many.
    #[serde(with = "packed")]
    #[schemars(with = "String")]
    pub tension: Vec<i8>,
}

/// Where nothing sounds.
const UNKNOWN: i8 = -128;

/// Seconds with as many digits as survive JSON.
fn seconds(value: f64) -> f64 {
    rounded(value, 9).unwrap_or(0.0)
}

impl Waveform {
    pub(super) fn new(waveform: &dsp::curves::Waveform, sample_rate_hz: u32) -> Self {
        let pairs = waveform.min.iter().zip(&waveform.max);
        Self {
            sample_rate_hz,
            samples_per_pixel: waveform.samples_per_pixel,
            peaks: pairs.flat_map(|(&min, &max)| [min, max]).collect(),
        }
    }

    /// Number of pixels.
    pub fn n_pixels(&self) -> usize {
        self.peaks.len() / 2
    }

    /// Lowest and highest sample of each pixel, full scale 1.
    pub fn pairs(&self) -> impl ExactSizeIterator<Item = (f64, f64)> + Clone + '_ {
        let scale = |value: i8| f64::from(value) / 128.0;
        self.peaks.as_chunks::<2>().0.iter().map(move |&[min, max]| (scale(min), scale(max)))
    }

    /// Seconds of a pixel.
    pub fn pixel_s(&self) -> f64 {
        f64::from(self.samples_per_pixel) / f64::from(self.sample_rate_hz.max(1))
    }
}

impl LoudnessCurve {
    pub(super) fn new(momentary_lufs: &[f32]) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the cast cuts at the ends of the range"
        )]
        let hundredths = |lufs: &f32| (f64::from(*lufs) * 100.0).round() as i16;
        Self {
            step_s: LOUDNESS_STEP_S,
            window_s: LOUDNESS_WINDOW_S,
            momentary_lufs: momentary_lufs.iter().map(hundredths).collect(),
        }
    }

    /// Middle of each window in seconds, and its loudness in LUFS.
    pub fn points(&self) -> impl Iterator<Item = (f64, f64)> + Clone + '_ {
        let middle = 0.5 * self.window_s;
        let values = self.momentary_lufs.iter().zip(0_u32..);
        values
            .map(move |(&value, i)| (f64::from(i) * self.step_s + middle, f64::from(value) / 100.0))
    }
}

impl From<&dsp::curves::MelSpectrogram> for Spectrogram {
    fn from(picture: &dsp::curves::MelSpectrogram) -> Self {
        use dsp::curves::spectrogram::{LEVELS_PER_DB, LOWEST_DB, ROWS};
        Self {
            column_s: seconds(picture.column_s),
            n_rows: u32::try_from(ROWS).expect("the rows are a small constant"),
            lowest_db: LOWEST_DB.into(),
            levels_per_db: LEVELS_PER_DB.into(),
            levels: picture.levels.clone(),
        }
    }
}

impl Spectrogram {
    /// The levels of each column, lowest row first.
    pub fn columns(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.levels.chunks_exact((self.n_rows as usize).max(1))
    }
}

impl From<&dsp::curves::Chromagram> for ChromaCurve {
    fn from(chroma: &dsp::curves::Chromagram) -> Self {
        Self {
            column_s: seconds(chroma.column_s),
            strengths: chroma.columns.as_flattened().to_vec(),
        }
    }
}

impl ChromaCurve {
    /// The twelve strengths of each column, C first.
    pub fn columns(&self) -> impl ExactSizeIterator<Item = &[u8; 12]> {
        self.strengths.as_chunks::<12>().0.iter()
    }
}

impl From<&[Option<dsp::EmotionPoint>]> for EmotionCurve {
    fn from(points: &[Option<dsp::EmotionPoint>]) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "the value is within 100")]
        let hundredths = |value: f64| (value.clamp(-1.0, 1.0) * 100.0).round() as i8;
        let of = |value: fn(&dsp::EmotionPoint) -> f64| {
            let value =
                |point: &Option<_>| point.as_ref().map_or(UNKNOWN, |it| hundredths(value(it)));
            points.iter().map(value).collect()
        };
        Self {
            step_s: 1.0,
            valence: of(|point| point.valence),
            arousal: of(|point| point.arousal),
            tension: of(|point| point.tension),
        }
    }
}

impl EmotionCurve {
    /// Middle of each second in seconds, and its valence and arousal, where they are known.
    pub fn points(&self) -> impl Iterator<Item = (f64, [f64; 2])> + Clone + '_ {
        let pairs = self.valence.iter().zip(&self.arousal).zip(0_u32..);
        let known = pairs.filter(|((valence, _), _)| **valence != UNKNOWN);
        known.map(move |((&valence, &arousal), i)| {
            let middle_s = (f64::from(i) + 0.5) * self.step_s;
            (middle_s, [valence, arousal].map(|it| f64::from(it) / 100.0))
        })
    }

    /// Whether the lists are of one length.
    pub(super) fn fits(&self) -> bool {
        self.valence.len() == self.arousal.len() && self.valence.len() == self.tension.len()
    }
}
