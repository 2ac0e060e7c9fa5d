//! What symphonia's readers leave out: MP4 edit lists, and the delay and padding of Matroska.
//!
//! Both walks read a few hundred bytes of headers, skip everything else, and give up silently:
//! without an answer the audio is untrimmed, not lost.

mod matroska;
mod mp4;

use std::io::{self, Read, Seek, SeekFrom};

/// Encoder delay and padding of one track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TrackTiming {
    /// Symphonia's track id.
    pub(crate) track_id: u32,
    /// How the container states it.
    pub(crate) stated: Stated,
}

/// A container's own way to state delay and padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stated {
    /// The first edit of an MP4 track that is not empty.
    Edit {
        /// Where presentation begins, in units of the media's time scale.
        media_time: u64,
        /// How long it is, in the same units, and how much that may be off by rounding; `None`
        /// for "to the end", and when more edits follow.
        duration: Option<(u64, u64)>,
        /// Units per second.
        timescale: u32,
    },
    /// `CodecDelay` of a Matroska track and `DiscardPadding` of its last block.
    Delay {
        /// Codec delay in nanoseconds.
        delay_ns: u64,
        /// Padding in nanoseconds.
        padding_ns: u64,
    },
}

/// Looks into `source` and rewinds it.
///
/// # Errors
///
/// The source's own errors; the end of the file is none.
pub(crate) fn timings<S: Read + Seek>(source: &mut S) -> io::Result<Vec<TrackTiming>> {
    let mut magic = [0; 8];
    let found = match read_at(source, 0, &mut magic) {
        Ok(()) if &magic[4..] == b"ftyp" => mp4::edits(source),
        Ok(()) if magic[..4] == matroska::MAGIC => matroska::delays(source),
        Ok(()) => Ok(Vec::new()),
        Err(error) => Err(error),
    };
    source.rewind()?;
    match found {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(Vec::new()),
        other => other,
    }
}

fn read_at<S: Read + Seek>(source: &mut S, at: u64, buf: &mut [u8]) -> io::Result<()> {
    source.seek(SeekFrom::Start(at))?;
    source.read_exact(buf)
}
