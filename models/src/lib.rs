//! Models that an operator brings: ONNX files, each with a manifest, run over a recording window by window.
//!
//! A [`Model`] is a checked pair of both files. An [`Extractor`] takes a recording block by block and gives the mean of
//! what the model said of its windows, or the [`Reason`] why there is nothing to say. `docs/models.md` explains the
//! manifest key by key.
//!
//! Everything here is pure but slow and of unknown appetite: a model is a program of a stranger. It must be loaded and run
//! where memory and time are limited, which is the analysis child.
//!
//! What is deliberately absent: files (the caller reads them within its limits), threads of our own, random operators (the
//! same sound must give the same numbers) and weights in files beside the model.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "windows have far fewer than 2^24 samples, and models compute in f32"
)]

mod check;
mod extractor;
mod front_end;
mod log_mel;
mod manifest;
mod model;
mod network;
mod pooled;
mod refusal;

pub use extractor::Extractor;
pub use manifest::{
    Axis, Input, Kind, Likeness, LogMel, Logarithm, Manifest, MelNorm, MelScale, Output, Spectrum,
    Waveform,
};
pub use model::{Card, Model};
pub use pooled::{MAX_MAGNITUDE, Pooled, Reason};
pub use refusal::{Code, Refusal};
