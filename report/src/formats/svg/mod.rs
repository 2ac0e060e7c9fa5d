//! Pictures for people, as SVG.
//!
//! | function | shows |
//! | --- | --- |
//! | [`waveform()`] | lowest and highest samples, beats and sections |
//! | [`spectrogram()`] | mel bands |
//! | [`chroma()`] | pitch classes |
//! | [`loudness()`] | momentary and integrated loudness |
//!
//! A picture is as wide as a page; longer recordings are summed up to its pixels. Text is escaped by the library.

mod axis;
mod canvas;
mod chroma;
mod loudness;
mod palette;
mod png;
mod spectrogram;
mod time_axis;
mod waveform;

pub use chroma::chroma;
pub use loudness::loudness;
pub use spectrogram::spectrogram;
pub use waveform::waveform;
