//! Untrusted bytes to interleaved `f32` blocks, within limits.
//!
//! [`Decoder::open`] recognises the container, refuses what is over a limit as far as the header
//! tells, and decodes the first block, so that [`Decoder::format`] states what was heard and not
//! what was promised. [`Decoder::next_block`] streams; the samples of a file are never held whole.
//! [`Decoder::finish`] says how it ended and gives the container's tags.
//!
//! # What can be read
//!
//! | container | codecs |
//! | --- | --- |
//! | WAV, AIFF, CAF | PCM, A-law, µ-law, ADPCM (WAV), ALAC and AAC-LC (CAF) |
//! | FLAC, Ogg | FLAC, Vorbis, Opus |
//! | MPEG audio | MP1, MP2, MP3 |
//! | ADTS, MP4 (M4A, MOV) | AAC-LC, ALAC, FLAC, MP3, Opus |
//! | Matroska, `WebM` | all of these |
//!
//! # Gapless
//!
//! Encoder delay and padding are removed where the file states them: LAME and Xing headers,
//! Vorbis and Opus granule positions, `OpusHead` pre-skip, MP4 edit lists and `iTunSMPB`, Matroska
//! `CodecDelay` and `DiscardPadding`, CAF packet tables. A bare ADTS or MP2 stream states nothing,
//! so nothing is removed and its audio begins with the encoder's delay (1024 to 2112 frames for
//! AAC, 481 for MP2).
//!
//! # What is known to be missing
//!
//! HE-AAC and AC-3, `WavPack`, RF64 and W64 are [`Error::UnsupportedFormat`], or give the AAC-LC core
//! alone where the file does not say that there is more. A cut CAF or a cut MP4 with its index at
//! the end is [`Error::BadMedia`]: what explains the samples is gone. A cut MP3 is known as such by
//! its Xing header only. Symphonia 0.6.1 undoes the channel coupling of Vorbis in the wrong order,
//! which is heard in surround files of low quality, where couplings overlap.
//!
//! # Hostile input
//!
//! Every call into the codec libraries is made under `catch_unwind`: a panic becomes
//! [`Error::BadMedia`]. Bytes, duration, channels, rate, tags and pictures are counted while they
//! arrive (see [`Limits`]). An allocator abort or an endless loop cannot be caught in a process,
//! so callers run this crate in a child with limits of its own. Unsafe code is denied but for one
//! module, the border to the Opus decoder (`docs/decisions/0002-opus-decoder.md`).

mod codec;
mod container;
mod decoder;
mod error;
mod format;
mod gapless;
mod guard;
mod limits;
mod link;
mod open;
mod opus;
mod pcm;
mod source;
mod tags;
mod trim;

pub use decoder::{Decoder, Summary};
pub use error::{Error, LimitKind, Result};
pub use format::Format;
pub use limits::Limits;
pub use tags::Tags;
