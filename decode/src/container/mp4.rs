//! Edit lists of MP4 (ISO/IEC 14496-12 §8.6.6).

use std::io::{self, Read, Seek};

use super::{Stated, TrackTiming, read_at};

/// Boxes that are looked at before giving up.
const MAX_BOXES: u32 = 10_000;

/// A fragment of a box tree: kind, and where its content begins and ends.
#[derive(Debug, Clone, Copy)]
struct Span {
    kind: [u8; 4],
    begin: u64,
    end: u64,
}

/// Walks boxes within a budget.
struct Walk<'a, S> {
    source: &'a mut S,
    n_boxes: u32,
}

impl<S: Read + Seek> Walk<'_, S> {
    /// The box at `at`, if it fits before `end`, and where the next begins.
    fn header(&mut self, at: u64, end: u64) -> io::Result<Option<(Span, u64)>> {
        self.n_boxes += 1;
        if self.n_boxes > MAX_BOXES || end.saturating_sub(at) < 8 {
            return Ok(None);
        }
        let mut short = [0; 8];
        read_at(self.source, at, &mut short)?;
        let (size, kind) = halves(short);
        let (n_header, n_bytes) = match u32::from_be_bytes(size) {
            0 => (8, end - at),
            1 => {
                let mut long = [0; 8];
                read_at(self.source, at + 8, &mut long)?;
                (16, u64::from_be_bytes(long))
            }
            n => (8, u64::from(n)),
        };
        let next = at.checked_add(n_bytes).filter(|&next| n_bytes >= n_header && next <= end);
        Ok(next.map(|next| (Span { kind, begin: at + n_header, end: next }, next)))
    }

    /// The first child of `parent` of this kind.
    fn child(&mut self, parent: Span, kind: [u8; 4]) -> io::Result<Option<Span>> {
        let mut at = parent.begin;
        while let Some((span, next)) = self.header(at, parent.end)? {
            if span.kind == kind {
                return Ok(Some(span));
            }
            at = next;
        }
        Ok(None)
    }

    /// Bytes of a box from `skip` on, as many as `N`.
    fn bytes<const N: usize>(&mut self, span: Span, skip: u64) -> io::Result<Option<[u8; N]>> {
        if span.end - span.begin < skip + N as u64 {
            return Ok(None);
        }
        let mut bytes = [0; N];
        read_at(self.source, span.begin + skip, &mut bytes)?;
        Ok(Some(bytes))
    }

    /// A 32-bit field of a box with versions, whose place depends on the version.
    fn field(&mut self, span: Span, version_0: u64, version_1: u64) -> io::Result<Option<u32>> {
        let Some([version]) = self.bytes(span, 0)? else { return Ok(None) };
        let at = if version == 0 { version_0 } else { version_1 };
        Ok(self.bytes(span, at)?.map(u32::from_be_bytes))
    }
}

/// The first edit of each track that has one.
pub(super) fn edits<S: Read + Seek>(source: &mut S) -> io::Result<Vec<TrackTiming>> {
    let end = source.seek(io::SeekFrom::End(0))?;
    let mut walk = Walk { source, n_boxes: 0 };
    let file = Span { kind: *b"file", begin: 0, end };
    let mut timings = Vec::new();
    let Some(movie) = walk.child(file, *b"moov")? else { return Ok(timings) };
    let Some(header) = walk.child(movie, *b"mvhd")? else { return Ok(timings) };
    let Some(movie_scale) = walk.field(header, 12, 20)? else { return Ok(timings) };
    let mut at = movie.begin;
    while let Some((span, next)) = walk.header(at, movie.end)? {
        if span.kind == *b"trak" {
            timings.extend(track(&mut walk, span, movie_scale)?);
        }
        at = next;
    }
    Ok(timings)
}

fn track<S: Read + Seek>(
    walk: &mut Walk<'_, S>,
    track: Span,
    movie_scale: u32,
) -> io::Result<Option<TrackTiming>> {
    let Some(header) = walk.child(track, *b"tkhd")? else { return Ok(None) };
    let Some(track_id) = walk.field(header, 12, 20)? else { return Ok(None) };
    let Some(media) = walk.child(track, *b"mdia")? else { return Ok(None) };
    let Some(header) = walk.child(media, *b"mdhd")? else { return Ok(None) };
    let Some(timescale) = walk.field(header, 12, 20)? else { return Ok(None) };
    let Some(edits) = walk.child(track, *b"edts")? else { return Ok(None) };
    let Some(list) = walk.child(edits, *b"elst")? else { return Ok(None) };
    let scales = Scales { movie: movie_scale, media: timescale };
    let stated = first_edit(walk, list, scales)?;
    Ok(stated.map(|stated| TrackTiming { track_id, stated }))
}

/// Units per second of the movie and of one track's media.
#[derive(Clone, Copy)]
struct Scales {
    movie: u32,
    media: u32,
}

fn first_edit<S: Read + Seek>(
    walk: &mut Walk<'_, S>,
    list: Span,
    scales: Scales,
) -> io::Result<Option<Stated>> {
    let Some([version, _, _, _]) = walk.bytes(list, 0)? else { return Ok(None) };
    let Some(n_edits) = walk.bytes(list, 4)?.map(u32::from_be_bytes) else { return Ok(None) };
    let n_bytes = if version == 0 { 12 } else { 20 };
    // An honest list begins with at most one empty edit.
    for edit in 0..u64::from(n_edits.min(4)) {
        let at = 8 + edit * n_bytes;
        let parsed = if version == 0 {
            walk.bytes(list, at)?.map(|bytes| {
                let (duration, time) = halves(bytes);
                (u64::from(u32::from_be_bytes(duration)), i64::from(i32::from_be_bytes(time)))
            })
        } else {
            let duration = walk.bytes(list, at)?.map(u64::from_be_bytes);
            duration.zip(walk.bytes(list, at + 8)?.map(i64::from_be_bytes))
        };
        let Some((duration, media_time)) = parsed else { return Ok(None) };
        // A negative time is an empty edit: silence before the start, which is no audio.
        let Ok(media_time) = u64::try_from(media_time) else { continue };
        let is_last = edit + 1 == u64::from(n_edits);
        let duration = if is_last { in_media_units(duration, scales) } else { None };
        return Ok(Some(Stated::Edit { media_time, duration, timescale: scales.media }));
    }
    Ok(None)
}

fn halves([a, b, c, d, rest @ ..]: [u8; 8]) -> ([u8; 4], [u8; 4]) {
    ([a, b, c, d], rest)
}

/// A duration of the movie's scale in the media's, with what one unit of the former is in the
/// latter; nothing for 0, which means "to the end".
fn in_media_units(duration: u64, scales: Scales) -> Option<(u64, u64)> {
    let movie = u128::from(scales.movie);
    if duration == 0 || movie == 0 {
        return None;
    }
    let units = u128::from(duration) * u128::from(scales.media) / movie;
    let rounding = u64::from(scales.media.div_ceil(scales.movie));
    Some((u64::try_from(units).ok()?, rounding))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::edits;
    use crate::container::{Stated, TrackTiming};

    fn boxed(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
        let n_bytes = u32::try_from(content.len() + 8).unwrap();
        [&n_bytes.to_be_bytes(), kind.as_slice(), content].concat()
    }

    /// A version-0 box whose 32-bit field at byte 12 is `value`.
    fn with_field(kind: [u8; 4], value: u32) -> Vec<u8> {
        boxed(kind, &[[0u8; 12].as_slice(), &value.to_be_bytes()].concat())
    }

    fn movie(list: &[u32]) -> Vec<u8> {
        let list: Vec<u8> = list.iter().flat_map(|word| word.to_be_bytes()).collect();
        let edits = boxed(*b"edts", &boxed(*b"elst", &list));
        let media = boxed(*b"mdia", &with_field(*b"mdhd", 44_100));
        let track = boxed(*b"trak", &[with_field(*b"tkhd", 7), edits, media].concat());
        let movie = boxed(*b"moov", &[with_field(*b"mvhd", 1_000), track].concat());
        [boxed(*b"ftyp", b"M4A "), boxed(*b"mdat", &[0; 100]), movie].concat()
    }

    fn check(list: &[u32], expected: Option<(u64, Option<(u64, u64)>)>) {
        let expected = expected.map(|(media_time, duration)| TrackTiming {
            track_id: 7,
            stated: Stated::Edit { media_time, duration, timescale: 44_100 },
        });
        let got = edits(&mut Cursor::new(movie(list))).unwrap();
        assert_eq!(got, expected.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn reads_the_edit_that_hides_the_priming() {
        check(&[0, 1, 2_000, 1_024, 1 << 16], Some((1_024, Some((88_200, 45)))));
    }

    #[test]
    fn skips_an_empty_edit() {
        check(&[0, 2, 500, u32::MAX, 1 << 16, 0, 2_112, 1 << 16], Some((2_112, None)));
    }

    #[test]
    fn gives_no_end_when_more_edits_follow() {
        check(&[0, 2, 500, 10, 1 << 16, 500, 99, 1 << 16], Some((10, None)));
    }

    #[test]
    fn survives_a_list_that_is_not_there() {
        check(&[0, u32::MAX], None);
        check(&[], None);
    }

    #[test]
    fn gives_nothing_for_every_cut() {
        let whole = movie(&[0, 1, 2_000, 1_024, 1 << 16]);
        for n_bytes in 0..whole.len() - 1 {
            let cut = edits(&mut Cursor::new(&whole[..n_bytes]));
            assert!(cut.map_or(true, |timings| timings.len() <= 1), "cut at {n_bytes}");
        }
    }
}
