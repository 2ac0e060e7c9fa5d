//! What things cost, measured through public items only.
//!
//! | command | prints |
//! | --- | --- |
//! | `cargo bench -p benches` | core-seconds per minute of audio: decoding, each stage, the whole analysis |
//! | `cargo run --release -p benches --bin accuracy -- DIR…` | tempo, beats and key against truth, beside other programs |
//! | `cargo run --release -p benches --bin contrasts` | whether emotion moves as published on pairs of songs |
//! | `cargo run --release -p benches --bin voice_contrasts` | the same of the arousal of voices, on pairs of phrases |
//! | `cargo run --release -p benches --bin lengths` | core-seconds per minute and peak memory from 1 minute to 3 hours |
//! | `cargo run --release -p benches --bin matching -- --tracks N` | pairs per CPU second and memory of the search for matches |
//! | `cargo run --release -p benches --bin copies -- --from DIR --to DIR` | nothing: makes copies of recordings by named transforms |
//! | `cargo run --release -p benches --bin retrieval -- DIR…` | whether copies, artists and styles are found, beside other programs |
//! | `cargo run --release -p benches --bin upload_memory` | resident memory of the server at idle and under large uploads |
//! | `cargo run --release -p benches --bin upload_rate` | uploads a second, beside plain writing to the same disk |
//!
//! CPU time is counted, not wall time: the figures hold on a busy machine, and on one of another number of cores.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "counts stay far below 2^52, and shares are cut to bins on purpose"
)]

pub mod accuracy;
pub mod clock;
pub mod copies;
pub mod cost;
pub mod decoding;
pub mod feeling;
pub mod library;
pub mod logistic;
pub mod memory;
pub mod mono;
pub mod peers;
pub mod repeated;
pub mod retrieval;
pub mod service;
pub mod sounds;
pub mod stages;
pub mod whole;
