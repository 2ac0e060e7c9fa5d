//! Where the encoder's delay and padding are stated, by container.

use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::codecs::audio::well_known::{
    CODEC_ID_ADPCM_IMA_WAV, CODEC_ID_ADPCM_MS, CODEC_ID_VORBIS,
};
use symphonia::core::formats::{FormatInfo, Track, well_known};
use symphonia::core::meta::MetadataRevision;

use crate::container::{Stated, TrackTiming};
use crate::opus::Head;
use crate::trim::Trim;

/// What a track says about its length, after reading every place where it may be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Length {
    /// Which decoded frames are presented.
    pub(crate) trim: Trim,
    /// Frames of the last packet that are padding.
    pub(crate) n_padding_of_last: u64,
    /// Whether packets state what to cut from their ends, and no decoder does it.
    pub(crate) packets_state_cuts: bool,
    /// Decoded frames that there are when nothing is missing, counted like [`Trim::end`]; `None`
    /// when nobody says or the figure is a guess.
    pub(crate) n_expected: Option<u64>,
}

/// All that is known about one track.
pub(crate) struct Sources<'a> {
    pub(crate) info: &'a FormatInfo,
    pub(crate) track: &'a Track,
    pub(crate) params: &'a AudioCodecParameters,
    pub(crate) opus: Option<&'a Head>,
    pub(crate) timings: &'a [TrackTiming],
    pub(crate) revisions: &'a [MetadataRevision],
}

impl Sources<'_> {
    /// Combines what symphonia read with what it did not.
    pub(crate) fn length(&self) -> Length {
        let delay = u64::from(self.track.delay.unwrap_or(0));
        let n_frames = self.track.num_frames;
        match self.info.format {
            well_known::FORMAT_ID_MP1 | well_known::FORMAT_ID_MP2 | well_known::FORMAT_ID_MP3 => {
                // Without a LAME header the count is a guess from the bitrate, or includes what
                // cannot be told apart.
                let is_stated = self.track.delay.is_some() || self.track.padding.is_some();
                let end = n_frames.filter(|_| is_stated).map(|n| n.saturating_add(delay));
                trimmed(delay, end, end)
            }
            // Granule positions count the pre-skip; page ends are trimmed packet by packet.
            well_known::FORMAT_ID_OGG => Length {
                packets_state_cuts: self.params.codec != CODEC_ID_VORBIS,
                ..trimmed(self.pre_skip(), None, n_frames)
            },
            well_known::FORMAT_ID_CAF => self.core_audio(delay),
            well_known::FORMAT_ID_ISOMP4 => self.mp4(),
            well_known::FORMAT_ID_MKV => self.matroska(),
            well_known::FORMAT_ID_ADTS => Length::default(),
            // Blocks of ADPCM are of one size, so that the last one reaches over the end.
            well_known::FORMAT_ID_WAVE => match (self.stated(), n_frames) {
                (Some(Stated::Frames { n_frames: stated }), Some(n)) if is_adpcm(self.params) => {
                    trimmed(0, Some(stated.min(n)), Some(stated.min(n)))
                }
                _ => trimmed(0, None, n_frames),
            },
            _ => trimmed(delay, None, n_frames),
        }
    }

    fn pre_skip(&self) -> u64 {
        self.opus.map_or(0, |head| u64::from(head.pre_skip))
    }

    fn stated(&self) -> Option<Stated> {
        let own = |timing: &&TrackTiming| timing.track_id == self.track.id;
        self.timings.iter().find(own).map(|timing| timing.stated)
    }

    /// Packet tables count valid frames; files of fixed packets are counted by their bytes.
    fn core_audio(&self, delay: u64) -> Length {
        let padding = self.track.padding.map(u64::from);
        let is_variable = self.params.bits_per_coded_sample == Some(0);
        let n_frames = self.track.num_frames;
        match (is_variable, n_frames, padding) {
            // Some writers count the padding as valid; that moves the end, and is no loss.
            (true, n_frames, _) => trimmed(delay, n_frames.map(|n| n.saturating_add(delay)), None),
            (false, Some(n), Some(padding)) => {
                trimmed(delay, Some(n.saturating_sub(padding)), Some(n))
            }
            (false, n_frames, _) => trimmed(delay, None, n_frames),
        }
    }

    /// Apple's comment is exact; the edit list counts in a coarser unit than frames, so its end
    /// is believed only where it really cuts; the sample table says where the last packet ends.
    fn mp4(&self) -> Length {
        let n_media = self.track.num_frames.filter(|&n| n > 0);
        if let Some((delay, n_valid)) = self.revisions.iter().find_map(itunes_smpb) {
            return trimmed(delay, Some(delay.saturating_add(n_valid)), n_media);
        }
        let rate_hz = self.params.sample_rate.unwrap_or(0);
        let Some(Stated::Edit { media_time, duration, timescale }) = self.stated() else {
            return trimmed(self.pre_skip(), n_media, n_media);
        };
        let in_frames = |units: u64| {
            let frames = u128::from(units) * u128::from(rate_hz) / u128::from(timescale.max(1));
            u64::try_from(frames).unwrap_or(u64::MAX)
        };
        let first = in_frames(media_time);
        let cut = duration.and_then(|(units, rounding)| {
            let end = first.saturating_add(in_frames(units));
            let cuts = n_media.is_none_or(|n| end.saturating_add(in_frames(rounding)) < n);
            cuts.then_some(end)
        });
        // A fragmented file may state the length of its first fragment only, or none.
        let end = if n_media.is_some() { cut.or(n_media) } else { None };
        if end.is_some_and(|end| end <= first) {
            return trimmed(0, n_media, n_media);
        }
        trimmed(first, end, n_media)
    }

    fn matroska(&self) -> Length {
        let (delay_ns, padding_ns) = match self.stated() {
            Some(Stated::Delay { delay_ns, padding_ns }) => (delay_ns, padding_ns),
            _ => (0, 0),
        };
        let rate_hz = self.params.sample_rate.unwrap_or(0);
        let in_frames = |ns: u64| {
            // Rounded: files state whole nanoseconds of what was whole frames.
            let frames = (u128::from(ns) * u128::from(rate_hz) + 500_000_000) / 1_000_000_000;
            u64::try_from(frames).unwrap_or(u64::MAX)
        };
        let delay = self.opus.map_or(in_frames(delay_ns), |head| u64::from(head.pre_skip));
        let trim = Trim { first: delay, end: None };
        Length {
            trim,
            n_padding_of_last: in_frames(padding_ns),
            packets_state_cuts: self.params.codec != CODEC_ID_VORBIS,
            n_expected: None,
        }
    }
}

fn is_adpcm(params: &AudioCodecParameters) -> bool {
    matches!(params.codec, CODEC_ID_ADPCM_MS | CODEC_ID_ADPCM_IMA_WAV)
}

fn trimmed(first: u64, end: Option<u64>, n_expected: Option<u64>) -> Length {
    Length { trim: Trim { first, end }, n_expected, ..Length::default() }
}

/// Delay and number of valid frames of Apple's `iTunSMPB`: hexadecimal words, of which the second
/// is the delay, the third the padding and the fourth the length.
fn itunes_smpb(revision: &MetadataRevision) -> Option<(u64, u64)> {
    let is_smpb = |key: &str| key.to_ascii_lowercase().ends_with("itunsmpb");
    let tag = revision.media.tags.iter().find(|tag| is_smpb(&tag.raw.key))?;
    smpb_words(&tag.raw.value.to_string())
}

fn smpb_words(text: &str) -> Option<(u64, u64)> {
    let mut words = text.split_ascii_whitespace().map(|word| u64::from_str_radix(word, 16));
    let (_, delay, _padding, n_valid) =
        (words.next()?.ok()?, words.next()?.ok()?, words.next()?.ok()?, words.next()?.ok()?);
    // A second of delay is beyond every encoder; nothing valid is beyond sense.
    (delay < 48_000 && n_valid > 0).then_some((delay, n_valid))
}

#[cfg(test)]
mod tests {
    use super::smpb_words;

    #[test]
    fn reads_the_words_of_itunes() {
        let text = " 00000000 00000840 000001CA 00000000003F31F6 00000000 00000000";
        assert_eq!(smpb_words(text), Some((2_112, 0x3F_31F6)));
    }

    #[test]
    fn does_not_believe_nonsense() {
        for text in ["", "1 2 3", "0 FFFFFFFF 0 100", "0 840 1CA 0", "x y z w"] {
            assert_eq!(smpb_words(text), None, "{text}");
        }
    }
}
