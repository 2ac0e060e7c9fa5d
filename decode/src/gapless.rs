//! Where the encoder's delay and padding are stated, by container.

use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::formats::{FormatInfo, Track, well_known};

use crate::opus::Head;
use crate::trim::Trim;

/// What a track says about its length, after reading every place where it may be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Length {
    /// Which decoded frames are presented.
    pub(crate) trim: Trim,
    /// Decoded frames that there are when nothing is missing, counted like [`Trim::end`]; `None`
    /// when nobody says or the figure is a guess.
    pub(crate) n_expected: Option<u64>,
}

/// Combines what symphonia read with what it does not.
pub(crate) fn length(
    info: &FormatInfo,
    track: &Track,
    params: &AudioCodecParameters,
    opus: Option<&Head>,
) -> Length {
    let delay = u64::from(track.delay.unwrap_or(0));
    let n_frames = track.num_frames;
    match info.format {
        well_known::FORMAT_ID_MP1 | well_known::FORMAT_ID_MP2 | well_known::FORMAT_ID_MP3 => {
            // Without a LAME header the count is a guess or includes what cannot be told apart.
            let stated = n_frames.filter(|_| track.delay.is_some() || track.padding.is_some());
            let end = stated.map(|n| n.saturating_add(delay));
            Length { trim: Trim { first: delay, end }, n_expected: end }
        }
        well_known::FORMAT_ID_OGG => match opus {
            // Granule positions count the pre-skip; page ends are trimmed packet by packet.
            Some(head) => Length {
                trim: Trim { first: u64::from(head.pre_skip), end: None },
                n_expected: n_frames,
            },
            None => Length { trim: Trim::default(), n_expected: n_frames },
        },
        well_known::FORMAT_ID_CAF => {
            let padding = track.padding.map(u64::from);
            // Variable packets: the table counts valid frames; fixed ones: data bytes count all.
            let is_counted = params.bits_per_coded_sample == Some(0);
            let end = match (is_counted, n_frames, padding) {
                (true, Some(n), _) => Some(n.saturating_add(delay)),
                (false, Some(n), Some(padding)) => Some(n.saturating_sub(padding)),
                _ => None,
            };
            let n_expected = end.or(n_frames);
            Length { trim: Trim { first: delay, end }, n_expected }
        }
        well_known::FORMAT_ID_ADTS => Length::default(),
        _ => {
            let first = opus.map_or(delay, |head| u64::from(head.pre_skip));
            Length { trim: Trim { first, end: None }, n_expected: n_frames }
        }
    }
}
