//! What dsp promises, seen from outside.

#![expect(clippy::unwrap_used, reason = "a broken fixture should fail the test")]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "test signals are short, and samples are rounded to f32 on purpose"
)]

mod analytic;
mod emotion;
mod fingerprint;
mod golden;
mod hostile;
mod parity;
mod parity_signals;
mod properties;
mod rhythm;
mod sections;
mod standards;
mod structure;
mod tonal;
mod true_peak;
mod voice;
