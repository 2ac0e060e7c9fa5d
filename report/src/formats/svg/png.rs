//! A small writer of PNG: one byte a pixel, which is the index of a colour.
//!
//! # Source
//!
//! W3C Recommendation "Portable Network Graphics (PNG) Specification", third edition, sections 5, 7, 9 and 11.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

use super::palette;

/// The first eight bytes of every PNG.
const SIGNATURE: [u8; 8] = [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n'];
/// Eight bits a pixel, a palette, and the one compression, filter method and no interlacing.
const KIND: [u8; 5] = [8, 3, 0, 0, 0];

/// An image as Base64; `level(x, y)` is the brightness of the pixel in column `x` and row `y` from the top, 0 to 255.
pub(super) fn base64(width: u32, height: u32, level: impl Fn(u32, u32) -> u8) -> String {
    let mut rows = ZlibEncoder::new(Vec::new(), Compression::default());
    for y in 0..height {
        // Each row begins with the number of its filter: none.
        let row: Vec<u8> = std::iter::once(0).chain((0..width).map(|x| level(x, y))).collect();
        rows.write_all(&row).expect("a vector takes any bytes");
    }
    let rows = rows.finish().expect("a vector takes any bytes");

    let mut header = Vec::with_capacity(13);
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend(KIND);
    let mut png = SIGNATURE.to_vec();
    chunk(&mut png, *b"IHDR", &header);
    chunk(&mut png, *b"PLTE", palette::colours().as_flattened());
    chunk(&mut png, *b"IDAT", &rows);
    chunk(&mut png, *b"IEND", &[]);
    STANDARD.encode(png)
}

fn chunk(png: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    png.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
    let start = png.len();
    png.extend(name);
    png.extend(data);
    let mut crc = Crc::new();
    crc.update(&png[start..]);
    png.extend(crc.sum().to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_have_the_sums_of_the_standard() {
        // The last chunk is the same in every PNG (section 11.2.5).
        let png = STANDARD.decode(base64(2, 1, |x, _| u8::try_from(x).unwrap())).unwrap();
        assert!(png.ends_with(&[0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82]));
        assert_eq!(png[..8], SIGNATURE);
        assert_eq!(png[8..24], *b"\0\0\0\rIHDR\0\0\0\x02\0\0\0\x01");
    }
}
