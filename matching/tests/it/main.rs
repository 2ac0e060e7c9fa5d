//! Tests of matching from outside.
#![expect(clippy::unwrap_used, reason = "a broken fixture should fail the test")]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "made-up numbers need no exact conversion"
)]

mod approximate;
mod catalogue;
mod formats;
mod mix;
mod people;
mod playlist;
mod properties;
mod samples;
mod scores;
