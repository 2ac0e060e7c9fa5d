//! Any bytes, decoded to their end under the limits of the service, with less time.
//!
//! ```sh
//! cargo install cargo-fuzz
//! cargo +nightly fuzz run decode ../../fixtures/containers -- -rss_limit_mb=1024 -timeout=20
//! ```
//!
//! from this folder. A panic inside a codec is caught by the crate and is no finding; what stops
//! the run is an allocation over the limit, an input that takes too long, a memory error, or a
//! promise broken below.
#![no_main]

use std::io::Cursor;

use decode::{Decoder, Limits};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { max_duration_s: 60.0, ..Limits::default() };
    let Ok(mut decoder) = Decoder::open(Cursor::new(bytes.to_vec()), None, &limits) else { return };
    let n_channels = decoder.format().n_channels as usize;
    let mut n_frames = 0;
    while let Ok(Some(block)) = decoder.next_block() {
        assert_eq!(block.len() % n_channels, 0);
        n_frames += (block.len() / n_channels) as u64;
    }
    assert_eq!(decoder.finish().n_frames, n_frames);
});
