//! Splitting a multistream packet into the packets of its streams.
//!
//! All streams but the last are in the self-delimiting form of RFC 6716 appendix B, which adds
//! one length to the form that decoders read. `opus-decoder` has a multistream type, but it takes
//! the first byte of a packet for its length; hence this module.

use std::ops::Range;

use crate::{Error, Result};

/// RFC 6716 §3.2.5: no packet has more than 120 ms, hence at most 48 frames of 2.5 ms.
const MAX_FRAMES: usize = 48;

/// A cursor over the bytes of one packet.
struct Bytes<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bytes<'_> {
    fn next(&mut self) -> Result<u8> {
        let byte = *self.bytes.get(self.at).ok_or_else(short)?;
        self.at += 1;
        Ok(byte)
    }

    /// A frame length in one or two bytes (RFC 6716 §3.2.1).
    fn length(&mut self) -> Result<usize> {
        let first = usize::from(self.next()?);
        if first < 252 { Ok(first) } else { Ok(first + 4 * usize::from(self.next()?)) }
    }

    fn skip(&mut self, n_bytes: usize) -> Result<()> {
        let end = self.at.checked_add(n_bytes).filter(|&end| end <= self.bytes.len());
        self.at = end.ok_or_else(short)?;
        Ok(())
    }
}

fn short() -> Error {
    Error::bad("an Opus packet is too short")
}

/// A self-delimited packet: how long it is, and where the length is that makes it so.
struct Delimited {
    n_bytes: usize,
    added: Range<usize>,
}

fn delimited(bytes: &[u8]) -> Result<Delimited> {
    let mut cursor = Bytes { bytes, at: 0 };
    let code = cursor.next()? & 3;
    let mut n_body = 0;
    let mut n_padding = 0;
    let mut n_frames = 1;
    match code {
        0 => {}
        1 => n_frames = 2,
        2 => n_body = cursor.length()?,
        _ => {
            let count = cursor.next()?;
            n_frames = usize::from(count & 0x3F);
            if n_frames == 0 || n_frames > MAX_FRAMES {
                return Err(Error::bad(format!("an Opus packet of {n_frames} frames")));
            }
            if count & 0x40 != 0 {
                loop {
                    let part = cursor.next()?;
                    n_padding += usize::from(part.min(254));
                    if part != 255 {
                        break;
                    }
                }
            }
            if count & 0x80 != 0 {
                for _ in 1..n_frames {
                    n_body += cursor.length()?;
                }
                n_frames = 1;
            }
        }
    }
    let begin = cursor.at;
    let last = cursor.length()?;
    let added = begin..cursor.at;
    cursor.skip(n_body + last * n_frames + n_padding)?;
    Ok(Delimited { n_bytes: cursor.at, added })
}

/// Cuts `packet` into one packet per stream, each in the form that a decoder reads.
///
/// # Errors
///
/// [`Error::BadMedia`] when a length points outside the packet.
pub(crate) fn split(packet: &[u8], n_streams: usize) -> Result<Vec<Vec<u8>>> {
    let mut rest = packet;
    let mut packets = Vec::with_capacity(n_streams);
    for _ in 1..n_streams {
        let found = delimited(rest)?;
        let (own, after) = rest.split_at(found.n_bytes);
        packets.push([&own[..found.added.start], &own[found.added.end..]].concat());
        rest = after;
    }
    packets.push(rest.to_vec());
    Ok(packets)
}

#[cfg(test)]
mod tests {
    use super::split;

    fn check(packet: &[u8], expected: &[&[u8]]) {
        assert_eq!(split(packet, expected.len()).unwrap(), expected);
    }

    #[test]
    fn takes_the_added_length_out_of_every_form() {
        // RFC 6716 appendix B, figures 26 to 29; 0xAA is the second stream.
        check(&[0xF8, 2, 1, 2, 0xAA], &[&[0xF8, 1, 2], &[0xAA]]);
        check(&[0xF9, 1, 7, 8, 0xAA], &[&[0xF9, 7, 8], &[0xAA]]);
        check(&[0xFA, 1, 2, 5, 6, 7, 0xAA], &[&[0xFA, 1, 5, 6, 7], &[0xAA]]);
        // Three frames of equal length, then two of unequal length with one byte of padding.
        check(&[0xFB, 3, 1, 5, 6, 7, 0xAA], &[&[0xFB, 3, 5, 6, 7], &[0xAA]]);
        check(
            &[0xFB, 0xC2, 1, 1, 2, 5, 6, 7, 0, 0xAA],
            &[&[0xFB, 0xC2, 1, 1, 5, 6, 7, 0], &[0xAA]],
        );
    }

    #[test]
    fn reads_lengths_of_two_bytes() {
        let mut packet = vec![0xF8, 252, 1];
        packet.extend([9; 256]);
        packet.push(0xAA);
        let packets = split(&packet, 2).unwrap();
        assert_eq!((packets[0].len(), packets[1].as_slice()), (257, [0xAA].as_slice()));
    }

    #[test]
    fn leaves_a_single_stream_as_it_is() {
        check(&[1, 2, 3], &[&[1, 2, 3]]);
    }

    #[test]
    fn refuses_lengths_outside_the_packet() {
        for packet in [&[][..], &[0xF8], &[0xF8, 9, 1], &[0xFB, 0, 0], &[0xFB, 0x43, 255, 255]] {
            assert_eq!(split(packet, 2).unwrap_err().code(), "bad_media");
        }
    }
}
