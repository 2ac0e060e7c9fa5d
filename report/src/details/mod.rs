//! Details: what is too long for the report, kept beside it.
//!
//! | module | gives |
//! | --- | --- |
//! | [`root`] | [`Details`], the whole document |
//! | [`curves`] | waveform, momentary loudness, mel bands, chroma and emotion over time |
//! | [`segments`] | what sounds from one onset to the next |
//! | [`stored`] | the deflated form that is kept |
//!
//! The document is JSON with long lists of numbers packed into text (`packed`), as `docs/formats.md` describes.

pub mod curves;
mod packed;
pub mod root;
pub mod segments;
pub mod stored;

pub use curves::{ChromaCurve, EmotionCurve, LoudnessCurve, Spectrogram, Waveform};
pub use root::{DETAILS_SCHEMA, Details, DetailsSchemaName, details_schema};
pub use segments::{Segment, Segments};
pub use stored::MAX_DETAILS_BYTES;
