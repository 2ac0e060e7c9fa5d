//! What symphonia 0.6.1 does not tell of a WAV file: `LIST INFO`, `id3 `, `fact`, and how many
//! channels are too many.

use std::io::{self, Cursor, Read, Seek};
use std::sync::Arc;

use symphonia::core::formats::probe::ProbeableMetadata;
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::{
    MetadataBuilder, MetadataInfo, MetadataOptions, MetadataRevision, StandardTag, Tag, well_known,
};
use symphonia::default::meta::Id3v2Reader;

use super::{Findings, Stated, StatedShape, TrackTiming, read_at};

/// Chunks that are looked at before giving up.
const MAX_CHUNKS: u32 = 1_000;

/// The largest `LIST INFO`; the limits on tags are checked on what is found in it.
const MAX_INFO_BYTES: u64 = 16 << 20;

const INFO: MetadataInfo = MetadataInfo {
    metadata: well_known::METADATA_ID_WAVE,
    short_name: "wave",
    long_name: "RIFF INFO",
};

/// A chunk: its kind, and where its content begins and ends.
#[derive(Debug, Clone, Copy)]
struct Chunk {
    kind: [u8; 4],
    begin: u64,
    end: u64,
}

/// Walks the chunks of a WAVE form. `max_id3_bytes` bounds an embedded ID3 tag with its pictures.
pub(super) fn findings<S: Read + Seek>(source: &mut S, max_id3_bytes: u64) -> io::Result<Findings> {
    let end = source.seek(io::SeekFrom::End(0))?;
    let mut findings = Findings::default();
    let mut at = 12;
    for _ in 0..MAX_CHUNKS {
        let Some(chunk) = chunk(source, at, end)? else { break };
        match &chunk.kind {
            b"fmt " => findings.shape = findings.shape.or(shape(source, chunk)?),
            b"fact" => findings.timings.extend(fact(source, chunk)?),
            b"LIST" => findings.revisions.extend(info(source, chunk)?),
            b"id3 " | b"ID3 " if chunk.end - chunk.begin <= max_id3_bytes => {
                let bytes = content(source, chunk)?;
                findings.revisions.extend(id3(bytes));
            }
            _ => {}
        }
        at = chunk.end + (chunk.end & 1);
    }
    Ok(findings)
}

/// The chunk at `at`, unless it reaches over `end`, as the data of a cut or piped file does.
fn chunk<S: Read + Seek>(source: &mut S, at: u64, end: u64) -> io::Result<Option<Chunk>> {
    if end.saturating_sub(at) < 8 {
        return Ok(None);
    }
    let mut header = [0; 8];
    read_at(source, at, &mut header)?;
    let [a, b, c, d, size @ ..] = header;
    let begin = at + 8;
    let stop = begin + u64::from(u32::from_le_bytes(size));
    Ok((stop <= end).then_some(Chunk { kind: [a, b, c, d], begin, end: stop }))
}

fn content<S: Read + Seek>(source: &mut S, chunk: Chunk) -> io::Result<Vec<u8>> {
    let n_bytes = usize::try_from(chunk.end - chunk.begin).unwrap_or(usize::MAX);
    let mut bytes = vec![0; n_bytes];
    read_at(source, chunk.begin, &mut bytes)?;
    Ok(bytes)
}

/// Channels and rate, before symphonia refuses the former in words of its own.
fn shape<S: Read + Seek>(source: &mut S, chunk: Chunk) -> io::Result<Option<StatedShape>> {
    if chunk.end - chunk.begin < 8 {
        return Ok(None);
    }
    let mut fields = [0; 8];
    read_at(source, chunk.begin, &mut fields)?;
    let [_, _, low, high, rate @ ..] = fields;
    let n_channels = u16::from_le_bytes([low, high]);
    Ok(Some(StatedShape { n_channels, rate_hz: u32::from_le_bytes(rate) }))
}

/// The number of frames, which compressed files state because their blocks do not.
fn fact<S: Read + Seek>(source: &mut S, chunk: Chunk) -> io::Result<Option<TrackTiming>> {
    if chunk.end - chunk.begin < 4 {
        return Ok(None);
    }
    let mut count = [0; 4];
    read_at(source, chunk.begin, &mut count)?;
    let n_frames = u64::from(u32::from_le_bytes(count));
    let stated = Stated::Frames { n_frames };
    Ok((n_frames > 0).then_some(TrackTiming { track_id: 0, stated }))
}

fn info<S: Read + Seek>(source: &mut S, list: Chunk) -> io::Result<Option<MetadataRevision>> {
    let n_bytes = list.end - list.begin;
    if !(4..=MAX_INFO_BYTES).contains(&n_bytes) {
        return Ok(None);
    }
    let bytes = content(source, list)?;
    let Some(mut rest) = bytes.strip_prefix(b"INFO") else { return Ok(None) };
    let mut builder = MetadataBuilder::new(INFO);
    while let Some((header, body)) = rest.split_first_chunk::<8>() {
        let [a, b, c, d, size @ ..] = *header;
        let n_value = usize::try_from(u32::from_le_bytes(size)).unwrap_or(usize::MAX);
        let Some(value) = body.get(..n_value) else { break };
        let text = text(value);
        let key = text_key([a, b, c, d]);
        builder.add_tag(Tag::new_from_parts(key, text.as_str(), standard([a, b, c, d], &text)));
        rest = body.get(n_value + (n_value & 1)..).unwrap_or_default();
    }
    Ok(Some(builder.build()))
}

fn text_key(kind: [u8; 4]) -> String {
    kind.iter().map(|&byte| char::from(byte)).collect()
}

/// INFO has no encoding: most write UTF-8 today, and wrote Latin-1 before.
fn text(bytes: &[u8]) -> String {
    let n_text = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    let bytes = &bytes[..n_text];
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}

fn standard(kind: [u8; 4], text: &str) -> Option<StandardTag> {
    let owned = || Arc::new(text.to_owned());
    match &kind {
        b"INAM" => Some(StandardTag::TrackTitle(owned())),
        b"IART" => Some(StandardTag::Artist(owned())),
        b"IPRD" => Some(StandardTag::Album(owned())),
        b"ITRK" | b"IPRT" | b"TRCK" => {
            let number = text.split('/').next()?.trim().parse().ok()?;
            Some(StandardTag::TrackNumber(number))
        }
        _ => None,
    }
}

/// A damaged tag is no reason to refuse the audio.
fn id3(bytes: Vec<u8>) -> Option<MetadataRevision> {
    let source = Box::new(Cursor::new(bytes));
    let stream = MediaSourceStream::new(source, MediaSourceStreamOptions::default());
    let mut reader = Id3v2Reader::try_probe_new(stream, MetadataOptions::default()).ok()?;
    Some(reader.read_all().ok()?.revision)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::findings;
    use crate::container::{Stated, TrackTiming};

    fn chunk(kind: &[u8], content: &[u8]) -> Vec<u8> {
        let n_bytes = u32::try_from(content.len()).unwrap();
        let padding = &[0][..content.len() & 1];
        [kind, &n_bytes.to_le_bytes(), content, padding].concat()
    }

    fn wave(chunks: &[Vec<u8>]) -> Vec<u8> {
        let body = [b"WAVE".to_vec(), chunks.concat()].concat();
        chunk(b"RIFF", &body)
    }

    #[test]
    fn reads_info_after_the_data() {
        let list = [b"INFO".to_vec(), chunk(b"INAM", b"Bl\xE5b\xE6r\0"), chunk(b"ITRK", b"3/12")];
        let bytes = wave(&[chunk(b"data", &[0; 7]), chunk(b"LIST", &list.concat())]);
        let found = findings(&mut Cursor::new(bytes), 100).unwrap();
        let tags: Vec<_> =
            found.revisions[0].media.tags.iter().map(|tag| tag.raw.value.to_string()).collect();
        assert_eq!(tags, ["Blåbær", "3/12"]);
    }

    #[test]
    fn reads_the_number_of_frames() {
        let bytes = wave(&[chunk(b"fact", &3_600u32.to_le_bytes()), chunk(b"data", &[0; 8])]);
        let found = findings(&mut Cursor::new(bytes), 100).unwrap();
        let stated = Stated::Frames { n_frames: 3_600 };
        assert_eq!(found.timings, [TrackTiming { track_id: 0, stated }]);
    }

    #[test]
    fn survives_every_cut_and_lengths_that_lie() {
        let list = [b"INFO".to_vec(), chunk(b"INAM", b"title")].concat();
        let whole = wave(&[chunk(b"LIST", &list), chunk(b"id3 ", b"ID3\x03\0\0\0\0\0\x7F")]);
        for n_bytes in 0..whole.len() {
            findings(&mut Cursor::new(&whole[..n_bytes]), 100).unwrap();
            let mut lying = whole.clone();
            lying[n_bytes] = 0xFF;
            findings(&mut Cursor::new(lying), 100).unwrap();
        }
    }
}
