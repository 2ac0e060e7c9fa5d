//! What things cost, measured through public items only.
//!
//! | command | prints |
//! | --- | --- |
//! | `cargo bench -p benches` | core-seconds per minute of audio: decoding, each stage, the whole analysis |
//! | `cargo run --release -p benches --bin upload_memory` | resident memory of the server at idle and under large uploads |
//!
//! CPU time is counted, not wall time: the figures hold on a busy machine, and on one of another number of cores.

pub mod clock;
pub mod cost;
pub mod decoding;
pub mod sounds;
pub mod stages;
pub mod whole;
