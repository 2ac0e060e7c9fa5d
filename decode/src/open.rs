//! Recognising a file and checking its header before anything is decoded.

use std::io::{self, Read, Seek};

use symphonia::core::errors::Error as SymphoniaError;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatId, FormatOptions, FormatReader, well_known};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;

use crate::container::{self, Findings};
use crate::decoder::Decoder;
use crate::guard::guarded;
use crate::link::Link;
use crate::source::{LimitedSource, Meter};
use crate::{Error, Format, Limits, Result, Tags, tags};

/// Opens `source` and decodes its first block.
///
/// A file that was cut off is often refused for what it lacks at its end. Such a file is opened
/// again as if it came from a pipe, so that it gives its good frames.
///
/// # Errors
///
/// See [`Decoder::open`].
pub(crate) fn open<R>(source: R, hint: Option<&str>, limits: &Limits) -> Result<Decoder>
where
    R: Read + Seek + Send + Sync + 'static,
{
    let (source, meter) = LimitedSource::new(source, limits)?;
    let mut whole = source.share();
    let findings = guarded("reader", || container::look(&mut whole, limits))?;
    let findings = findings.map_err(|error| meter.explain(error))?;
    if let Some(shape) = findings.shape {
        limits.check_channels(usize::from(shape.n_channels))?;
        limits.check_rate(shape.rate_hz)?;
    }
    let error = match open_once(whole, hint, limits, &meter, &findings) {
        Ok(decoder) => return Ok(decoder),
        Err(error) => error,
    };
    if !matches!(error, Error::BadMedia { .. } | Error::Empty) {
        return Err(error);
    }
    meter.begin_header();
    match open_once(source.as_pipe()?, hint, limits, &meter, &findings) {
        Ok(mut decoder) => {
            decoder.mark_truncated();
            Ok(decoder)
        }
        Err(found @ (Error::LimitExceeded { .. } | Error::Io(_))) => Err(found),
        Err(_) => Err(error),
    }
}

fn open_once<R>(
    source: LimitedSource<R>,
    hint: Option<&str>,
    limits: &Limits,
    meter: &Meter,
    findings: &Findings,
) -> Result<Decoder>
where
    R: Read + Seek + Send + Sync + 'static,
{
    let mut reader = probe(source, hint, meter)?;
    let mut revisions = tags::revisions(reader.metadata());
    revisions.extend(findings.revisions.iter().cloned());
    let tags = Tags::new(&revisions, limits)?;
    let link = Link::new(reader.as_ref(), limits, &findings.timings, &revisions)?;
    let info = *reader.format_info();
    if is_trusted(info.format)
        && link.declared_duration_s.is_some_and(|duration_s| duration_s > limits.max_duration_s)
    {
        return Err(limits.too_long());
    }
    let format = Format {
        container: container_name(info.format, info.short_name).to_owned(),
        codec: link.codec.name().to_owned(),
        sample_rate_hz: 0,
        n_channels: 0,
        bits_per_sample: link.bits_per_sample,
        declared_duration_s: link.declared_duration_s,
    };
    meter.begin_audio();
    let mut decoder = Decoder::new(reader, link, format, tags, limits.clone(), meter.clone());
    decoder.prime()?;
    Ok(decoder)
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
    probed.map_err(|error| meter.cause(true).unwrap_or_else(|| refusal(error)))
}

/// The class of a reader's refusal.
fn refusal(error: SymphoniaError) -> Error {
    match error {
        // "Unsupported" is also what symphonia says when a part is absent that must be there.
        SymphoniaError::Unsupported(what) if what.contains("missing") => Error::bad(what),
        SymphoniaError::Unsupported(what) => Error::unsupported(what),
        SymphoniaError::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Error::bad("the file ends within its header")
        }
        other => Error::bad(other.to_string()),
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
