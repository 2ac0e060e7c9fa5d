//! Reports in the shapes that other programs read: pure functions from a [`Recording`] to text or bytes.
//!
//! | module | gives | read by |
//! | --- | --- | --- |
//! | [`beats`] | `.beats` | beat trackers and their evaluation |
//! | [`csv`] | a row of a table | spreadsheets |
//! | [`essentia`] | low-level JSON | what read Essentia's music extractor or AcousticBrainz |
//! | [`jams`] | JAMS | music information retrieval |
//! | [`spotify`] | audio features and audio analysis | what read Spotify's Web API |
//! | [`svg`] | pictures | people |
//! | [`waveform`] | audiowaveform's `.dat` and JSON | players such as peaks.js |
//!
//! `docs/formats.md` says of every field where it comes from and what is `null`. What another program defines otherwise
//! than we measure it is left out rather than given under its name.

mod bars;
pub mod beats;
pub mod csv;
pub mod essentia;
mod format;
pub mod jams;
mod recording;
pub mod spotify;
pub mod svg;
pub mod waveform;

pub use format::{FORMATS_VERSION, Format, FormatError, UnknownFormat};
pub use recording::Recording;
