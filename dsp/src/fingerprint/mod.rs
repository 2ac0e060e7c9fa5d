//! Acoustic fingerprint, compatible with Chromaprint's algorithm 2 ("TEST2"), the one that `AcoustID` uses.
//!
//! | module | gives |
//! | --- | --- |
//! | `chroma` | 12 smoothed, normalised pitch classes every 0.124 s |
//! | `classifiers` | the 16 quantised differences of areas that make one word |
//! | `decimate` | the sound at 11 025 Hz, as Chromaprint hears it |
//! | `stage` | [`FingerprintStage`]: all of it in one pass |
//! | `compressed` | the text form `AQAD…` |
//! | `similarity` | how much of two fingerprints is the same recording |
//!
//! # Source
//!
//! Chromaprint 1.5.1 and its documentation; Jang, Yoo, Lee, Kim and Kalker (2009), "Pairwise boosted audio
//! fingerprint", IEEE TIFS 4(4); Ke, Hoiem and Sukthankar (2005), "Computer vision for music identification", CVPR.

mod chroma;
mod classifiers;
mod compressed;
mod decimate;
mod similarity;
mod stage;

pub use similarity::{Similarity, similarity};
pub use stage::{Fingerprint, FingerprintStage, RATE_HZ, WORDS_PER_SECOND};
