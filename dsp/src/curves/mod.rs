//! Curves for players and pictures: what a recording looks like from beginning to end.
//!
//! | module | gives |
//! | --- | --- |
//! | [`waveform`] | [`Waveform`]: lowest and highest sample of every pixel |
//! | [`spectrogram`] | [`MelSpectrogram`]: a small picture of the mel bands |
//! | [`chromagram`] | [`Chromagram`]: strength of the pitch classes, twice a second |
//!
//! The momentary loudness comes from the loudness meter. Everything is made from transforms that other stages need
//! anyway, and is kept in whole numbers of one byte, because eyes see no finer.

pub mod chromagram;
pub mod spectrogram;
pub mod waveform;

pub use chromagram::Chromagram;
pub use spectrogram::MelSpectrogram;
pub use waveform::Waveform;

/// Lowest value of [`Curves::momentary_lufs`].
pub const QUIETEST_LUFS: f32 = -100.0;

/// What a recording looks like from beginning to end. Facts, not estimates: silence is a flat line.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curves {
    /// Lowest and highest sample of every pixel.
    pub waveform: Waveform,
    /// Momentary loudness (400 ms, EBU Tech 3341) every 100 ms: value `i` is that of `0.1 i` to `0.1 i + 0.4` seconds,
    /// LUFS, at least [`QUIETEST_LUFS`].
    pub momentary_lufs: Vec<f32>,
    /// A small picture of the mel bands.
    pub spectrogram: MelSpectrogram,
    /// Strength of the pitch classes, about twice a second.
    pub chroma: Chromagram,
}
