//! The whole report and its schema.

use crate::{
    Dynamics, Emotion, Error, Key, Loudness, ModelResult, Result, Rhythm, Signal, Source, Spectral,
    Structure, Tempo, Voice, digits::rounded,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Name and version of the document that [`Report`] reads and writes.
pub const SCHEMA: &str = "consort.report/1";

/// The one value of [`Report::schema`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
pub enum SchemaName {
    /// [`SCHEMA`].
    #[default]
    #[serde(rename = "consort.report/1")]
    V1,
}

/// One recording under one analysis version.
///
/// An unknown value is `null` (a list: empty) beside the `reason` of its group; a group whose values
/// are known has `reason: null`. The version of the schema grows when a field goes away or changes
/// its meaning; new fields may come at any time, so readers pass over fields they do not know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Name and version of this document.
    pub schema: SchemaName,
    /// Version of the analysis; values of different versions are not comparable.
    pub analysis_version: u32,
    /// What the bytes were.
    pub source: Source,
    /// What was decoded.
    pub signal: Signal,
    /// Beats per minute with alternatives.
    pub tempo: Tempo,
    /// Beats and what happens between them.
    pub rhythm: Rhythm,
    /// Tonic and mode with alternatives.
    pub key: Key,
    /// EBU R 128 loudness.
    pub loudness: Loudness,
    /// Statistics of short-time spectra.
    pub spectral: Spectral,
    /// Valence, arousal and tension, five concepts and hints.
    pub emotion: Emotion,
    /// Speech, music and noise over time, and the voice of what is speech.
    #[serde(default)]
    pub voice: Voice,
    /// Level and feel.
    #[serde(default)]
    pub dynamics: Dynamics,
    /// Silences, fades and sections.
    #[serde(default)]
    pub structure: Structure,
    /// What the models that the operator brought said, by their names; filled in by whoever ran them.
    #[serde(default)]
    pub models: Vec<ModelResult>,
}

impl Report {
    /// The report of an analysis of `source`.
    pub fn new(analysis: &dsp::Analysis, source: Source) -> Self {
        Self {
            schema: SchemaName::V1,
            analysis_version: analysis.version,
            source: Source { duration_s: rounded(source.duration_s, 6).unwrap_or(0.0), ..source },
            signal: (&analysis.input).into(),
            tempo: (&analysis.tempo).into(),
            rhythm: (&analysis.rhythm).into(),
            key: (&analysis.key).into(),
            loudness: (&analysis.loudness).into(),
            spectral: (&analysis.spectral).into(),
            emotion: Emotion::new(analysis),
            voice: (&analysis.voice).into(),
            dynamics: (&analysis.dynamics).into(),
            structure: (&analysis.structure).into(),
            models: Vec::new(),
        }
    }

    /// Writes the emotion of `analysis` over that of this report.
    pub fn set_emotion(&mut self, analysis: &dsp::Analysis) {
        self.emotion = Emotion::new(analysis);
    }

    /// Reads a report; fields that this version does not know are passed over.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownSchema`] for a document of another schema, [`Error::Json`] for a broken one.
    pub fn from_json(json: &str) -> Result<Self> {
        #[derive(Deserialize)]
        struct Head {
            schema: String,
        }
        let head: Head = serde_json::from_str(json)?;
        if head.schema != SCHEMA {
            return Err(Error::UnknownSchema { expected: SCHEMA, found: head.schema });
        }
        Ok(serde_json::from_str(json)?)
    }

    /// The report as JSON on one line.
    #[expect(clippy::missing_panics_doc, reason = "the panic cannot happen, see its message")]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a report has no map keys and no fallible serializer")
    }
}

/// JSON Schema of [`Report`], as committed in `report/schema/report.v1.json`.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Report).to_value()
}
