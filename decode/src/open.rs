//! Recognising a file and checking its header before anything is decoded.

use std::io::{self, Read, Seek};

use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::codecs::audio::well_known::CODEC_ID_OPUS;
use symphonia::core::errors::Error as SymphoniaError;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{
    FormatId, FormatOptions, FormatReader, Track, TrackType, well_known,
};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;

use crate::codec::Codec;
use crate::container;
use crate::decoder::{Counts, Decoder, State};
use crate::gapless;
use crate::guard::guarded;
use crate::opus::{Head, Layout};
use crate::source::{LimitedSource, Meter};
use crate::trim::Trimmer;
use crate::{Error, Format, Limits, Result, Tags, tags};

/// Opens `source` up to, not including, its first packet.
pub(crate) fn open<R>(source: R, hint: Option<&str>, limits: &Limits) -> Result<Decoder>
where
    R: Read + Seek + Send + Sync + 'static,
{
    let (mut source, meter) = LimitedSource::new(source, limits)?;
    let timings = container::timings(&mut source).map_err(|error| meter.explain(error))?;
    let mut reader = probe(source, hint, &meter)?;
    let revisions = tags::revisions(reader.metadata());
    let tags = Tags::new(&revisions, limits)?;

    let info = *reader.format_info();
    let layout = match info.format {
        well_known::FORMAT_ID_ISOMP4 => Layout::DOps,
        _ => Layout::OpusHead,
    };
    let (track, params, codec) = choose(reader.as_ref(), layout, limits)?;
    let opus = match params.codec {
        CODEC_ID_OPUS => {
            Some(Head::parse(params.extra_data.as_deref().unwrap_or_default(), layout)?)
        }
        _ => None,
    };
    let declared_duration_s = declared_duration(&track, &params);
    if is_trusted(info.format) && declared_duration_s.is_some_and(|s| s > limits.max_duration_s) {
        return Err(limits.too_long());
    }
    let length = gapless::Sources {
        info: &info,
        track: &track,
        params: &params,
        opus: opus.as_ref(),
        timings: &timings,
        revisions: &revisions,
    }
    .length();
    meter.begin_audio();
    let format = Format {
        container: container_name(info.format, info.short_name).to_owned(),
        codec: codec.name().to_owned(),
        sample_rate_hz: params.sample_rate.unwrap_or(0),
        n_channels: params.channels.as_ref().map_or(0, |c| u32::try_from(c.count()).unwrap_or(0)),
        bits_per_sample: params.bits_per_sample.filter(|&bits| bits > 0),
        declared_duration_s,
    };
    Ok(Decoder {
        reader,
        codec,
        track_id: track.id,
        time_base: track.time_base,
        limits: limits.clone(),
        meter,
        trimmer: Trimmer::new(length.trim),
        length,
        lookahead: None,
        tags,
        format,
        shape: None,
        state: State::Running,
        block: Vec::new(),
        counts: Counts::default(),
    })
}

fn probe<R>(
    source: LimitedSource<R>,
    hint: Option<&str>,
    meter: &Meter,
) -> Result<Box<dyn FormatReader>>
where
    R: Read + Seek + Send + Sync + 'static,
{
    let stream = MediaSourceStream::new(Box::new(source), MediaSourceStreamOptions::default());
    let mut wanted = Hint::new();
    if let Some(extension) = hint {
        wanted.with_extension(extension);
    }
    let probed = guarded("reader", || {
        symphonia::default::get_probe().probe(
            &wanted,
            stream,
            FormatOptions::default(),
            MetadataOptions::default(),
        )
    })?;
    probed.map_err(|error| {
        if let Some(cause) = meter.cause(true) {
            return cause;
        }
        match error {
            SymphoniaError::Unsupported(what) => Error::unsupported(what),
            SymphoniaError::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Error::bad("the file ends within its header")
            }
            other => Error::bad(other.to_string()),
        }
    })
}

/// The default audio track, or else the first that there is a decoder for.
fn choose(
    reader: &dyn FormatReader,
    layout: Layout,
    limits: &Limits,
) -> Result<(Track, AudioCodecParameters, Codec)> {
    let default = reader.default_track(TrackType::Audio);
    let mut refusal = None;
    for track in default.into_iter().chain(reader.tracks()) {
        let Some(CodecParameters::Audio(params)) = &track.codec_params else { continue };
        match guarded("decoder", || Codec::new(params, layout, limits))? {
            Ok(codec) => return Ok((track.clone(), params.clone(), codec)),
            Err(error @ Error::UnsupportedFormat { .. }) => {
                refusal.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    Err(refusal.unwrap_or_else(|| Error::unsupported("no audio track")))
}

fn declared_duration(track: &Track, params: &AudioCodecParameters) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a duration for people, not for counting")]
    let from_frames = |n_frames: u64, rate_hz: u32| n_frames as f64 / f64::from(rate_hz);
    match (track.num_frames, params.sample_rate, track.time_base, track.duration) {
        (Some(n_frames), Some(rate_hz), ..) if rate_hz > 0 => Some(from_frames(n_frames, rate_hz)),
        (_, _, Some(base), Some(duration)) => {
            base.calc_duration(duration).map(|time| time.as_secs_f64())
        }
        _ => None,
    }
}

/// Containers whose stated length is worth refusing a file for. PCM of a pipe states the largest
/// number there is, and MPEG audio and ADTS are guesses; they are counted as they are decoded.
fn is_trusted(format: FormatId) -> bool {
    matches!(
        format,
        well_known::FORMAT_ID_FLAC | well_known::FORMAT_ID_OGG | well_known::FORMAT_ID_ISOMP4
    )
}

fn container_name(format: FormatId, short_name: &'static str) -> &'static str {
    match format {
        well_known::FORMAT_ID_WAVE => "wav",
        well_known::FORMAT_ID_ISOMP4 => "mp4",
        well_known::FORMAT_ID_ADTS => "adts",
        _ => short_name,
    }
}
