//! The whole document.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::packed;
use super::{ChromaCurve, EmotionCurve, LoudnessCurve, Segments, Spectrogram, Waveform};
use crate::{Error, Result};

/// Name and version of the document that [`Details`] reads and writes.
pub const DETAILS_SCHEMA: &str = "consort.details/1";

/// The one value of [`Details::schema`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
pub enum DetailsSchemaName {
    /// [`DETAILS_SCHEMA`].
    #[default]
    #[serde(rename = "consort.details/1")]
    V1,
}

/// What is too long for the report of the same recording and analysis version.
///
/// Versioned as the report is: new fields may come at any time, readers pass over fields they do not know. Packed
/// numbers are Base64 (RFC 4648, with padding) of little-endian bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Details {
    /// Name and version of this document.
    pub schema: DetailsSchemaName,
    /// Version of the analysis.
    pub analysis_version: u32,
    /// Lowest and highest samples.
    pub waveform: Waveform,
    /// Momentary loudness.
    pub loudness: LoudnessCurve,
    /// Mel bands.
    pub spectrogram: Spectrogram,
    /// Pitch classes.
    pub chroma: ChromaCurve,
    /// Valence, arousal and tension; empty when they are unknown.
    #[serde(default)]
    pub emotion: EmotionCurve,
    /// What sounds from one onset to the next; empty when there is nothing.
    pub segments: Segments,
    /// Packed 32-bit numbers: Chromaprint's fingerprint of algorithm 2; empty when there is none.
    #[serde(with = "packed")]
    #[schemars(with = "String")]
    pub fingerprint: Vec<u32>,
}

impl Details {
    /// The details of an analysis.
    pub fn new(analysis: &dsp::Analysis) -> Self {
        let curves = &analysis.curves;
        let emotion = analysis.emotion.as_ref().map_or(&[][..], |it| it.curve.as_slice());
        let segments = analysis.structure.as_ref().map_or(&[][..], |it| it.segments.as_slice());
        let fingerprint = analysis.fingerprint.as_ref().map_or(&[][..], |it| it.0.as_slice());
        Self {
            schema: DetailsSchemaName::V1,
            analysis_version: analysis.version,
            waveform: Waveform::new(&curves.waveform, analysis.input.sample_rate_hz),
            loudness: LoudnessCurve::new(&curves.momentary_lufs),
            spectrogram: (&curves.spectrogram).into(),
            chroma: (&curves.chroma).into(),
            emotion: emotion.into(),
            segments: segments.into(),
            fingerprint: fingerprint.to_vec(),
        }
    }

    /// Reads details; fields that this version does not know are passed over.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSchema`] for a document of another schema, [`Error::Json`] for a broken one, and
    /// [`Error::Inconsistent`] for one whose lists do not fit.
    pub fn from_json(json: &[u8]) -> Result<Self> {
        check_schema(json)?;
        let details: Self = serde_json::from_slice(json)?;
        details.check()?;
        Ok(details)
    }

    /// The fingerprint alone: the other lists are passed over unread.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSchema`] and [`Error::Json`], as [`Self::from_json`].
    pub fn fingerprint_from_json(json: &[u8]) -> Result<Vec<u32>> {
        #[derive(Deserialize)]
        struct Fingerprint {
            #[serde(with = "packed")]
            fingerprint: Vec<u32>,
        }
        check_schema(json)?;
        let document: Fingerprint = serde_json::from_slice(json)?;
        Ok(document.fingerprint)
    }

    /// The details as JSON on one line.
    #[expect(clippy::missing_panics_doc, reason = "the panic cannot happen, see its message")]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("details have no map keys and no fallible serializer")
    }

    /// Whether lists that belong together fit, and scales can be divided by.
    ///
    /// # Errors
    ///
    /// [`Error::Inconsistent`], which names the first field that does not.
    pub fn check(&self) -> Result<()> {
        let is_length = |seconds: f64| seconds.is_finite() && seconds > 0.0;
        let n_rows = self.spectrogram.n_rows as usize;
        let rules = [
            ("waveform.sample_rate_hz", self.waveform.sample_rate_hz > 0),
            ("waveform.samples_per_pixel", self.waveform.samples_per_pixel > 0),
            ("waveform.peaks", self.waveform.peaks.len().is_multiple_of(2)),
            ("loudness.step_s", is_length(self.loudness.step_s)),
            ("loudness.window_s", is_length(self.loudness.window_s)),
            ("spectrogram.column_s", is_length(self.spectrogram.column_s)),
            ("spectrogram.n_rows", n_rows > 0),
            ("spectrogram.levels_per_db", is_length(self.spectrogram.levels_per_db)),
            ("spectrogram.levels", self.spectrogram.levels.len().is_multiple_of(n_rows.max(1))),
            ("chroma.column_s", is_length(self.chroma.column_s)),
            ("chroma.strengths", self.chroma.strengths.len().is_multiple_of(12)),
            ("emotion", self.emotion.fits()),
            ("segments", self.segments.fits()),
        ];
        match rules.into_iter().find(|(_, holds)| !holds) {
            Some((field, _)) => Err(Error::Inconsistent { field }),
            None => Ok(()),
        }
    }
}

/// Refuses a document of another schema.
fn check_schema(json: &[u8]) -> Result<()> {
    #[derive(Deserialize)]
    struct Head {
        schema: String,
    }
    let head: Head = serde_json::from_slice(json)?;
    if head.schema == DETAILS_SCHEMA {
        Ok(())
    } else {
        Err(Error::UnknownSchema { expected: DETAILS_SCHEMA, found: head.schema })
    }
}

/// JSON Schema of [`Details`], as committed in `report/schema/details.v1.json`.
pub fn details_schema() -> serde_json::Value {
    schemars::schema_for!(Details).to_value()
}
