//! The shapes of Spotify's Web API, with its names.
//!
//! # Source
//!
//! Spotify for Developers, Web API reference: "Get Track's Audio Features" and "Get Track's Audio Analysis".

mod analysis;
mod features;
mod parts;

pub use analysis::analysis;
pub use features::features;

use crate::{Key, Mode};

/// Spotify's number of an unknown key.
const NO_KEY: i32 = -1;

/// Pitch class of the tonic, C = 0; [`NO_KEY`] when unknown.
fn key_number(key: &Key) -> i32 {
    key.tonic.map_or(NO_KEY, |tonic| tonic.pitch_class().into())
}

/// 1 is major, 0 minor.
fn mode_number(mode: Option<Mode>) -> Option<u8> {
    mode.map(|mode| u8::from(mode == Mode::Major))
}

/// A whole number as Spotify writes it: without a point, which strict readers refuse.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a recording has far less than 2^52 ms or samples"
)]
fn whole(value: f64) -> i64 {
    value as i64
}
