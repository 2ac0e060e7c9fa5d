//! `CodecDelay` and `DiscardPadding` of Matroska (RFC 9559 §5.1.4.1.25 and §5.1.3.5.7).

use std::io::{self, Read, Seek};

use super::{Stated, TrackTiming, read_at};

/// The EBML header's id, with which every file begins.
pub(super) const MAGIC: [u8; 4] = [0x1A, 0x45, 0xDF, 0xA3];

const SEGMENT: u32 = 0x1853_8067;
const TRACKS: u32 = 0x1654_AE6B;
const TRACK_ENTRY: u32 = 0xAE;
const TRACK_NUMBER: u32 = 0xD7;
const CODEC_DELAY: u32 = 0x56AA;
const CLUSTER: u32 = 0x1F43_B675;
const BLOCK_GROUP: u32 = 0xA0;
const BLOCK: u32 = 0xA1;
const SIMPLE_BLOCK: u32 = 0xA3;
const DISCARD_PADDING: u32 = 0x75A2;

/// Elements that are looked at before giving up: 3 hours in clusters of a second, and the blocks
/// of one cluster.
const MAX_ELEMENTS: u32 = 40_000;

/// Tracks whose padding is kept.
const MAX_TRACKS: usize = 64;

#[derive(Debug, Clone, Copy)]
struct Element {
    id: u32,
    begin: u64,
    end: u64,
}

/// Walks elements within a budget.
struct Walk<'a, S> {
    source: &'a mut S,
    n_elements: u32,
}

impl<S: Read + Seek> Walk<'_, S> {
    /// The element at `at`, unless it has no known size or reaches over `end`.
    fn element(&mut self, at: u64, end: u64) -> io::Result<Option<Element>> {
        self.n_elements += 1;
        if self.n_elements > MAX_ELEMENTS || at >= end {
            return Ok(None);
        }
        let mut bytes = [0; 12];
        let n = usize::try_from(end - at).unwrap_or(usize::MAX).min(bytes.len());
        read_at(self.source, at, &mut bytes[..n])?;
        let Some((id, n_id)) = vint(&bytes, false) else { return Ok(None) };
        let Some((n_bytes, n_size)) = vint(&bytes[n_id..], true) else { return Ok(None) };
        let begin = at + (n_id + n_size) as u64;
        let is_unknown = n_bytes == (1 << (7 * n_size)) - 1;
        let Ok(id) = u32::try_from(id) else { return Ok(None) };
        let end = begin.checked_add(n_bytes).filter(|&stop| stop <= end && !is_unknown);
        Ok(end.map(|end| Element { id, begin, end }))
    }

    /// The children of `parent`, until one that cannot be followed.
    fn each(
        &mut self,
        parent: Element,
        mut visit: impl FnMut(&mut Self, Element) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut at = parent.begin;
        while let Some(child) = self.element(at, parent.end)? {
            visit(self, child)?;
            at = child.end;
        }
        Ok(())
    }

    /// The content of a short element, right-aligned.
    fn number(&mut self, element: Element) -> io::Result<Option<u64>> {
        let n = usize::try_from(element.end - element.begin).unwrap_or(usize::MAX);
        let mut bytes = [0; 8];
        if n > bytes.len() {
            return Ok(None);
        }
        read_at(self.source, element.begin, &mut bytes[8 - n..])?;
        Ok(Some(u64::from_be_bytes(bytes)))
    }
}

/// A variable-length integer: its value, with or without the length marker, and its length.
fn vint(bytes: &[u8], without_marker: bool) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let n = first.leading_zeros() as usize + 1;
    let rest = bytes.get(1..n)?;
    let marker = 0x80u8.checked_shr(u32::try_from(n).ok()? - 1)?;
    let head = if without_marker { first & !marker } else { first };
    let value = rest.iter().fold(u64::from(head), |value, &byte| value << 8 | u64::from(byte));
    Some((value, n))
}

/// Delay and padding of each track that states one.
pub(super) fn delays<S: Read + Seek>(source: &mut S) -> io::Result<Vec<TrackTiming>> {
    let end = source.seek(io::SeekFrom::End(0))?;
    let mut walk = Walk { source, n_elements: 0 };
    let Some(header) = walk.element(0, end)? else { return Ok(Vec::new()) };
    let Some(segment) = walk.element(header.end, end)? else { return Ok(Vec::new()) };
    if segment.id != SEGMENT {
        return Ok(Vec::new());
    }
    let mut entries = Vec::new();
    let mut last_cluster = None;
    walk.each(segment, |walk, child| {
        match child.id {
            TRACKS => walk.each(child, |walk, entry| {
                if entry.id == TRACK_ENTRY {
                    entries.extend(track_entry(walk, entry)?);
                }
                Ok(())
            })?,
            CLUSTER => last_cluster = Some(child),
            _ => {}
        }
        Ok(())
    })?;
    let mut paddings = Vec::new();
    if let Some(cluster) = last_cluster {
        paddings = last_paddings(&mut walk, cluster)?;
    }
    let timing = |(track_id, delay_ns): (u32, u64)| {
        let padding = paddings.iter().find(|(number, _)| *number == u64::from(track_id));
        let padding_ns = padding.map_or(0, |&(_, ns)| ns);
        let stated = Stated::Delay { delay_ns, padding_ns };
        (delay_ns > 0 || padding_ns > 0).then_some(TrackTiming { track_id, stated })
    };
    Ok(entries.into_iter().filter_map(timing).collect())
}

/// Number and delay of a track.
fn track_entry<S: Read + Seek>(
    walk: &mut Walk<'_, S>,
    entry: Element,
) -> io::Result<Option<(u32, u64)>> {
    let (mut number, mut delay_ns) = (None, 0);
    walk.each(entry, |walk, child| {
        match child.id {
            TRACK_NUMBER => number = walk.number(child)?,
            CODEC_DELAY => delay_ns = walk.number(child)?.unwrap_or(0),
            _ => {}
        }
        Ok(())
    })?;
    Ok(number.and_then(|number| u32::try_from(number).ok()).map(|number| (number, delay_ns)))
}

/// For each track number in `cluster` the padding of its last block, in nanoseconds.
fn last_paddings<S: Read + Seek>(
    walk: &mut Walk<'_, S>,
    cluster: Element,
) -> io::Result<Vec<(u64, u64)>> {
    let mut paddings: Vec<(u64, u64)> = Vec::new();
    walk.each(cluster, |walk, child| {
        let (number, padding_ns) = match child.id {
            SIMPLE_BLOCK => (block_track(walk, child)?, 0),
            BLOCK_GROUP => block_group(walk, child)?,
            _ => return Ok(()),
        };
        let Some(number) = number else { return Ok(()) };
        paddings.retain(|&(other, _)| other != number);
        // A file has few tracks; one with many is not worth the search.
        if paddings.len() < MAX_TRACKS {
            paddings.push((number, padding_ns));
        }
        Ok(())
    })?;
    Ok(paddings)
}

fn block_track<S: Read + Seek>(walk: &mut Walk<'_, S>, block: Element) -> io::Result<Option<u64>> {
    let mut bytes = [0; 8];
    let n = usize::try_from(block.end - block.begin).unwrap_or(usize::MAX).min(bytes.len());
    read_at(walk.source, block.begin, &mut bytes[..n])?;
    Ok(vint(&bytes[..n], true).map(|(number, _)| number))
}

fn block_group<S: Read + Seek>(
    walk: &mut Walk<'_, S>,
    group: Element,
) -> io::Result<(Option<u64>, u64)> {
    let (mut number, mut padding_ns) = (None, 0);
    walk.each(group, |walk, child| {
        match child.id {
            BLOCK => number = block_track(walk, child)?,
            DISCARD_PADDING => {
                let n_bits = 8 * (child.end - child.begin);
                let raw = walk.number(child)?.unwrap_or(0);
                // A signed number; a negative one means something else and is left alone.
                let is_negative = n_bits > 0 && n_bits <= 64 && raw >> (n_bits - 1) & 1 == 1;
                padding_ns = if is_negative { 0 } else { raw };
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok((number, padding_ns))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::{Stated, TrackTiming, delays};

    fn element(id: &[u8], content: &[u8]) -> Vec<u8> {
        // Sizes of two bytes: marker 0x40.
        let size = u16::try_from(content.len()).unwrap() | 0x4000;
        [id, &size.to_be_bytes(), content].concat()
    }

    fn file(last_padding: &[u8]) -> Vec<u8> {
        let entry = element(
            &[0xAE],
            &[element(&[0xD7], &[2]), element(&[0x56, 0xAA], &6_500_000u32.to_be_bytes())].concat(),
        );
        let group = |padding: &[u8]| {
            let block = element(&[0xA1], &[0x82, 0, 0, 0, 1, 2, 3]);
            let discard = element(&[0x75, 0xA2], padding);
            element(&[0xA0], &[block, discard].concat())
        };
        let cluster = |groups: &[Vec<u8>]| element(&[0x1F, 0x43, 0xB6, 0x75], &groups.concat());
        let segment = [
            element(&[0x16, 0x54, 0xAE, 0x6B], &entry),
            cluster(&[group(&[1])]),
            cluster(&[group(&[2]), group(last_padding)]),
        ];
        let segment = element(&[0x18, 0x53, 0x80, 0x67], &segment.concat());
        [element(&super::MAGIC, &[]), segment].concat()
    }

    fn check(last_padding: &[u8], padding_ns: u64) {
        let stated = Stated::Delay { delay_ns: 6_500_000, padding_ns };
        let got = delays(&mut Cursor::new(file(last_padding))).unwrap();
        assert_eq!(got, [TrackTiming { track_id: 2, stated }]);
    }

    #[test]
    fn reads_the_delay_and_the_padding_of_the_last_block() {
        check(&[0x35, 0x67, 0xE0], 3_500_000);
        check(&[], 0);
    }

    #[test]
    fn leaves_a_negative_padding_alone() {
        check(&[0xFF, 0xFF], 0);
    }

    #[test]
    fn survives_every_cut() {
        let whole = file(&[1]);
        for n_bytes in 0..whole.len() {
            let cut = delays(&mut Cursor::new(&whole[..n_bytes]));
            assert!(cut.map_or(true, |timings| timings.len() <= 1), "cut at {n_bytes}");
        }
    }
}
