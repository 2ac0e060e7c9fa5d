//! Features of short-time spectra, as librosa 0.11.0 defines them.
//!
//! | module | gives |
//! | --- | --- |
//! | [`mel`] | mel filter bank |
//! | [`cepstrum`] | decibels of a spectrogram, MFCC |
//! | [`shape`] | centroid, bandwidth, roll-off, flatness of one spectrum |
//! | [`contrast`] | spectral contrast of one spectrum |
//! | [`chroma`] | chroma filter bank |
//! | [`pitch_tuning()`] | tuning of a spectrogram |
//! | [`level`] | RMS and zero crossings of one frame |
//! | [`whole_signal`] | all of them for a signal that is held in memory |
//! | [`stage`] | [`SpectralStage`]: all of them in one pass |

pub mod cepstrum;
pub mod chroma;
pub mod contrast;
pub mod level;
pub mod mel;
mod moments;
mod pitch_tuning;
pub mod shape;
pub mod stage;
pub mod whole_signal;

pub(crate) use moments::Moments;
pub use pitch_tuning::pitch_tuning;
pub use stage::{OverTime, SpectralStage};
