//! What symphonia's readers leave out: MP4 edit lists, delay and padding of Matroska, tags and
//! frame counts of WAV.
//!
//! The walks read a few hundred bytes of headers, skip everything else, and give up silently:
//! without an answer the audio is untrimmed, not lost.

mod matroska;
mod mp4;
mod riff;

use std::io::{self, Read, Seek, SeekFrom};

use symphonia::core::meta::MetadataRevision;

use crate::Limits;

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
    /// `fact` of a WAV file.
    Frames {
        /// Frames of audio.
        n_frames: u64,
    },
}

/// Channels and rate of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StatedShape {
    pub(crate) n_channels: u16,
    pub(crate) rate_hz: u32,
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// At most one for each track.
    pub(crate) timings: Vec<TrackTiming>,
    /// Channels and rate, where symphonia would refuse too many by another name.
    pub(crate) shape: Option<StatedShape>,
    /// Tags that symphonia does not give.
    pub(crate) revisions: Vec<MetadataRevision>,
}

/// Looks into `source` and rewinds it.
///
/// # Errors
///
/// The source's own errors; the end of the file is none.
pub(crate) fn look<S: Read + Seek>(source: &mut S, limits: &Limits) -> io::Result<Findings> {
    let found = look_inside(source, limits);
    source.rewind()?;
    match found {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(Findings::default()),
        other => other,
    }
}

fn look_inside<S: Read + Seek>(source: &mut S, limits: &Limits) -> io::Result<Findings> {
    let mut magic = [0; 12];
    read_at(source, 0, &mut magic)?;
    let only = |timings| Findings { timings, ..Findings::default() };
    if &magic[4..8] == b"ftyp" {
        return mp4::edits(source).map(only);
    }
    if magic[..4] == matroska::MAGIC {
        return matroska::delays(source).map(only);
    }
    if &magic[..4] == b"RIFF" && &magic[8..] == b"WAVE" {
        let max_id3_bytes = limits.max_tag_bytes.saturating_add(limits.max_picture_bytes);
        return riff::findings(source, max_id3_bytes);
    }
    Ok(Findings::default())
}

fn read_at<S: Read + Seek>(source: &mut S, at: u64, buf: &mut [u8]) -> io::Result<()> {
    source.seek(SeekFrom::Start(at))?;
    source.read_exact(buf)
}
