//! Statistics of made-up people.

use super::score::N_PARTS;

/// Agreement of a typical pair: recordings, words, moods.
pub(crate) const TYPICAL: [f64; N_PARTS] = [0.5, 0.15, 0.6];

/// Recordings that carry any word.
pub(crate) const N_TAGGED: u32 = 1;

/// Recordings that carry each word, by word.
#[rustfmt::skip]
pub(crate) const TAGS: [(&str, u32); 0] = [
];
