//! One audio track with its decoder and its length. A file is one link; chained Ogg has several.

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::codecs::audio::well_known::{CODEC_ID_FLAC, CODEC_ID_OPUS, CODEC_ID_VORBIS};
use symphonia::core::formats::{FormatReader, Track, TrackType, well_known};
use symphonia::core::meta::MetadataRevision;
use symphonia::core::units::TimeBase;

use crate::codec::Codec;
use crate::container::TrackTiming;
use crate::gapless::{Length, Sources};
use crate::guard::guarded;
use crate::opus::{Head, Layout};
use crate::{Error, Limits, Result};

/// What it takes to decode one track.
pub(crate) struct Link {
    pub(crate) codec: Codec,
    pub(crate) track_id: u32,
    pub(crate) time_base: Option<TimeBase>,
    pub(crate) length: Length,
    pub(crate) bits_per_sample: Option<u32>,
    pub(crate) declared_duration_s: Option<f64>,
}

impl Link {
    /// Takes the default audio track, or else the first that there is a decoder for.
    ///
    /// # Errors
    ///
    /// [`Error::UnsupportedFormat`] without such a track; [`Error::LimitExceeded`] and
    /// [`Error::BadMedia`] for its parameters.
    pub(crate) fn new(
        reader: &dyn FormatReader,
        limits: &Limits,
        timings: &[TrackTiming],
        revisions: &[MetadataRevision],
    ) -> Result<Self> {
        let info = reader.format_info();
        let layout = match info.format {
            well_known::FORMAT_ID_ISOMP4 => Layout::DOps,
            _ => Layout::OpusHead,
        };
        let (track, params, codec) = choose(reader, layout, limits)?;
        let opus = match params.codec {
            CODEC_ID_OPUS => {
                Some(Head::parse(params.extra_data.as_deref().unwrap_or_default(), layout)?)
            }
            _ => None,
        };
        let opus = opus.as_ref();
        let length = Sources { info, track, params, opus, timings, revisions }.length();
        Ok(Self {
            codec,
            track_id: track.id,
            time_base: track.time_base,
            length,
            bits_per_sample: bits_per_sample(params),
            declared_duration_s: declared_duration(track, params, length),
        })
    }
}

fn choose<'a>(
    reader: &'a dyn FormatReader,
    layout: Layout,
    limits: &Limits,
) -> Result<(&'a Track, &'a AudioCodecParameters, Codec)> {
    let default = reader.default_track(TrackType::Audio);
    let mut refusal = None;
    for track in default.into_iter().chain(reader.tracks()) {
        let Some(CodecParameters::Audio(params)) = &track.codec_params else { continue };
        match guarded("decoder", || Codec::new(params, layout, limits))? {
            Ok(codec) => return Ok((track, params, codec)),
            Err(error @ Error::UnsupportedFormat { .. }) => {
                refusal.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    Err(refusal.unwrap_or_else(|| Error::unsupported("no audio track")))
}

/// Matroska states a depth for every codec; for most it means nothing.
fn bits_per_sample(params: &AudioCodecParameters) -> Option<u32> {
    let is_lossy = (CODEC_ID_VORBIS..CODEC_ID_FLAC).contains(&params.codec);
    params.bits_per_sample.filter(|&bits| bits > 0 && !is_lossy)
}

fn declared_duration(track: &Track, params: &AudioCodecParameters, length: Length) -> Option<f64> {
    let n_presented = match (length.trim.end.or(length.n_expected), track.num_frames) {
        (Some(end), _) => Some(end.saturating_sub(length.trim.first)),
        (None, guess) => guess,
    };
    #[expect(clippy::cast_precision_loss, reason = "a duration for people, not for counting")]
    let from_frames = |n_frames: u64, rate_hz: u32| n_frames as f64 / f64::from(rate_hz);
    let stated = match (n_presented, params.sample_rate, track.time_base, track.duration) {
        (Some(n_frames), Some(rate_hz), ..) if rate_hz > 0 => Some(from_frames(n_frames, rate_hz)),
        (_, _, Some(base), Some(duration)) => {
            base.calc_duration(duration).map(|time| time.as_secs_f64())
        }
        _ => None,
    };
    stated.filter(|&duration_s| duration_s > 0.0)
}
