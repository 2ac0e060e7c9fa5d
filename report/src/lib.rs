//! The outside of an analysis: versioned JSON and its schema. serde, no I/O.
//!
//! [`Report::new`] turns a [`dsp::Analysis`] into the document that is stored, served and printed.
//! `docs/report.md` explains every field; `report/schema/report.v1.json` is the JSON Schema.
//!
//! What is too long for it is in [`Details`]; [`formats`] gives both in the shapes that other programs read.
//!
//! [`emotion_model`] is the document of a model that was trained on reports.
//!
//! What is deliberately absent: no clock (a report says nothing about when it was made), no track or
//! owner (the same bytes give the same report for everybody) and no value that is not finite.

pub mod details;
mod digits;
mod dynamics;
mod emotion;
pub mod emotion_model;
mod error;
pub mod formats;
mod key;
mod loudness;
mod model;
mod reason;
mod rhythm;
mod root;
mod source;
mod spectral;
mod structure;
mod tags;
mod tempo;
mod tonality;
mod voice;

pub use details::{DETAILS_SCHEMA, Details, MAX_DETAILS_BYTES, details_schema};
pub use dynamics::Dynamics;
pub use emotion::{
    Concepts, Contribution, Dimension, Emotion, EmotionFeature, Interval, NEUTRAL_RADIUS, Quadrant,
};
pub use emotion_model::EmotionModel;
pub use error::{Error, Result};
pub use key::{Key, KeyCandidate, KeyRegion};
pub use loudness::Loudness;
pub use model::{ModelCard, ModelKind, ModelLikeness, ModelReason, ModelResult, ModelValue};
pub use reason::Reason;
pub use rhythm::{Meter, Pattern, Rhythm};
pub use root::{Report, SCHEMA, SchemaName, schema};
pub use source::{Signal, Source};
pub use spectral::{Spectral, Stats};
pub use structure::{Section, Span, Structure};
pub use tags::Tags;
pub use tempo::{Tempo, TempoCandidate, TempoPoint};
pub use tonality::{Mode, Tonic, camelot, open_key};
pub use voice::{SoundKind, SoundRange, Voice};
